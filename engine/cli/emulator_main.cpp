// `sluice emulator` starts this program. It is one of its own so that the one that holds production
// credentials has no server in it and does not load what a server needs.

#include "cli/options.hpp"
#include "cli/process.hpp"
#include "cli/program.hpp"
#include "cli/system.hpp"
#include "emulator/server.hpp"

#include <fmt/format.h>

#include <thread>

namespace sluice::cli {

namespace {

constexpr Millis kPause{100};

std::string introduction(int port) {
  const emulator::Access access;
  return fmt::format(
      "The embedded platform listens on http://127.0.0.1:{0}. In another terminal:\n\n"
      "  export AEP_ENDPOINT=http://127.0.0.1:{0} AEP_IMS=http://127.0.0.1:{0}\n"
      "  export AEP_CLIENT_ID={1} AEP_CLIENT_SECRET={2} AEP_ORG_ID={3}\n"
      "  sluice plan\n\n"
      "It keeps everything in memory. Ctrl-C ends it.\n",
      port, access.client_id, access.client_secret, access.org);
}

ExitCode serve(World& world, const EmulatorCommand& command) {
  const Draining draining;
  emulator::Platform platform(world.clock, world.random);
  emulator::Server server(platform);
  server.set_latency(Millis(command.latency_ms));
  const int port = server.bind(command.port);
  if (port == 0) {
    throw Fatal(ExitCode::failed, fmt::format("Port {} cannot be had", command.port),
                "Another program may use it; --port 0 takes any free one.");
  }
  // Its credentials are made up and printed on purpose, so they do not pass the redactor.
  world.out << introduction(port) << std::flush;
  if (!command.quiet) {
    server.set_on_request([&world](const std::string& line) { world.say(line + "\n"); });
  }
  std::thread serving([&server] { server.run(); });
  while (caught_signal() == 0)
    world.clock.wait(kPause);
  server.stop();
  serving.join();
  return ExitCode::done;
}

ExitCode run(World& world, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "emulator");
  return guarded(world, [&world, &arguments] {
    const Command command = parse_command_line(arguments);
    if (const auto* help = std::get_if<Help>(&command)) {
      world.print(help->text);
      return ExitCode::done;
    }
    return serve(world, std::get<EmulatorCommand>(command));
  });
}

}  // namespace

}  // namespace sluice::cli

int main(int argc, char** argv) {
  sluice::cli::Process process("sluice-emulator", argc, argv);
  return static_cast<int>(sluice::cli::run(process.world(), process.arguments()));
}
