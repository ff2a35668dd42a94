// What `--target` takes along, and what a plan does that refreshes nothing or nothing else.

#include "support/builders.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// The keys of all steps, those that do nothing included.
std::string keys(const Plan& plan) {
  std::string text;
  for (const Step& step : plan.steps)
    text += (text.empty() ? "" : " ") + step.key;
  return text;
}

}  // namespace

TEST_CASE("make_plan: a target takes along what it needs and leaves the rest") {
  World world;
  world.desired = applied_pair().desired;
  world.options.targets = {addr(kSource)};
  CHECK(keys(world.plan()) == "pipelines.a.source");
  world.options.targets = {addr(kFlow)};
  CHECK(keys(world.plan()) ==
        "pipelines.a.mapping pipelines.a.source pipelines.a.target pipelines.a.flow");
  world.options.targets = {addr("pipelines.b.flow")};
  CHECK(world.plan().steps.size() == 8);
}

TEST_CASE("make_plan: drift, clashes and removals outside the targets are not in the plan") {
  World world = applied_pair();
  world.object("pipelines.b.source").fields["name"] = "by hand";
  world.drop("b");
  world.options.targets = {addr(kSource)};
  const Plan plan = world.plan();
  CHECK(keys(plan) == "pipelines.a.source");
  CHECK(plan.drift.empty());
}

TEST_CASE("make_plan: a target that must be replaced takes along the parts replaced with it") {
  World world = applied_pipeline();
  world.want(kSource).fields["format"] = "xml";
  world.options.targets = {addr(kSource)};
  const Plan plan = world.plan();
  CHECK(count(plan).replace == 3);
  // The flow needs it, so its own change comes along.
  CHECK(step_of(plan, kMapping).action == Action::noop);
  CHECK(story(plan) == [&world] {
    world.options.targets.clear();
    return story(world.plan());
  }());
}

TEST_CASE("make_plan: a part that is replaced outside the targets replaces nothing inside") {
  World world = applied_pipeline();
  world.want(kFlow).fields["flow_spec.id"] = "other";
  world.options.targets = {addr(kSource)};
  CHECK(story(world.plan()).empty());
}

TEST_CASE("make_plan: a target that left the spec takes along what is built on it, and only that") {
  World world = applied_pair();
  world.drop("b");
  world.options.targets = {addr("pipelines.b.flow")};
  CHECK(story(world.plan()) == "delete pipelines.b.flow: not_in_spec\n");
  world.options.targets = {addr("pipelines.b.source")};
  CHECK(story(world.plan()) ==
        "delete pipelines.b.flow: not_in_spec\n"
        "delete pipelines.b.source: not_in_spec\n");
}

TEST_CASE("make_plan: a removed target waits for what must first stop naming it") {
  World world = applied_pair();
  world.drop("a");
  world.want("pipelines.b.flow").fields["description"] = "Alone";
  world.options.targets = {addr(kFlow)};
  CHECK(story(world.plan()) ==
        "update pipelines.b.flow: spec_changed\n"
        "delete pipelines.a.flow: not_in_spec\n");
}

TEST_CASE("make_plan: a destroyed target takes along what is built on it") {
  World world = applied_pair();
  world.options.mode = PlanMode::destroy;
  world.options.targets = {addr("pipelines.b.source")};
  CHECK(story(world.plan()) ==
        "delete pipelines.b.flow: destroyed\n"
        "delete pipelines.b.source: destroyed\n");
  world.options.targets = {addr(kTarget)};
  CHECK(story(world.plan()) ==
        "delete pipelines.b.flow: destroyed\n"
        "delete pipelines.a.flow: destroyed\n"
        "delete pipelines.a.target: destroyed\n");
}

TEST_CASE("make_plan: a target that names nothing is refused with a guess") {
  World world = applied_pipeline();
  world.options.targets = {addr("pipelines.a.flow"), addr("datasets.a"), addr("pipelines.c.flow")};
  Diagnostics diagnostics;
  CHECK_FALSE(world.plan(diagnostics));
  REQUIRE(diagnostics.list().size() == 2);
  CHECK(diagnostics.list()[0].summary == "--target names nothing: datasets.a");
  CHECK(diagnostics.list()[0].detail == "`sluice state list` shows what there is.");
  CHECK(diagnostics.list()[1].summary == "--target names nothing: pipelines.c.flow");
  CHECK(diagnostics.list()[1].detail == "Did you mean pipelines.a.flow?");
}

TEST_CASE("make_plan: without a refresh the state is believed") {
  World world = applied_pipeline();
  world.lose(kFlow);
  world.object(kSource).fields["name"] = "by hand";
  world.options.refreshed = false;
  CHECK(story(world.plan()).empty());
  CHECK(world.plan().drift.empty());
  CHECK_FALSE(world.plan().refreshed);

  world.want(kFlow).fields["name"] = "new name";
  world.want(kMapping).fields["rows"]["_t.new"] = row("data.new");
  const Plan plan = world.plan();
  CHECK(story(plan) ==
        "update pipelines.a.mapping: spec_changed\n"
        "update pipelines.a.flow: spec_changed\n");
  CHECK(step_of(plan, kFlow).etag == world.record(kFlow).etag);
  CHECK(step_of(plan, kMapping).facts == Json{{"version", 0}});
}

TEST_CASE("make_plan: without a refresh, removals go by what is recorded") {
  World world = applied_pipeline();
  world.record(kFlow).deposed.push_back({"flow-0", "flow", "\"old\"", "", ""});
  world.drop("a");
  world.options.refreshed = false;
  const Plan plan = world.plan();
  CHECK(count(plan).remove == 5);
  CHECK(step_of(plan, kFlow).etag == world.record(kFlow).etag);
  CHECK(step_of(plan, kFlow + "~flow-0").etag == "\"old\"");
}

TEST_CASE("make_plan: a refresh only brings the state up to what is there") {
  World world = applied_pipeline();
  world.want(kFlow).fields["name"] = "new name";
  world.object(kFlow).fields["description"] = "by hand";
  world.object(kSource).etag = "\"moved\"";
  world.options.mode = PlanMode::refresh_only;
  const Plan plan = world.plan();
  CHECK(story(plan).empty());
  CHECK(plan.steps.size() == 4);
  CHECK(plan.has_changes());
  const Step& flow = step_of(plan, kFlow);
  CHECK(flow.before.at("description") == "Events");
  CHECK(flow.after.at("description") == "by hand");
  CHECK(flow.after.at("name") == "a flow");
  CHECK(flow.depends_on == world.record(kFlow).depends_on);
  CHECK(step_of(plan, kSource).etag == "\"moved\"");
}

TEST_CASE("make_plan: a refresh keeps what the platform does not tell, and drops what it lost") {
  World world = applied_pipeline();
  world.options.mode = PlanMode::refresh_only;
  world.object(kFlow).fields.erase("state");
  world.object(kFlow).fields.erase("description");
  const Plan plan = world.plan();
  CHECK(step_of(plan, kSource).after.at("provider_id") == "provider");
  CHECK(step_of(plan, kFlow).after.at("state") == "enabled");
  CHECK_FALSE(step_of(plan, kFlow).after.contains("description"));
}

TEST_CASE("make_plan: a refresh forgets what is gone and deletes nothing") {
  World world = applied_pipeline();
  world.record(kFlow).protect = true;
  world.record(kFlow).deposed = {{"flow-0", "flow", "", "", ""}, {"flow-1", "flow", "", "", ""}};
  world.observed.looked_up.insert({"flow-0", "flow-1"});
  world.observed.objects["flow-1"].id = "flow-1";
  world.lose(kFlow);
  world.drop("a");
  world.options.mode = PlanMode::refresh_only;
  const Plan plan = world.plan();
  CHECK(story(plan) ==
        "forget pipelines.a.flow: gone\n"
        "forget pipelines.a.flow~flow-0: gone\n");
  CHECK(plan.has_changes());
}

TEST_CASE("make_plan: a refresh of one target leaves the others alone") {
  World world = applied_pipeline();
  world.options.mode = PlanMode::refresh_only;
  world.options.targets = {addr(kSource)};
  CHECK(keys(world.plan()) == "pipelines.a.source");
}
