// What leaves the program passes the redactor, whichever way it goes.

#include "cli/world.hpp"

#include "http/secret.hpp"
#include "support/memory_files.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("world: no secret leaves it, neither as a result nor as a message nor in a diagnostic") {
  SimClock clock;
  SeededRandom random(1);
  MemoryFiles files;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  cli::World world{clock, random, files, in, out, err};
  world.redactor.learn(http::Secret("hunter2-hunter2"));
  world.print("the result hunter2-hunter2 ends");
  CHECK(out.str() == "the result *** ends");
  world.say("the message hunter2-hunter2 ends");
  CHECK(err.str() == "the message *** ends");
  err.str("");
  world.say({Severity::error, {}, "It is hunter2-hunter2", "Not hunter2-hunter2", {}}, {});
  CHECK(err.str() == "error: It is ***\n  Not ***\n");
}
