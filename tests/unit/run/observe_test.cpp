// What the reads of a plan cost: counted on the embedded platform.

#include "run/observe.hpp"

#include "support/engine.hpp"
#include "support/memory_files.hpp"
#include "support/specs.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::test;

namespace {

struct Site {
  SimClock clock;
  SeededRandom random{5};
  emulator::Platform platform{clock, random};
  MemoryFiles files;
  emulator::EmulatorTransport transport{platform, clock};
  Engine engine{transport, clock, random, files};

  /// The resources of so many pipelines, once they are there.
  std::vector<Resource> applied(int pipelines) {
    std::vector<Resource> desired = read_resources(many_pipelines(pipelines));
    REQUIRE(engine.apply(desired).complete());
    return desired;
  }

  /// How many calls a plan makes; it is kept in `plan`.
  std::size_t plan_calls(const std::vector<Resource>& desired) {
    platform.clear_log();
    plan = engine.plan(desired);
    return platform.log().size();
  }
  std::size_t single_reads() const {
    std::size_t count = 0;
    for (const std::string& line : platform.log()) {
      for (const char* part :
           {"/flows/", "/sourceConnections/", "/targetConnections/", "/mappingSets/"})
        if (line.find(part) != std::string::npos) ++count;
    }
    return count;
  }

  Plan plan;
};

}  // namespace

TEST_CASE("observe: few objects are read by id, one call each") {
  Site site;
  const auto desired = site.applied(2);
  CHECK(site.plan_calls(desired) == 8);
  CHECK(site.single_reads() == 8);
  CHECK(!site.plan.has_changes());
}

TEST_CASE("observe: many are read by pages, and all that the plan needs is in them") {
  Site site;
  const auto desired = site.applied(150);
  // Two pages for each of the four kinds, at a hundred a page.
  CHECK(site.plan_calls(desired) == 8);
  CHECK(site.single_reads() == 0);
  CHECK(!site.plan.has_changes());
}

TEST_CASE("observe: what a page does not show is read by id, so that nothing passes for gone") {
  Site site;
  const auto desired = site.applied(150);
  const auto flows = site.platform.ids("dev", "flows");
  REQUIRE(site.platform.erase("flows", flows.at(3)));
  REQUIRE(site.platform.edit("flows", flows.at(7), "name", "Renamed by hand"));
  // The lost one is read, looked for by its name, and once more as one that is to be made.
  CHECK(site.plan_calls(desired) == 11);
  CHECK(site.single_reads() == 1);
  CHECK(count(site.plan).create == 1);
  CHECK(count(site.plan).update == 1);
}

TEST_CASE(
    "observe: in a sandbox full of other people's objects it never costs much more than ids") {
  Site site;
  (void)site.applied(150);
  // The state is lost and another spec has its own four: none of them is on the first page.
  MemoryFiles files;
  Engine engine(site.transport, site.clock, site.random, files);
  std::string text = many_pipelines(4);
  for (std::size_t at = text.find("many"); at != std::string::npos; at = text.find("many", at + 1))
    text.replace(at, 4, "ours");
  const auto desired = read_resources(text);
  REQUIRE(engine.apply(desired).complete());
  site.platform.clear_log();
  const Plan plan = engine.plan(desired);
  CHECK(!plan.has_changes());
  CHECK(site.platform.log().size() <= desired.size());
}
