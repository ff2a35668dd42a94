// What is replaced, what goes with it, and in which order the old objects leave.

#include "support/builders.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string old(const std::string& address) {
  return address + "~" + id_of(address);
}

std::vector<std::string> sorted(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return list;
}

}  // namespace

TEST_CASE("make_plan: a create-only change replaces source, target and flow, not the mapping") {
  World world = applied_pipeline();
  world.want(kSource).fields["format"] = "xml";
  const Plan plan = world.plan();
  CHECK(story(plan) ==
        "replace pipelines.a.source: create_only\n"
        "replace pipelines.a.target: follows\n"
        "replace pipelines.a.flow: follows\n"
        "delete pipelines.a.flow~id:pipelines.a.flow: follows\n"
        "delete pipelines.a.source~id:pipelines.a.source: create_only\n"
        "delete pipelines.a.target~id:pipelines.a.target: follows\n");
  CHECK(step_of(plan, kMapping).action == Action::noop);
  CHECK(changes_of(step_of(plan, kSource)) == "format: \"json\" -> \"xml\" (spec)!\n");
  CHECK(step_of(plan, kTarget).changes.empty());
  CHECK(step_of(plan, kTarget).note == "It is replaced together with pipelines.a.source.");
  CHECK(step_of(plan, kFlow).note == "The inlet URL will change.");
  CHECK(count(plan).replace == 3);
  CHECK(count(plan).remove == 0);
}

TEST_CASE("make_plan: a new dataset replaces the source as well") {
  World world = applied_pipeline();
  world.want(kTarget).fields["dataset"] = "dataset-2";
  const Plan plan = world.plan();
  CHECK(step_of(plan, kTarget).reason == Reason::create_only);
  CHECK(step_of(plan, kSource).note == "It is replaced together with pipelines.a.target.");
  CHECK(step_of(plan, kFlow).action == Action::replace);
}

TEST_CASE("make_plan: connections that were replaced before an apply failed are not made again") {
  World world = applied_pipeline();
  world.want(kFlow).fields["flow_spec.id"] = "other";
  for (const std::string& part : {kSource, kTarget}) {
    leave_behind(world, part, "old:" + part);
    world.record(kFlow).inputs[world.record(part).address.part] = "old:" + part;
  }
  const Plan plan = world.plan();
  CHECK(step_of(plan, kFlow).action == Action::replace);
  CHECK(step_of(plan, kSource).action == Action::noop);
  CHECK(step_of(plan, kTarget).action == Action::noop);
  // One of them alone: the flow still stands on the other.
  world.record(kFlow).inputs["target"] = world.record(kTarget).id;
  CHECK(step_of(world.plan(), kTarget).action == Action::replace);
  CHECK(step_of(world.plan(), kSource).action == Action::noop);
}

TEST_CASE("make_plan: a change that only the flow makes brings a new pair of connections") {
  World world = applied_pipeline();
  world.want(kFlow).fields["flow_spec.id"] = "other";
  const Plan plan = world.plan();
  CHECK(step_of(plan, kFlow).reason == Reason::create_only);
  CHECK(step_of(plan, kSource).action == Action::replace);
  CHECK(step_of(plan, kTarget).action == Action::replace);
}

TEST_CASE("make_plan: another spelling of a version replaces nothing") {
  World world = applied_pipeline();
  world.want(kTarget).fields["schema.version"] = "1.0";
  CHECK(story(world.plan()).empty());
}

TEST_CASE("make_plan: the flow is built on the new objects, and the old ones leave after it") {
  World world = applied_pipeline();
  world.want(kSource).fields["format"] = "xml";
  world.object(kSource).etag = "\"seen\"";
  const Plan plan = world.plan();
  const Step& flow = step_of(plan, kFlow);
  CHECK(flow.after.at("source") == refer("pipelines.a.source.id"));
  CHECK(flow.after.at("target") == refer("pipelines.a.target.id"));
  CHECK(flow.after.at("mapping.id") == id_of(kMapping));
  CHECK(sorted(flow.waits_for) == std::vector<std::string>{kMapping, kSource, kTarget});
  CHECK(step_of(plan, old(kFlow)).waits_for == std::vector<std::string>{kFlow});
  const Step& source = step_of(plan, old(kSource));
  CHECK(sorted(source.waits_for) == std::vector<std::string>{kFlow, old(kFlow), kSource});
  CHECK(source.deposed);
  CHECK(source.id == id_of(kSource));
  CHECK(source.etag == "\"seen\"");
  CHECK(source.address == addr(kSource));
  CHECK(source.before.at("format") == "json");
  CHECK(source.after.empty());
  CHECK(source.name == "a source");
}

TEST_CASE("make_plan: an old object goes by the name it had") {
  World world = applied_pipeline();
  world.want(kSource).fields["format"] = "xml";
  world.want(kSource).fields["name"] = "new name";
  const Plan plan = world.plan();
  CHECK(step_of(plan, kSource).name == "new name");
  CHECK(step_of(plan, old(kSource)).name == "a source");
}

TEST_CASE("make_plan: what is asked to be replaced is, with the parts that share its fate") {
  World world = applied_pipeline();
  world.options.replace = {addr(kTarget)};
  const Plan plan = world.plan();
  CHECK(step_of(plan, kTarget).reason == Reason::requested);
  CHECK(step_of(plan, kTarget).changes.empty());
  CHECK(step_of(plan, kSource).reason == Reason::follows);
  CHECK(step_of(plan, kFlow).action == Action::replace);
  CHECK(step_of(plan, kMapping).action == Action::noop);

  world.options.replace = {addr(kMapping)};
  const Plan mapping = world.plan();
  CHECK(story(mapping) ==
        "replace pipelines.a.mapping: requested\n"
        "update pipelines.a.flow: follows\n"
        "delete pipelines.a.mapping~id:pipelines.a.mapping: requested\n");
}

TEST_CASE("make_plan: what is asked to be replaced and is not there yet is created") {
  World world;
  world.desired = pipeline("a");
  world.options.replace = {addr(kSource)};
  CHECK(count(world.plan()).create == 4);
  CHECK(count(world.plan()).replace == 0);
}

TEST_CASE("make_plan: a replacement of a name that nobody knows is refused with a guess") {
  World world = applied_pipeline();
  world.options.replace = {addr("pipelines.b.flow")};
  Diagnostics diagnostics;
  CHECK_FALSE(world.plan(diagnostics));
  REQUIRE(diagnostics.list().size() == 1);
  CHECK(diagnostics.list()[0].summary == "--replace names nothing: pipelines.b.flow");
  CHECK(diagnostics.list()[0].detail == "Did you mean pipelines.a.flow?");
}

TEST_CASE("make_plan: a source that is gone takes target and flow with it") {
  World world = applied_pipeline();
  world.lose(kSource);
  const Plan plan = world.plan();
  CHECK(story(plan) ==
        "create pipelines.a.source: gone\n"
        "replace pipelines.a.target: follows\n"
        "replace pipelines.a.flow: follows\n"
        "delete pipelines.a.flow~id:pipelines.a.flow: follows\n"
        "delete pipelines.a.target~id:pipelines.a.target: follows\n");
  CHECK(changes_of(step_of(plan, kFlow)) ==
        "source: \"id:pipelines.a.source\" -> " + refer("pipelines.a.source.id").dump() +
            " (follows)!\ntarget: \"id:pipelines.a.target\" -> " +
            refer("pipelines.a.target.id").dump() + " (follows)!\n");
  CHECK(step_of(plan, kFlow).note == "The inlet URL will change.");
}

TEST_CASE("make_plan: a flow that is gone is made anew on what there is") {
  World world = applied_pipeline();
  world.lose(kFlow);
  const Plan plan = world.plan();
  CHECK(story(plan) == "create pipelines.a.flow: gone\n");
  CHECK(step_of(plan, kFlow).note == "The inlet URL will change.");
  CHECK(step_of(plan, kFlow).after.at("source") == id_of(kSource));
}

TEST_CASE("make_plan: a pipeline that is gone is made anew as a whole") {
  World world = applied_pipeline();
  for (const std::string& address : {kFlow, kMapping, kSource, kTarget})
    world.lose(address);
  const Plan plan = world.plan();
  CHECK(count(plan).create == 4);
  CHECK(plan.steps.size() == 4);
}

TEST_CASE("make_plan: another schema of the mapping makes a new set, which the flow moves on to") {
  World world = applied_pipeline();
  world.want(kMapping).fields["schema.id"] = "schema-2";
  CHECK(story(world.plan()) ==
        "replace pipelines.a.mapping: create_only\n"
        "update pipelines.a.flow: follows\n"
        "delete pipelines.a.mapping~id:pipelines.a.mapping: create_only\n");
}

TEST_CASE("make_plan: an ignored field goes over to the new object as people set it") {
  World world = applied_pipeline();
  world.want(kFlow).ignore = {"description"};
  world.object(kFlow).fields["description"] = "by hand";
  world.options.replace = {addr(kFlow)};
  CHECK(step_of(world.plan(), kFlow).after.at("description") == "by hand");
}

TEST_CASE("make_plan: a resource of another kind replaces the old one, deleted as what it is") {
  World world = applied_pipeline();
  world.record(kSource).kind = "mappingSet";
  world.object(kSource).facts = {{"version", 4}};
  const Plan plan = world.plan();
  const Step& source = step_of(plan, kSource);
  CHECK(source.action == Action::replace);
  CHECK(source.reason == Reason::create_only);
  CHECK(source.kind == "sourceConnection");
  CHECK(changes_of(source) == "kind: \"mappingSet\" -> \"sourceConnection\" (spec)!\n");
  CHECK(step_of(plan, old(kSource)).kind == "mappingSet");
  CHECK(step_of(plan, old(kSource)).facts == Json{{"version", 4}});
  CHECK(step_of(plan, kFlow).action == Action::replace);
}

TEST_CASE("make_plan: replacements in two pipelines that name each other's flows make no loop") {
  World world = applied_pair();
  world.want(kSource).fields["format"] = "xml";
  world.want("pipelines.b.source").fields["format"] = "xml";
  const Plan plan = world.plan();
  CHECK(count(plan).replace == 6);
  // The old flow of a may only go when b no longer speaks of it.
  const std::vector<std::string>& waits = step_of(plan, old(kFlow)).waits_for;
  CHECK(sorted(waits) == sorted({kFlow, "pipelines.b.flow", old("pipelines.b.flow")}));
}

TEST_CASE("make_plan: a protected resource is not replaced, wherever the protection is said") {
  World world = applied_pipeline();
  world.want(kFlow).fields["flow_spec.id"] = "other";
  world.want(kFlow).where = {"spec.yaml", 7, 1};
  SUBCASE("in the spec") {
    world.want(kFlow).protect = true;
  }
  SUBCASE("in the state") {
    world.record(kFlow).protect = true;
  }
  Diagnostics diagnostics;
  CHECK_FALSE(world.plan(diagnostics));
  REQUIRE(diagnostics.list().size() == 1);
  CHECK(diagnostics.list()[0].summary ==
        "pipelines.a.flow is protected, and this plan would replace it");
  CHECK(diagnostics.list()[0].where.line == 7);
}

TEST_CASE("make_plan: protection does not stand in the way of updates, creates and new parts") {
  World world = applied_pipeline();
  for (Resource& resource : world.desired)
    resource.protect = true;
  world.want(kFlow).fields["name"] = "new name";
  world.lose(kMapping);
  CHECK(story(world.plan()) ==
        "create pipelines.a.mapping: gone\n"
        "update pipelines.a.flow: spec_changed\n");
  CHECK(step_of(world.plan(), kFlow).protect);
}

TEST_CASE("make_plan: every protected part that would be lost is told") {
  World world = applied_pipeline();
  for (Resource& resource : world.desired)
    resource.protect = true;
  world.options.replace = {addr(kSource)};
  Diagnostics diagnostics;
  CHECK_FALSE(world.plan(diagnostics));
  CHECK(diagnostics.list().size() == 3);
}
