#include "report/status.hpp"

#include "plans.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <string>

using namespace sluice;
using namespace sluice::test;
using report::add_drift;
using report::PipelineStatus;
using report::status_text;

namespace {

PipelineStatus enabled(const std::string& pipeline) {
  PipelineStatus status;
  status.pipeline = pipeline;
  status.flow_id = "flow-1";
  status.flow = "enabled";
  status.inlet = true;
  return status;
}

PipelineStatus not_created(const std::string& pipeline) {
  PipelineStatus status;
  status.pipeline = pipeline;
  status.flow = "not created";
  return status;
}

/// A success in which two records failed.
kinds::FlowRun last_run_with_failures() {
  kinds::FlowRun run;
  run.id = "run-1";
  run.started_at = 1755319990000;
  run.status = kinds::RunStatus::success;
  run.records_failed = 2;
  return run;
}

Drift drift(const Address& address, const std::string& field) {
  return {address, field, "a", "b", "", 0};
}

}  // namespace

TEST_CASE("status_text: a line a pipeline, with failed records and drift in it") {
  PipelineStatus leaky = enabled("pipelines.events");
  leaky.last_run = last_run_with_failures();
  leaky.drifted = {"flow.description"};
  PipelineStatus gone = enabled("pipelines.gone");
  gone.flow = "gone";
  gone.inlet = false;
  gone.deleted = {"flow", "source"};
  CHECK(
      status_text({leaky, gone, enabled("pipelines.new"), not_created("pipelines.next")}, 0, {}) ==
      "PIPELINE          FLOW         INLET  LAST RUN                                DRIFT\n"
      "pipelines.events  enabled      yes    success 2025-08-16T04:53:10Z, 2 failed  "
      "flow.description\n"
      "pipelines.gone    gone         no     -                                       "
      "flow deleted and source deleted\n"
      "pipelines.new     enabled      yes    none                                    none\n"
      "pipelines.next    not created  no     -                                       -\n");
}

TEST_CASE("status_text: names a few of many drifted fields, and drift that is elsewhere") {
  PipelineStatus status = enabled("p");
  status.drifted = {"flow.name", "flow.description", "mapping.name", "source.name", "target.name"};
  const std::string text = status_text({status}, 2, {});
  CHECK(text.find("flow.name, flow.description, mapping.name and 2 more\n") != std::string::npos);
  CHECK(text.ends_with("\n\nDrift in 2 objects outside of pipelines; `sluice drift` shows it.\n"));
  CHECK(status_text({}, 0, {}) == "There are no pipelines.\n");
}

TEST_CASE("status_text: colour is only added, and others' text is harmless") {
  PipelineStatus status = enabled("p");
  status.flow = "\x1b[2Jodd";
  status.last_run = last_run_with_failures();
  status.last_run->status = kinds::RunStatus::unknown;
  status.last_run->status_word = "\x1b[2J";
  status.drifted = {"mapping.rows[\x1b[2J]"};
  const std::string plain = status_text({status}, 0, {});
  CHECK(plain.find('\x1b') == std::string::npos);
  const std::regex code("\x1b\\[[0-9]+m");
  CHECK(status_text({status}, 0, {true}) != plain);
  CHECK(std::regex_replace(status_text({status}, 0, {true}), code, "") == plain);
}

TEST_CASE("add_drift: each drift goes to its pipeline, each field once, and the rest is counted") {
  Plan plan = empty_plan();
  plan.drift = {drift(part("flow"), "description"), drift(part("flow"), "description"),
                drift({"pipelines", "events", "acme", "flow"}, "name"),
                drift({"datasets", "events", "", ""}, "name"),
                drift({"datasets", "events", "", ""}, "description")};
  plan.steps = {step("mapping", "mappingSet", Action::forget, Reason::gone),
                step("source", "sourceConnection", Action::forget, Reason::not_in_spec)};
  std::vector<PipelineStatus> pipelines = {enabled("pipelines.events"),
                                           enabled("pipelines.events[\"acme\"]")};
  CHECK(add_drift(plan, pipelines) == 1);
  CHECK(pipelines[0].drifted == std::vector<std::string>{"flow.description"});
  CHECK(pipelines[0].deleted == std::vector<std::string>{"mapping"});
  CHECK(pipelines[1].drifted == std::vector<std::string>{"flow.name"});
  CHECK(pipelines[1].deleted.empty());
}

TEST_CASE("status_document: has every key, and never a URL") {
  PipelineStatus leaky = enabled("pipelines.events");
  leaky.last_run = last_run_with_failures();
  leaky.drifted = {"flow.description"};
  const Json document = report::status_document({leaky, not_created("pipelines.next")}, 3);
  CHECK(document.at("format_version") == 1);
  CHECK(document.at("drifted_elsewhere") == 3);
  Json first = document.at("pipelines").at(0);
  CHECK(first.at("last_run").at("records_failed") == 2);
  first.erase("last_run");
  CHECK(first == Json({{"pipeline", "pipelines.events"},
                       {"flow_id", "flow-1"},
                       {"flow", "enabled"},
                       {"inlet", true},
                       {"drifted", Json::array({"flow.description"})},
                       {"deleted", Json::array()}}));
  CHECK(document.at("pipelines").at(1).at("flow_id").is_null());
  CHECK(document.at("pipelines").at(1).at("last_run").is_null());
}
