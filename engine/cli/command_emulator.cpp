#include "cli/commands.hpp"
#include "cli/system.hpp"

namespace sluice::cli {

namespace {

constexpr const char* kProgram = "sluice-emulator";

}  // namespace

ExitCode run_emulator(World&, const EmulatorCommand& command) {
  const std::string folder = program_folder();
  std::vector<std::string> arguments = {folder + "/" + kProgram, "--port",
                                        std::to_string(command.port), "--latency",
                                        std::to_string(command.latency_ms)};
  if (command.quiet) arguments.push_back("--quiet");
  const std::string why = become(arguments);
  throw Fatal(ExitCode::failed, arguments.front() + " cannot be started: " + why,
              "It is built together with sluice; keep the two in one folder.");
}

}  // namespace sluice::cli
