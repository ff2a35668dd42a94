#include "cli/pipelines.hpp"

#include "core/fatal.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::cli;

namespace {

const std::vector<PipelineFlow> kAll = {{"pipelines.brands[\"acme\"]", "flow-1"},
                                        {"pipelines.brands[\"b & b\"]", "flow-2"},
                                        {"pipelines.events", "flow-3"},
                                        {"pipelines.next", ""}};

std::string chosen(const std::string& wanted) {
  std::string ids;
  for (const PipelineFlow& pipeline : with_flows(kAll, wanted))
    ids += pipeline.flow_id + " ";
  return ids;
}

/// What is said about a name that is refused.
std::string refusal_of(const std::string& wanted, ExitCode code) {
  try {
    (void)with_flows(kAll, wanted);
    return "nothing";
  } catch (const Fatal& fatal) {
    CHECK(fatal.code() == code);
    return fatal.diagnostic().summary + ". " + fatal.diagnostic().detail;
  }
}

Record record(const std::string& part, const std::string& id) {
  Record result;
  result.address = {"pipelines", "events", "", part};
  result.id = id;
  return result;
}

}  // namespace

TEST_CASE("with_flows: a pipeline is named with or without its section, and all of its instances") {
  CHECK(chosen("") == "flow-1 flow-2 flow-3 ");
  CHECK(chosen("events") == "flow-3 ");
  CHECK(chosen("pipelines.events") == "flow-3 ");
  CHECK(chosen("pipelines.brands[\"acme\"]") == "flow-1 ");
  CHECK(chosen("brands[\"b & b\"]") == "flow-2 ");
  CHECK(chosen("brands") == "flow-1 flow-2 ");
  CHECK(chosen("pipelines.brands") == "flow-1 flow-2 ");
}

TEST_CASE("with_flows: a slip gets a guess, and a pipeline without a flow is told apart") {
  CHECK(refusal_of("evnts", ExitCode::usage) ==
        "There is no pipeline `evnts`. Did you mean `events`?");
  CHECK(refusal_of("pipelines.brands[\"acne\"]", ExitCode::usage) ==
        "There is no pipeline `pipelines.brands[\"acne\"]`. Did you mean "
        "`pipelines.brands[\"acme\"]`?");
  CHECK(refusal_of("\x1b[2Jsomething", ExitCode::usage) ==
        "There is no pipeline `\\x1b[2Jsomething`. `sluice status` shows what there is.");
  CHECK(refusal_of("next", ExitCode::failed) ==
        "The pipeline `next` has no flow yet. Run `sluice apply` first.");
}

TEST_CASE("pipelines_of: a pipeline is there before its flow, and stays while a part of it does") {
  State state;
  state.records.emplace(record("source", "s").address, record("source", "s"));
  auto pipelines = pipelines_of(state, std::nullopt);
  REQUIRE(pipelines.size() == 1);
  CHECK(pipelines[0].pipeline == "pipelines.events");
  CHECK(pipelines[0].flow_id.empty());
  state.records.emplace(record("flow", "f").address, record("flow", "f"));
  Record data_set;
  data_set.address = {"datasets", "events", "", ""};
  state.records.emplace(data_set.address, data_set);
  pipelines = pipelines_of(state, std::nullopt);
  REQUIRE(pipelines.size() == 1);
  CHECK(pipelines[0].flow_id == "f");
}
