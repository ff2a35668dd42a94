// What a command throws is told, and ends in an exit code.

#include "cli/program.hpp"

#include "cli/world.hpp"
#include "core/fatal.hpp"
#include "support/memory_files.hpp"
#include "support/sim_clock.hpp"
#include "unit/cli/desk.hpp"

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

TEST_CASE("program: who cannot read the report of a change is told that the change was made") {
  Desk desk;
  std::ostream broken(nullptr);
  const Said plan = desk.run({"plan", "--local"}, &broken);
  CHECK(plan.code == 1);
  CHECK(plan.err ==
        "error: The result cannot be written to standard output\n"
        "  Is the disk full, or did the reader end?\n");
  const auto told_after = [&](const std::vector<std::string>& command) {
    const Said said = desk.run(command, &broken);
    CHECK(said.code == 1);
    return said.err.substr(said.err.rfind("error:"));
  };
  CHECK(told_after({"apply", "--local", "--yes"}) ==
        "error: The result cannot be written to standard output\n"
        "  Apply complete: 4 created, 0 updated, 0 replaced, 0 deleted. All of it is in the state. "
        "Only the report of it is missing. Is the disk full, or did the reader end?\n");
  CHECK(has(told_after({"apply", "--local", "--yes"}), "Nothing had to be changed."));
  CHECK(has(told_after({"state", "mv", "--local", "pipelines.events.flow", "pipelines.other.flow"}),
            "The state is saved."));
  CHECK(has(told_after({"state", "rm", "--local", "pipelines.other.flow"}), "The state is saved."));
}

TEST_CASE("program: who cannot read the report of a destroy is told what was deleted") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  std::ostream broken(nullptr);
  const Said said = desk.run({"destroy", "--local", "--yes"}, &broken);
  CHECK(said.code == 1);
  CHECK(has(said.err, "Destroy complete: 0 created, 0 updated, 0 replaced, 4 deleted. All of it"));
}
