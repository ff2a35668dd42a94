// What a command throws is told, and ends in an exit code.

#include "cli/program.hpp"

#include "cli/world.hpp"
#include "core/fatal.hpp"
#include "support/memory_files.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

#include <new>
#include <sstream>
#include <stdexcept>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("guarded: whatever a command throws is told, and where what was done is to be found") {
  SimClock clock;
  SeededRandom random{1};
  MemoryFiles files;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  cli::World world{clock, random, files, in, out, err};
  const auto told_of = [&](const std::function<ExitCode()>& command) {
    err.str("");
    CHECK(cli::guarded(world, command) == ExitCode::failed);
    return err.str();
  };
  CHECK(told_of([]() -> ExitCode { throw std::bad_alloc(); }) ==
        "error: There is not enough memory to go on\n"
        "  What was done is in the state or its journal. Let the program have more, and run the "
        "command again.\n");
  CHECK(told_of([]() -> ExitCode { throw std::runtime_error("x"); }) ==
        "error: This should not happen: x\n"
        "  What was done is in the state or its journal. Please report this.\n");
  CHECK(told_of([]() -> ExitCode { throw Fatal(ExitCode::failed, "It failed", "Try it"); }) ==
        "error: It failed\n  Try it\n");
}
