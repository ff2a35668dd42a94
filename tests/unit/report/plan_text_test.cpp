#include "plans.hpp"
#include "report/text.hpp"
#include "support/golden.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <sstream>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using report::plan_text;
using report::Style;

namespace {

std::string plain(const Plan& plan) {
  return plan_text(plan, Style{});
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Plan plan_with(Step step) {
  Plan plan = empty_plan();
  plan.steps = {std::move(step)};
  return plan;
}

Plan plan_with_change(Change change) {
  Step flow = step_on("flow", "flow", Action::update, Reason::spec_changed, kFlowId, kFlowName);
  flow.changes = {std::move(change)};
  return plan_with(flow);
}

Plan destroy_plan() {
  Plan plan = empty_plan();
  plan.mode = PlanMode::destroy;
  plan.steps = {
      step_on("flow", "flow", Action::remove, Reason::destroyed, kFlowId, kFlowName),
      step_on("mapping", "mappingSet", Action::forget, Reason::gone, kMappingId, "Mapping"),
      step_on("source", "sourceConnection", Action::remove, Reason::destroyed, kSourceId,
              "Streaming Source Connection for Customer.io")};
  return plan;
}

Plan refresh_plan() {
  Plan plan = empty_plan();
  plan.mode = PlanMode::refresh_only;
  plan.steps = {
      step_on("flow", "flow", Action::noop, Reason::equal, kFlowId, kFlowName),
      step_on("target", "targetConnection", Action::forget, Reason::gone, kTargetId, "Target")};
  plan.drift = {{part("flow"), "description", "as applied", "by hand", "", 1'767'323'045'000},
                {part("flow"), "state", "enabled", "disabled", "", 1'767'323'045'000}};
  return plan;
}

Plan hostile_plan() {
  Plan plan = empty_plan();
  plan.place.sandbox = "dev\x1b[2J";
  Step flow = step_on("flow", "flow", Action::update, Reason::spec_changed, "id\r\n::error::x",
                      "a\" -> \"b\nPlan: 0 to create");
  flow.changes = {
      {"rows[_t.\x1b[31mx]",
       {{"type", "attribute"}, {"source", "a\x1b]0;t\x07"}},
       {{"type", "attribute"}, {"source", "##[error]b"}},
       Cause::spec,
       false},
      {"description", "\xe2\x80\xaeright to left", "bad \xff byte", Cause::spec, false}};
  flow.address.instance = "x\n::set-output name=a::b";
  plan.steps = {flow};
  plan.drift = {{part("source"), "name", "a", "b", "eve\n::warning::", 1}};
  return plan;
}

std::vector<Plan> every_plan() {
  return {create_plan(),  mixed_plan(),   destroy_plan(),
          refresh_plan(), hostile_plan(), empty_plan()};
}

}  // namespace

TEST_CASE("plan_text: whole plans look as they were designed") {
  check_golden("plan/create.txt", plain(create_plan()));
  check_golden("plan/mixed.txt", plain(mixed_plan()));
  check_golden("plan/destroy.txt", plain(destroy_plan()));
  check_golden("plan/refresh_only.txt", plain(refresh_plan()));
  check_golden("plan/hostile.txt", plain(hostile_plan()));
  check_golden("plan/no_changes.txt", plain(empty_plan()));
}

TEST_CASE("plan_text: without colour it is the coloured text less its codes") {
  const std::regex code("\x1b\\[[0-9]+m");
  for (const Plan& plan : every_plan()) {
    const std::string coloured = plan_text(plan, Style{true});
    CHECK(std::regex_replace(coloured, code, "") == plain(plan));
    CHECK(coloured != plain(plan));
  }
  const std::string coloured = plan_text(mixed_plan(), Style{true});
  CHECK(has(coloured, "\x1b[33m~\x1b[0m \x1b[1mpipelines.events.source\x1b[0m"));
  CHECK(has(coloured, "\x1b[35m+/-\x1b[0m \x1b[1mpipelines.events.flow\x1b[0m"));
  CHECK(has(coloured, "\x1b[31m-\x1b[0m \x1b[1mpipelines.events.flow\x1b[0m"));
  CHECK(has(plan_text(create_plan(), Style{true}), "\x1b[32m+\x1b[0m \x1b[1mpipelines.events."));
}

TEST_CASE("plan_text: no line ends in a space, and the text ends with one line end") {
  for (const Plan& plan : every_plan()) {
    const std::string text = plain(plan);
    CHECK(!has(text, " \n"));
    CHECK(text.ends_with(".\n"));
    CHECK(!has(text, "\n\n\n"));
  }
}

TEST_CASE("plan_text: nothing of others' text reaches a terminal or begins a line") {
  const std::string text = plain(hostile_plan());
  for (const char c : text)
    CHECK(((c >= ' ' && c != '\x7f') || c == '\n'));
  CHECK(!has(text, "\n::"));
  CHECK(!has(text, "\nPlan: 0 to create\""));
  CHECK(!has(text, "##["));
  CHECK(!has(text, "\xe2\x80\xae"));
  CHECK(has(text, "\"a\\\" -> \\\"b\\nPlan: 0 to create\""));
}

TEST_CASE("plan_text: a plan without changes says what was compared") {
  struct Row {
    PlanMode mode;
    bool refreshed;
    std::string text;
  };
  const std::vector<Row> rows = {
      {PlanMode::normal, true, "No changes. The platform matches the spec.\n"},
      {PlanMode::normal, false,
       "No changes. The state matches the spec; the platform was not read.\n"},
      {PlanMode::destroy, true, "No changes. The state holds nothing to destroy.\n"},
      {PlanMode::refresh_only, true, "No changes. The platform matches the state.\n"},
      {PlanMode::refresh_only, false, "No changes. The platform was not read.\n"}};
  for (const Row& row : rows) {
    Plan plan = empty_plan();
    plan.mode = row.mode;
    plan.refreshed = row.refreshed;
    plan.steps = {step_on("flow", "flow", Action::noop, Reason::equal, kFlowId, kFlowName)};
    CHECK(plain(plan) == row.text +
                             "Planned for sandbox dev of 745F37C35E4B776E0A49421B@AdobeOrg\n"
                             "(https://platform.adobe.io, spec customerio).\n");
  }
}

TEST_CASE("plan_text: a plan that did not read the platform says so") {
  Plan plan = create_plan();
  const std::string notice = "The platform was not read";
  CHECK(!has(plain(plan), notice));
  plan.refreshed = false;
  CHECK(has(plain(plan), notice));
}

TEST_CASE("plan_text: drift tells what becomes of each field") {
  Step flow = step_on("flow", "flow", Action::update, Reason::spec_and_drift, kFlowId, kFlowName);
  flow.after = {{"description", "c"}, {"name", "same"}, {"state", "enabled"}};
  flow.changes = {{"description", "b", "a", Cause::drift, false},
                  {"state", "disabled", "enabled", Cause::both, false}};
  Plan plan = plan_with(flow);
  plan.drift = {{part("flow"), "description", "a", "b", "", 0},
                {part("flow"), "name", "old", "same", "", 0},
                {part("flow"), "source", "x", "y", "", 0},
                {part("flow"), "state", "draft", "disabled", "", 0},
                {part("mapping"), "name", "x", "y", "", 0}};
  const std::string text = plain(plan);
  CHECK(has(text, "~ description: \"a\" -> \"b\"  (apply puts it back)\n"));
  CHECK(has(text, "~ name: \"old\" -> \"same\"  (left as it is: the spec agrees)\n"));
  CHECK(has(text, "~ source: \"x\" -> \"y\"  (left as it is: the spec does not set it)\n"));
  CHECK(has(text, "~ state: \"draft\" -> \"disabled\"  (apply sets what the spec says now)\n"));
  CHECK(has(text, "~ name: \"x\" -> \"y\"  (left as it is)\n"));
  CHECK(!has(text, "last changed"));

  plan.steps.front().action = Action::remove;
  CHECK(has(plain(plan), "~ description: \"a\" -> \"b\"  (apply deletes the object)\n"));
  plan.mode = PlanMode::refresh_only;
  CHECK(has(plain(plan), "~ description: \"a\" -> \"b\"  (apply records it)\n"));
}

TEST_CASE("plan_text: drift that the spec agrees with is told, though nothing is to be done") {
  Plan plan = empty_plan();
  plan.drift = {{part("flow"), "description", "a", "b", "someone@example.com", 0}};
  const std::string text = plain(plan);
  CHECK(has(text, "        last changed by someone@example.com\n"));
  CHECK(has(text, "No changes. The platform matches the spec.\n"));
}

TEST_CASE("plan_text: values that do not fit on a line stand one below the other") {
  const std::string left = "a description of some length, as it was";
  const std::string right = "a description of some length, as it will be";
  const std::string text = plain(plan_with_change({"description", left, right, Cause::spec, true}));
  CHECK(has(text, "      ~ description: \"" + left + "\"\n" + "                  -> \"" + right +
                      "\"\n" + "                     (forces replacement)\n"));
}

TEST_CASE("plan_text: eighty columns are one line, and one more is two") {
  // 21 columns before the first value, 4 around the arrow, 4 quotes: 51 are left.
  const std::string left(25, 'a');
  const auto shown = [&left](std::size_t right) {
    return plain(
        plan_with_change({"description", left, std::string(right, 'b'), Cause::spec, false}));
  };
  CHECK(has(shown(26), "\"" + left + "\" -> \"b"));
  CHECK(has(shown(27), "\"" + left + "\"\n"));
}

TEST_CASE("plan_text: plans with values of common length fit in eighty columns") {
  for (const Plan& plan : {create_plan(), mixed_plan(), destroy_plan(), refresh_plan()}) {
    std::istringstream lines(plain(plan));
    for (std::string line; std::getline(lines, line);)
      CHECK_MESSAGE(line.size() <= 80, line);
  }
}

TEST_CASE("plan_text: behind a long field name, values stand on lines of their own") {
  const std::string field(40, 'f');
  const std::string text = plain(
      plan_with_change({field, std::string(20, 'a'), std::string(20, 'b'), Cause::spec, false}));
  CHECK(has(text, "      ~ " + field + ":\n            \"" + std::string(20, 'a') +
                      "\"\n         -> \"" + std::string(20, 'b') + "\"\n"));
}

TEST_CASE("plan_text: long values are cut, where they differ") {
  const std::string common(300, 'x');
  const std::string text =
      plain(plan_with_change({"description", common + "old", common + "new", Cause::spec, false}));
  const std::string context = "\"..." + std::string(40, 'x');
  CHECK(has(text, context + "old\"\n"));
  CHECK(has(text, context + "new\"\n"));

  const std::string added =
      plain(plan_with_change({"description", nullptr, common, Cause::spec, false}));
  CHECK(has(added, "+ description: \"" + std::string(200, 'x') + "...\"\n"));
}

TEST_CASE("plan_text: a side that is missing makes an addition or a removal") {
  CHECK(has(plain(plan_with_change({"description", nullptr, "new", Cause::spec, false})),
            "      + description: \"new\"\n"));
  CHECK(has(plain(plan_with_change({"description", "old", nullptr, Cause::spec, false})),
            "      - description: \"old\"\n"));
  CHECK(has(plain(plan_with_change({"mapping.version", 3, 4, Cause::spec, false})),
            "      ~ mapping.version: 3 -> 4\n"));
}

TEST_CASE("plan_text: a mapping row shows all that its source is") {
  const auto shown = [](const Json& row) {
    return plain(plan_with_change({"rows[_t.x]", nullptr, row, Cause::spec, false}));
  };
  CHECK(has(shown({{"source", "data.x"}}), "+ _t.x <- data.x\n"));
  CHECK(
      has(shown({{"source", "x + 1"}, {"type", "expression"}}), "+ _t.x <- x + 1 (expression)\n"));
  CHECK(has(shown({{"source", "x"}, {"type", "static"}}), "+ _t.x <- \"x\" (static)\n"));
  CHECK(has(shown({{"source", "x "}, {"type", "attribute"}}), "+ _t.x <- \"x \"\n"));
  CHECK(
      has(shown({{"source", "x"}, {"description", "why"}}), "+ _t.x <- x, description \"why\"\n"));
}

TEST_CASE("plan_text: a replaced object whose deletion is not in the plan is not said to go") {
  Plan plan = mixed_plan();
  CHECK(has(plain(plan), std::string("id: ") + kTargetId + "  (deleted afterwards)\n"));
  std::erase_if(plan.steps, [](const Step& step) { return step.id == kTargetId && step.deposed; });
  CHECK(has(plain(plan), std::string("id: ") + kTargetId + "\n"));
}

TEST_CASE("summary_line: a replacement counts once, and forgetting only when there is any") {
  CHECK(report::summary_line(create_plan()) ==
        "Plan: 3 to create, 0 to update, 0 to replace, 0 to delete.");
  CHECK(report::summary_line(mixed_plan()) ==
        "Plan: 0 to create, 2 to update, 2 to replace, 1 to delete, 1 to forget.");
}

TEST_CASE("first_difference: names the first line that differs, also past an end") {
  CHECK(first_difference("a\nb\n", "a\nb\n").empty());
  CHECK(first_difference("a\nb\n", "a\nc\n") == "line 2\n  expected: b\n  found:    c");
  CHECK(first_difference("a\n", "a\nb\n") ==
        "line 2\n  expected: (the text is over)\n  found:    b");
  CHECK(!first_difference("a\n", "a").empty());
}
