// In what order apply makes its calls, and how long they take together, in simulated time.

#include "support/engine.hpp"
#include "support/memory_files.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr Millis kLatency{20};
constexpr int kSlots = 4;  // Of the test's engine.

std::string many_pipelines(int count) {
  std::string text =
      "sluice: 1\nname: many\nplatform: {sandbox: dev}\npipelines:\n  p:\n    for_each:\n";
  for (int i = 0; i < count; ++i)
    text += fmt::format("      - b{}\n", i);
  return text +
         "    source: {connector: customer.io}\n"
         "    target:\n      dataset: \"63ec807d3f5ce91bd2d06c65\"\n"
         "      schema: {id: \"https://ns.adobe.com/extconndev/schemas/"
         "945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a\", version: 1}\n"
         "    mapping: [{source: event_id, destination: _extconndev.event_id}]\n";
}

/// An empty platform that answers each call after `kLatency`, and one process.
struct Stage {
  std::size_t count(const std::string& collection) const {
    return platform.ids("dev", collection).size();
  }

  SimClock clock;
  SeededRandom random{1};
  emulator::Platform platform{clock, random};
  emulator::EmulatorTransport transport{platform, clock, {kLatency, Millis(60'000), {}}};
  MemoryFiles files;
  Engine engine{transport, clock, random, files};
};

}  // namespace

TEST_CASE("apply: makes other objects while the platform enables flows, and looks once at each") {
  constexpr int kPipelines = 400;
  Stage stage;
  const std::vector<Resource> desired = read_resources(many_pipelines(kPipelines));
  const Millis begin = stage.clock.monotonic();
  CHECK(stage.engine.apply(desired).complete());
  const Millis took = stage.clock.monotonic() - begin;
  // Four objects and one look at the flow for each pipeline, and a list of each of four kinds.
  const int calls = 5 * kPipelines + 4;
  CHECK(stage.engine.remote().calls() == calls);
  CHECK(took * 10 <= calls * kLatency / kSlots * 11);
}

TEST_CASE("apply: stopped halfway, it leaves few pipelines unfinished") {
  Stage stage;
  stage.engine.options().interrupted = [&stage] {
    return stage.count("sourceConnections") + stage.count("targetConnections") +
               stage.count("mappingSets") + stage.count("flows") >=
           80;
  };
  CHECK(stage.engine.apply(read_resources(many_pipelines(50))).interrupted);
  // As many steps wait for a slot as have one, each of them of another pipeline at worst, and three
  // objects of each of those may be there: the others are whole.
  CHECK(stage.count("flows") >= (80 - 3 * 2 * kSlots) / 4);
}
