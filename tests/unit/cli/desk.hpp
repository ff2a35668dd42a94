#pragma once

// The whole program on a disk in memory, with the example's spec and the embedded platform, under a
// simulated clock.

#include "cli/program.hpp"
#include "core/json.hpp"
#include "support/memory_files.hpp"
#include "support/read_text.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

#include <map>
#include <sstream>
#include <string>
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
  Desk() { files.put(kSpecPath, read_text(SLUICE_SOURCE_DIR "/specs/customerio.yaml")); }

  /// `out` takes the results where it is given: one that fails is a reader that is gone.
  Said run(const std::vector<std::string>& arguments, std::ostream* out = nullptr) {
    std::istringstream in;
    std::ostringstream results;
    std::ostringstream messages;
    cli::World world{clock, random, files, in, out == nullptr ? results : *out, messages};
    world.environment = cli::Environment(environment);
    world.err_is_terminal = err_is_terminal;
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
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace sluice::test
