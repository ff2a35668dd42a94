// What is deleted or forgotten, in which order, and which same-named objects are in the way.

#include "support/builders.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string kBFlow = "pipelines.b.flow";

void put_in_the_way(World& world, const std::string& kind, const std::string& name,
                    const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    Observed object;
    object.id = id;
    world.observed.by_name[kind][name].push_back(object);
  }
}

}  // namespace

TEST_CASE("make_plan: a pipeline that left the spec is deleted, the flow first") {
  World world = applied_pair();
  world.object(kBFlow).etag = "\"seen\"";
  world.drop("b");
  const Plan plan = world.plan();
  CHECK(story(plan) ==
        "delete pipelines.b.flow: not_in_spec\n"
        "delete pipelines.b.mapping: not_in_spec\n"
        "delete pipelines.b.source: not_in_spec\n"
        "delete pipelines.b.target: not_in_spec\n");
  const Step& flow = step_of(plan, kBFlow);
  CHECK(flow.waits_for.empty());
  CHECK(flow.id == id_of(kBFlow));
  CHECK(flow.etag == "\"seen\"");
  CHECK(flow.kind == "flow");
  CHECK(flow.name == "b flow");
  CHECK(flow.before.at("description") == "After id:pipelines.a.flow");
  CHECK(flow.after.empty());
  CHECK(step_of(plan, "pipelines.b.source").waits_for == std::vector<std::string>{kBFlow});
}

TEST_CASE("make_plan: what is named elsewhere goes when that has stopped naming it") {
  World world = applied_pair();
  world.drop("a");
  world.want(kBFlow).fields["description"] = "Alone";
  const Plan plan = world.plan();
  CHECK(step_of(plan, kBFlow).action == Action::update);
  CHECK(step_of(plan, kFlow).action == Action::remove);
  CHECK(step_of(plan, kFlow).waits_for == std::vector<std::string>{kBFlow});
}

TEST_CASE("make_plan: an empty spec deletes all that is recorded, in reverse of its making") {
  World world = applied_pair();
  world.desired.clear();
  CHECK(story(world.plan()) ==
        "delete pipelines.b.flow: not_in_spec\n"
        "delete pipelines.a.flow: not_in_spec\n"
        "delete pipelines.a.mapping: not_in_spec\n"
        "delete pipelines.a.source: not_in_spec\n"
        "delete pipelines.a.target: not_in_spec\n"
        "delete pipelines.b.mapping: not_in_spec\n"
        "delete pipelines.b.source: not_in_spec\n"
        "delete pipelines.b.target: not_in_spec\n");
}

TEST_CASE("make_plan: a destroy deletes what is recorded, whatever the spec says") {
  World world = applied_pipeline();
  for (Resource& resource : pipeline("b"))
    world.desired.push_back(std::move(resource));
  world.options.mode = PlanMode::destroy;
  const Plan plan = world.plan();
  CHECK(plan.mode == PlanMode::destroy);
  CHECK(story(plan) ==
        "delete pipelines.a.flow: destroyed\n"
        "delete pipelines.a.mapping: destroyed\n"
        "delete pipelines.a.source: destroyed\n"
        "delete pipelines.a.target: destroyed\n");
  CHECK(plan.steps.size() == 4);
}

TEST_CASE("make_plan: an unwanted object that is gone already is forgotten") {
  World world = applied_pipeline();
  world.lose(kFlow);
  SUBCASE("left out of the spec") {
    world.desired.clear();
  }
  SUBCASE("destroyed") {
    world.options.mode = PlanMode::destroy;
  }
  const Plan plan = world.plan();
  CHECK(step_of(plan, kFlow).action == Action::forget);
  CHECK(step_of(plan, kFlow).reason == Reason::gone);
  CHECK(count(plan).remove == 3);
  CHECK(count(plan).forget == 1);
}

TEST_CASE("make_plan: what an earlier run replaced and left behind is deleted") {
  World world = applied_pipeline();
  leave_behind(world, kFlow, "flow-0");
  leave_behind(world, kSource, "source-0");
  world.observed.objects["flow-0"].fields["name"] = "Name before";
  const Plan plan = world.plan();
  CHECK(story(plan) ==
        "delete pipelines.a.flow~flow-0: replaced_before\n"
        "delete pipelines.a.source~source-0: replaced_before\n");
  const Step& flow = step_of(plan, kFlow + "~flow-0");
  CHECK(flow.name == "Name before");
  CHECK(flow.id == "flow-0");
  CHECK(flow.etag == "\"seen\"");
  CHECK(flow.deposed);
  // All that can be told of it guards its deletion; what was managed of it is not known any more.
  CHECK(flow.before == world.observed.objects["flow-0"].fields);
  CHECK(flow.waits_for == std::vector<std::string>{kFlow});
  CHECK(count(plan).remove == 2);

  world.observed.objects.erase("flow-0");
  CHECK(step_of(world.plan(), kFlow + "~flow-0").action == Action::forget);

  world.options.refreshed = false;
  const Step believed = step_of(world.plan(), kFlow + "~flow-0");
  CHECK(believed.action == Action::remove);
  CHECK(believed.etag == world.record(kFlow).deposed[0].etag);
  CHECK(believed.before.empty());
}

TEST_CASE("make_plan: what was managed of an object left behind guards its deletion") {
  World world = applied_pipeline();
  leave_behind(world, kFlow, "flow-0");
  world.record(kFlow).deposed[0].inputs = {{"name", "Name before"}, {"gone", 1}};
  world.record(kFlow).deposed[0].facts = {{"version", 3}};
  world.observed.objects["flow-0"].fields["name"] = "By hand";
  const Step looked = step_of(world.plan(), kFlow + "~flow-0");
  CHECK(looked.before == Fields{{"name", "By hand"}});

  world.options.refreshed = false;
  const Step believed = step_of(world.plan(), kFlow + "~flow-0");
  CHECK(believed.before == Fields{{"name", "Name before"}, {"gone", 1}});
  CHECK(believed.facts == Json{{"version", 3}});
}

TEST_CASE("make_plan: what was left behind goes with a destroy and when the spec is empty") {
  World world = applied_pipeline();
  leave_behind(world, kFlow, "flow-0");
  SUBCASE("destroyed") {
    world.options.mode = PlanMode::destroy;
  }
  SUBCASE("left out of the spec") {
    world.desired.clear();
  }
  const Plan plan = world.plan();
  CHECK(step_of(plan, kFlow).action == Action::remove);
  CHECK(step_of(plan, kFlow + "~flow-0").action == Action::remove);
  CHECK(count(plan).remove == 5);
}

TEST_CASE("make_plan: an entry that only has old objects is created, or nothing but cleaned up") {
  World world = applied_pipeline();
  leave_behind(world, kFlow, "flow-0");
  world.record(kFlow).id.clear();
  CHECK(story(world.plan()) ==
        "create pipelines.a.flow: not_recorded\n"
        "delete pipelines.a.flow~flow-0: replaced_before\n");
  world.drop("a");
  const Plan plan = world.plan();
  CHECK(step_of(plan, kFlow + "~flow-0").action == Action::remove);
  CHECK(count(plan).remove == 4);
}

TEST_CASE("make_plan: a replacement on top of an object left behind deletes both") {
  World world = applied_pipeline();
  leave_behind(world, kSource, "source-0");
  world.options.replace = {addr(kSource)};
  const Plan plan = world.plan();
  CHECK(step_of(plan, kSource + "~source-0").reason == Reason::replaced_before);
  CHECK(step_of(plan, kSource + "~" + id_of(kSource)).reason == Reason::requested);
}

TEST_CASE("make_plan: a protected resource is not deleted") {
  World world = applied_pipeline();
  SUBCASE("because the state remembers it, when the spec has lost it") {
    world.record(kFlow).protect = true;
    world.desired.clear();
  }
  SUBCASE("because the state remembers it, by a destroy") {
    world.record(kFlow).protect = true;
    world.options.mode = PlanMode::destroy;
  }
  SUBCASE("because the spec says so and nothing was applied since, by a destroy") {
    world.want(kFlow).protect = true;
    world.options.mode = PlanMode::destroy;
  }
  Diagnostics diagnostics;
  CHECK_FALSE(world.plan(diagnostics));
  REQUIRE(diagnostics.list().size() == 1);
  CHECK(diagnostics.list()[0].summary ==
        "pipelines.a.flow is protected, and this plan would delete it");
}

TEST_CASE("make_plan: a protected object that is gone may be forgotten") {
  World world = applied_pipeline();
  world.record(kFlow).protect = true;
  world.lose(kFlow);
  world.desired.clear();
  CHECK(step_of(world.plan(), kFlow).action == Action::forget);
}

TEST_CASE("make_plan: protection that the spec takes back is carried to the state") {
  World world = applied_pipeline();
  world.record(kFlow).protect = true;
  const Step& flow = step_of(world.plan(), kFlow);
  CHECK(flow.action == Action::noop);
  CHECK_FALSE(flow.protect);
}

TEST_CASE(
    "make_plan: dependencies recorded at different times may loop; the flow still goes first") {
  World world = applied_pair();
  world.record(kFlow).depends_on.insert(addr(kBFlow));
  world.record("pipelines.b.source").depends_on.insert(addr(kFlow));
  world.options.mode = PlanMode::destroy;
  const std::string told = story(world.plan());
  for (const std::string key : {"a", "b"}) {
    for (const std::string part : {"mapping", "source", "target"}) {
      CHECK_MESSAGE(
          told.find("pipelines." + key + ".flow") < told.find("pipelines." + key + "." + part),
          told);
    }
  }
}

TEST_CASE("make_plan: a state with a kind that is not known is refused") {
  World world = applied_pipeline();
  SUBCASE("for a present object") {
    world.record(kFlow).kind = "teleport";
  }
  SUBCASE("for one left behind") {
    leave_behind(world, kFlow, "flow-0");
    world.record(kFlow).deposed[0].kind = "teleport";
  }
  Diagnostics diagnostics;
  CHECK_FALSE(world.plan(diagnostics));
  REQUIRE(diagnostics.list().size() == 1);
  CHECK(diagnostics.list()[0].summary ==
        "The state holds pipelines.a.flow of the kind \"teleport\", which this sluice does not "
        "know");
}

TEST_CASE("make_plan: objects of the same name that nobody owns are in the way of a create") {
  World world;
  world.desired = pipeline("a");
  put_in_the_way(world, "flow", "a flow", {"flow-9", "flow-8"});
  put_in_the_way(world, "flow", "b flow", {"flow-7"});
  put_in_the_way(world, "sourceConnection", "a flow", {"source-9"});
  const Plan plan = world.plan();
  REQUIRE(plan.clashes.size() == 1);
  const NameClash expected{addr(kFlow), "flow", "a flow", {"flow-8", "flow-9"}};
  CHECK(plan.clashes[0] == expected);
}

TEST_CASE("make_plan: objects of the same name are in the way of a replacement, not of an update") {
  World world = applied_pipeline();
  put_in_the_way(world, "flow", "a flow", {id_of(kFlow), "flow-9"});
  world.want(kFlow).fields["description"] = "Other";
  CHECK(world.plan().clashes.empty());
  world.options.replace = {addr(kFlow)};
  REQUIRE(world.plan().clashes.size() == 1);
  CHECK(world.plan().clashes[0].ids == std::vector<std::string>{"flow-9"});
}

TEST_CASE("make_plan: our own objects, those left behind included, are in nobody's way") {
  World world = applied_pipeline();
  leave_behind(world, kFlow, "flow-0");
  put_in_the_way(world, "flow", "a flow", {id_of(kFlow), "flow-0"});
  world.options.replace = {addr(kFlow)};
  CHECK(world.plan().clashes.empty());
}

TEST_CASE("make_plan: a pipeline under a new key is made anew beside the old, names and all") {
  World world = applied_pipeline();
  world.desired = pipeline("z");
  for (Resource& resource : world.desired) {
    std::string name = resource.fields["name"];
    name.front() = 'a';
    resource.fields["name"] = name;
    put_in_the_way(world, resource.kind, name, {id_of("pipelines.a." + resource.address.part)});
  }
  const Plan plan = world.plan();
  CHECK(count(plan).create == 4);
  CHECK(count(plan).remove == 4);
  CHECK(plan.clashes.empty());
}
