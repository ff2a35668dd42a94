#pragma once

// The whole program on a disk in memory, with the example's spec and the embedded platform, under a
// simulated clock.

#include "cli/program.hpp"
#include "core/json.hpp"
#include "emulator/transport.hpp"
#include "support/memory_files.hpp"
#include "support/places.hpp"
#include "support/read_text.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace sluice::test {

inline constexpr const char* kSpecPath = "specs/customerio.yaml";
inline constexpr const char* kStatePath = "state/customerio.local.json";

/// What a command printed, and its exit code.
struct Said {
  int code = 0;
  std::string out;
  std::string err;
};

struct Desk {
  Desk() { files.put(kSpecPath, read_text(source_dir() + "/specs/customerio.yaml")); }

  /// `out` takes the results where it is given: one that fails is a reader that is gone.
  Said run(const std::vector<std::string>& arguments, std::ostream* out = nullptr) {
    std::istringstream in;
    std::ostringstream results;
    std::ostringstream messages;
    cli::World world{clock, random, files, in, out == nullptr ? results : *out, messages};
    world.environment = cli::Environment(environment);
    world.err_is_terminal = err_is_terminal;
    world.network = network;
    world.user = "ana";
    world.host = "build-7";
    world.pid = 4711;
    world.command_line = "sluice";
    for (const std::string& argument : arguments)
      world.command_line += " " + argument;
    Said said;
    said.code = static_cast<int>(cli::run_program(world, arguments));
    said.out = results.str();
    said.err = messages.str();
    return said;
  }

  /// A run that is to succeed.
  Said good(const std::vector<std::string>& arguments) {
    Said said = run(arguments);
    INFO(said.out, said.err);
    REQUIRE(said.code == 0);
    return said;
  }

  SimClock clock;
  SeededRandom random{1};
  MemoryFiles files;
  std::map<std::string, std::string> environment;
  bool err_is_terminal = false;
  /// What calls go out on without --local.
  std::function<std::unique_ptr<http::Transport>(const http::CurlOptions&)> network;
};

/// Passes calls on to a platform, but for those that a test answers.
class AnsweringTransport final : public http::Transport {
 public:
  using Answer = std::function<std::optional<http::Outcome>(const http::Request&)>;

  AnsweringTransport(emulator::Platform& platform, Clock& clock, const Answer& answer)
      : platform_(platform, clock), answer_(answer) {}

  void start(http::Request request, Done done) override {
    auto outcome = answer_ ? answer_(request) : std::nullopt;
    if (!outcome) return platform_.start(std::move(request), std::move(done));
    answered_.emplace_back(std::move(*outcome), std::move(done));
  }

  void poll(Millis wait) override {
    if (answered_.empty()) return platform_.poll(wait);
    auto [outcome, done] = std::move(answered_.front());
    answered_.pop_front();
    done(std::move(outcome));
  }

 private:
  emulator::EmulatorTransport platform_;
  const Answer& answer_;
  std::deque<std::pair<http::Outcome, Done>> answered_;
};

/// A desk whose platform is elsewhere, and answers what a test wants. Its state is the one that the
/// desk has with --local.
struct NetworkDesk : Desk {
  NetworkDesk() {
    const emulator::Access access;
    environment = {{"AEP_ENDPOINT", "https://platform.example"},
                   {"AEP_ACCESS_TOKEN", access.access_token},
                   {"AEP_API_KEY", access.client_id},
                   {"AEP_ORG_ID", access.org}};
    network = [this](const http::CurlOptions&) {
      return std::make_unique<AnsweringTransport>(platform, clock, answer);
    };
  }

  /// Runs a command on that state.
  Said on_state(std::vector<std::string> arguments, std::ostream* out = nullptr) {
    arguments.insert(arguments.end(), {"--state", kStatePath});
    return run(arguments, out);
  }

  SeededRandom luck{2};
  emulator::Platform platform{clock, luck};
  AnsweringTransport::Answer answer;
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace sluice::test
