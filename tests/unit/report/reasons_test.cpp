#include "plans.hpp"
#include "report/text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// What stands in parentheses behind a step's kind.
std::string reason_in(const Plan& plan, const Step& step) {
  const std::string text = report::plan_text(plan, {});
  const std::size_t at = text.find(step.address.text());
  const std::size_t open = text.find('(', at);
  return text.substr(open + 1, text.find(")\n", open) - open - 1);
}

std::string reason_of(const Step& step) {
  Plan plan = empty_plan();
  plan.steps = {step};
  return reason_in(plan, step);
}

Change following(const std::string& field, const std::string& reference, bool forces) {
  return {field, "old", ref(reference), Cause::follows, forces};
}

}  // namespace

TEST_CASE("reasons: each is said in plain words") {
  struct Row {
    Action action;
    Reason reason;
    std::string words;
  };
  const std::vector<Row> rows = {
      {Action::update, Reason::equal, "nothing differs"},
      {Action::create, Reason::not_recorded, "new in the spec"},
      {Action::create, Reason::gone, "deleted outside of the spec"},
      {Action::forget, Reason::gone, "no longer on the platform"},
      {Action::update, Reason::spec_changed, "the spec changed"},
      {Action::update, Reason::drifted, "changed outside of the spec"},
      {Action::update, Reason::spec_and_drift, "the spec and the object both changed"},
      {Action::replace, Reason::create_only, "follows what it is built on"},
      {Action::replace, Reason::requested, "asked for with --replace"},
      {Action::update, Reason::follows, "follows what it is built on"},
      {Action::remove, Reason::not_in_spec, "no longer in the spec"},
      {Action::remove, Reason::destroyed, "destroy was asked for"},
      {Action::remove, Reason::replaced_before, "left from an earlier apply"}};
  for (const Row& row : rows) {
    const Step flow = step_on("flow", "flow", row.action, row.reason, kFlowId, kFlowName);
    CHECK(reason_of(flow) == row.words);
  }
}

TEST_CASE("reasons: a replacement names the fields that force it") {
  Step target = step_on("target", "targetConnection", Action::replace, Reason::create_only,
                        kTargetId, "Target");
  target.changes = {{"dataset", "a", "b", Cause::spec, true},
                    {"description", "a", "b", Cause::spec, false},
                    {"format", "a", "b", Cause::drift, true},
                    {"schema.id", "a", "b", Cause::both, true}};
  CHECK(reason_of(target) == "dataset, format and schema.id can only be set on create");
}

TEST_CASE("reasons: what follows names what it follows, by the changes") {
  Step flow = step_on("flow", "flow", Action::update, Reason::follows, kFlowId, kFlowName);
  flow.changes = {following("mapping.version", "pipelines.events.mapping.version", false)};
  CHECK(reason_of(flow) == "follows its mapping");
  flow.changes.push_back(following("target", "datasets.events.id", false));
  CHECK(reason_of(flow) == "follows datasets.events and its mapping");

  // A replacement follows only what forces it.
  flow.action = Action::replace;
  flow.reason = Reason::create_only;
  flow.changes = {following("mapping.version", "pipelines.events.mapping.version", false),
                  following("source", "pipelines.events.source.id", true)};
  CHECK(reason_of(flow) == "follows its source");
}

TEST_CASE("reasons: without changes, what is followed is where the replacement began") {
  const Step source =
      step_on("source", "sourceConnection", Action::replace, Reason::follows, kSourceId, "Source");
  const Step target = step_on("target", "targetConnection", Action::replace, Reason::requested,
                              kTargetId, "Target");
  Step elsewhere = target;
  elsewhere.address.key = "other";
  Plan plan = empty_plan();
  plan.steps = {source, elsewhere};
  CHECK(reason_in(plan, source) == "follows what it is built on");
  // The flow is drawn in as well, by the target.
  Step flow = step_on("flow", "flow", Action::replace, Reason::create_only, kFlowId, kFlowName);
  flow.changes = {following("target", "pipelines.events.target.id", true)};
  plan.steps = {source, target, flow};
  CHECK(reason_in(plan, source) == "follows its target");

  Step changed = target;
  changed.reason = Reason::create_only;
  changed.changes = {{"dataset", "a", "b", Cause::spec, true}};
  plan.steps = {source, changed, flow};
  CHECK(reason_in(plan, source) == "follows its target");
}
