// What leaves the program passes the redactor, whichever way it goes.

#include "cli/world.hpp"

#include "http/secret.hpp"
#include "support/memory_files.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

struct Streams {
  SimClock clock;
  SeededRandom random{1};
  MemoryFiles files;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  cli::World world{clock, random, files, in, out, err};
};

}  // namespace

TEST_CASE("world: no secret leaves it, neither as a result nor as a message nor in a diagnostic") {
  Streams s;
  s.world.redactor.learn(http::Secret("hunter2-hunter2"));
  s.world.print("the result hunter2-hunter2 ends");
  CHECK(s.out.str() == "the result *** ends");
  s.world.say("the message hunter2-hunter2 ends");
  CHECK(s.err.str() == "the message *** ends");
  s.err.str("");
  s.world.say({Severity::error, {}, "It is hunter2-hunter2", "Not hunter2-hunter2", {}}, {});
  CHECK(s.err.str() == "error: It is ***\n  Not ***\n");
}

TEST_CASE(
    "world: a GitHub job's log is told of each secret, once and in one line; others are not") {
  for (const bool is_job : {true, false}) {
    Streams s;
    if (is_job)
      s.world.environment =
          cli::Environment(std::map<std::string, std::string>{{"GITHUB_ACTIONS", "true"}});
    s.world.mask_in_job_log();
    s.world.redactor.learn(http::Secret("one\n::stop 100%"));
    s.world.redactor.learn(http::Secret("one\n::stop 100%"));
    CHECK(s.err.str() == (is_job ? "::add-mask::one%0A::stop 100%25\n" : ""));
    CHECK(s.out.str() == "");
  }
}
