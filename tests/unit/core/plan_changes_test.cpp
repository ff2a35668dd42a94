// What is created and what is updated in place, and who is said to have caused it.

#include "support/builders.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {}  // namespace

TEST_CASE("make_plan: everything in place gives steps that do nothing") {
  const Plan plan = applied_pair().plan();
  CHECK(plan.steps.size() == 8);
  CHECK(story(plan).empty());
  CHECK_FALSE(plan.has_changes());
  CHECK(plan.drift.empty());
  CHECK(plan.clashes.empty());
  CHECK(plan.lineage == "lineage-1");
  CHECK(plan.serial == 7);
  const Step& flow = step_of(plan, kFlow);
  CHECK(flow.reason == Reason::equal);
  CHECK(flow.id == id_of(kFlow));
  CHECK(flow.before.empty());
}

TEST_CASE("make_plan: nothing desired and nothing recorded is an empty plan") {
  CHECK(World{}.plan() == Plan{});
}

TEST_CASE("make_plan: a new spec is created in the order of its needs") {
  World world;
  world.desired = pipeline("a");
  const Plan plan = world.plan();
  CHECK(story(plan) ==
        "create pipelines.a.mapping: not_recorded\n"
        "create pipelines.a.source: not_recorded\n"
        "create pipelines.a.target: not_recorded\n"
        "create pipelines.a.flow: not_recorded\n");
  CHECK(step_of(plan, kSource).waits_for.empty());
  const Step& flow = step_of(plan, kFlow);
  CHECK(flow.waits_for == std::vector<std::string>{kMapping, kSource, kTarget});
  CHECK(flow.depends_on == world.desired[3].needs());
  CHECK(flow.name == "a flow");
  CHECK(flow.id.empty());
  CHECK(flow.etag.empty());
  CHECK(flow.before.empty());
  CHECK(flow.after == world.desired[3].fields);
  CHECK(flow.note.empty());
}

TEST_CASE("make_plan: a renamed flow is one update, against the etag that was seen") {
  World world = applied_pipeline();
  world.want(kFlow).fields["name"] = "new name";
  world.object(kFlow).etag = "\"moved\"";
  const Plan plan = world.plan();
  CHECK(story(plan) == "update pipelines.a.flow: spec_changed\n");
  const Step& flow = step_of(plan, kFlow);
  CHECK(changes_of(flow) == "name: \"a flow\" -> \"new name\" (spec)\n");
  CHECK(flow.id == id_of(kFlow));
  CHECK(flow.etag == "\"moved\"");
  CHECK(flow.name == "new name");
  CHECK(flow.before.at("name") == "a flow");
  CHECK(flow.after.at("name") == "new name");
  CHECK(flow.after.at("source") == id_of(kSource));
}

TEST_CASE("make_plan: who moved a field is read off what was recorded") {
  struct Row {
    std::string recorded;
    std::string observed;
    std::string desired;
    std::string changes;
    std::string story;
    bool drifted;
  };
  const std::vector<Row> rows = {
      {"r", "r", "r", "", "", false},
      {"r", "r", "d", "description: \"r\" -> \"d\" (spec)\n",
       "update pipelines.a.flow: spec_changed\n", false},
      {"r", "o", "r", "description: \"o\" -> \"r\" (drift)\n", "update pipelines.a.flow: drifted\n",
       true},
      {"r", "o", "d", "description: \"o\" -> \"d\" (both)\n",
       "update pipelines.a.flow: spec_and_drift\n", true},
      {"r", "d", "d", "", "", true},
  };
  for (const Row& row : rows) {
    World world = applied_pipeline();
    world.record(kFlow).inputs["description"] = row.recorded;
    world.object(kFlow).fields["description"] = row.observed;
    world.want(kFlow).fields["description"] = row.desired;
    const Plan plan = world.plan();
    CHECK(changes_of(step_of(plan, kFlow)) == row.changes);
    CHECK(story(plan) == row.story);
    REQUIRE(plan.drift.size() == (row.drifted ? 1 : 0));
    if (!row.drifted) continue;
    const Drift expected{addr(kFlow),  "description",          row.recorded,
                         row.observed, "somebody@example.com", 1'700'000'000'000};
    CHECK(plan.drift.front() == expected);
  }
}

TEST_CASE("make_plan: one field by the spec and another by hand are told as both") {
  World world = applied_pipeline();
  world.want(kFlow).fields["name"] = "new name";
  world.object(kFlow).fields["description"] = "by hand";
  const Plan plan = world.plan();
  CHECK(story(plan) == "update pipelines.a.flow: spec_and_drift\n");
  CHECK(changes_of(step_of(plan, kFlow)) ==
        "description: \"by hand\" -> \"Events\" (drift)\n"
        "name: \"a flow\" -> \"new name\" (spec)\n");
}

TEST_CASE("make_plan: a field that was never managed has not drifted when the spec takes it up") {
  World world = applied_pipeline();
  world.object(kSource).fields["description"] = "by hand";
  CHECK(story(world.plan()).empty());
  CHECK(world.plan().drift.empty());
  world.want(kSource).fields["description"] = "from the spec";
  CHECK(changes_of(step_of(world.plan(), kSource)) ==
        "description: \"by hand\" -> \"from the spec\" (spec)\n");
  world.object(kSource).fields["description"] = "from the spec";
  CHECK(story(world.plan()).empty());
}

TEST_CASE("make_plan: a field that leaves the spec is left alone") {
  World world = applied_pipeline();
  world.want(kFlow).fields.erase("description");
  const Plan plan = world.plan();
  CHECK(story(plan).empty());
  CHECK_FALSE(step_of(plan, kFlow).after.contains("description"));
}

TEST_CASE("make_plan: an ignored field neither changes nor counts as drift") {
  World world = applied_pipeline();
  world.want(kFlow).ignore = {"description"};
  world.object(kFlow).fields["description"] = "by hand";
  world.want(kFlow).fields["name"] = "new name";
  const Plan plan = world.plan();
  CHECK(changes_of(step_of(plan, kFlow)) == "name: \"a flow\" -> \"new name\" (spec)\n");
  CHECK(step_of(plan, kFlow).after.at("description") == "by hand");
  CHECK(plan.drift.empty());

  world.object(kFlow).fields.erase("description");
  CHECK_FALSE(step_of(world.plan(), kFlow).after.contains("description"));
}

TEST_CASE("make_plan: ignored rows may be changed by hand as a whole") {
  World world = applied_pipeline();
  world.want(kMapping).ignore = {"rows"};
  world.object(kMapping).fields["rows"]["_t.email"] = row("by.hand");
  world.object(kMapping).fields["rows"]["_t.more"] = row("data.more");
  const Plan plan = world.plan();
  CHECK(story(plan).empty());
  CHECK(plan.drift.empty());
}

TEST_CASE("make_plan: an ignored field is sent on create, and untold ones are kept") {
  World world;
  world.desired = pipeline("a");
  world.want(kFlow).ignore = {"description"};
  CHECK(step_of(world.plan(), kFlow).after.at("description") == "Events");

  world = applied_pipeline();
  world.want(kSource).ignore = {"provider_id", "description"};
  world.want(kMapping).ignore = {"name"};
  world.object(kMapping).fields.erase("name");
  world.object(kSource).fields["description"] = "not in the spec";
  const Plan plan = world.plan();
  // What was recorded is what is wanted, so there is nothing to tell the state.
  CHECK(step_of(plan, kSource).action == Action::noop);
  CHECK(step_of(plan, kSource).after.empty());
  CHECK(step_of(plan, kMapping).after.empty());
}

TEST_CASE("make_plan: a noop carries what the state is to say where that is something else") {
  World world = applied_pipeline();
  for (const Step& step : world.plan().steps)
    CHECK(step.after.empty());
  world.want(kFlow).ignore = {"description"};
  world.object(kFlow).fields["description"] = "theirs";
  const Plan accepted = world.plan();
  CHECK(step_of(accepted, kFlow).action == Action::noop);
  CHECK(step_of(accepted, kFlow).after.at("description") == "theirs");
  world = applied_pipeline();
  world.want(kSource).protect = true;
  const Plan guarded = world.plan();
  CHECK(step_of(guarded, kSource).action == Action::noop);
  CHECK(step_of(guarded, kSource).after.at("name") == "a source");
  CHECK(step_of(guarded, kTarget).after.empty());
}

TEST_CASE("make_plan: a changed row writes a new version, and the flow moves on to it") {
  World world = applied_pipeline();
  world.want(kMapping).fields["rows"]["_t.email"] = row("data.mail");
  world.want(kMapping).fields["rows"]["_t.new"] = row("data.new");
  world.want(kMapping).fields["rows"].erase("_t.id");
  const Plan plan = world.plan();
  CHECK(story(plan) ==
        "update pipelines.a.mapping: spec_changed\n"
        "update pipelines.a.flow: follows\n");
  CHECK(changes_of(step_of(plan, kMapping)) ==
        "rows[_t.email]: " + row("data.email").dump() + " -> " + row("data.mail").dump() +
            " (spec)\nrows[_t.id]: " + row("data.id").dump() +
            " -> null (spec)\nrows[_t.new]: " + "null -> " + row("data.new").dump() + " (spec)\n");
  const Json version = refer("pipelines.a.mapping.version");
  CHECK(changes_of(step_of(plan, kFlow)) ==
        "mapping.version: 0 -> " + version.dump() + " (follows)\n");
  CHECK(step_of(plan, kFlow).after.at("mapping.version") == version);
  CHECK(step_of(plan, kFlow).after.at("mapping.id") == id_of(kMapping));
  CHECK(step_of(plan, kMapping).facts == Json{{"version", 0}});
}

TEST_CASE("make_plan: a run that ended between the new version and the flow leaves the flow") {
  World world = applied_pipeline();
  world.want(kMapping).fields["rows"]["_t.new"] = row("data.new");
  world.object(kMapping).fields["rows"] = world.want(kMapping).fields["rows"];
  world.object(kMapping).facts["version"] = 1;
  SUBCASE("and the result was recorded") {
    world.record(kMapping).inputs = world.object(kMapping).fields;
    world.record(kMapping).facts["version"] = 1;
  }
  SUBCASE("and the result was not recorded") {
  }
  const Plan plan = world.plan();
  CHECK(story(plan) == "update pipelines.a.flow: follows\n");
  CHECK(changes_of(step_of(plan, kFlow)) == "mapping.version: 0 -> 1 (follows)\n");
}

TEST_CASE("make_plan: a flow that was pinned to another version by hand has drifted") {
  World world = applied_pipeline();
  world.object(kFlow).fields["mapping.version"] = 5;
  CHECK(changes_of(step_of(world.plan(), kFlow)) == "mapping.version: 5 -> 0 (drift)\n");
}

TEST_CASE("make_plan: rows that were changed by hand are set right again") {
  World world = applied_pipeline();
  world.object(kMapping).fields["rows"]["_t.extra"] = row("data.extra");
  world.object(kMapping).fields["rows"].erase("_t.id");
  world.object(kMapping).facts["version"] = 3;
  const Plan plan = world.plan();
  CHECK(story(plan) ==
        "update pipelines.a.mapping: drifted\n"
        "update pipelines.a.flow: follows\n");
  CHECK(changes_of(step_of(plan, kMapping)) == "rows[_t.extra]: " + row("data.extra").dump() +
                                                   " -> null (drift)\nrows[_t.id]: null -> " +
                                                   row("data.id").dump() + " (drift)\n");
  CHECK(plan.drift.size() == 2);
}

TEST_CASE("make_plan: what the platform adds to a row does not make a change of the spec drift") {
  World world = applied_pipeline();
  world.object(kMapping).fields["rows"]["_t.email"]["name"] = "given by the platform";
  CHECK(story(world.plan()).empty());
  world.want(kMapping).fields["rows"]["_t.email"]["source"] = "data.mail";
  CHECK(step_of(world.plan(), kMapping).changes.at(0).cause == Cause::spec);
  CHECK(world.plan().drift.empty());
}

TEST_CASE("make_plan: a mapping set that is gone is made anew, and the flow pointed at it") {
  World world = applied_pipeline();
  world.lose(kMapping);
  const Plan plan = world.plan();
  CHECK(story(plan) ==
        "create pipelines.a.mapping: gone\n"
        "update pipelines.a.flow: follows\n");
  CHECK(step_of(plan, kMapping).id.empty());
  CHECK(step_of(plan, kFlow).changes.size() == 2);
}

TEST_CASE("make_plan: a state that the platform does not tell is no change") {
  World world = applied_pipeline();
  world.object(kFlow).fields.erase("state");
  const Plan plan = world.plan();
  CHECK(story(plan).empty());
  CHECK(plan.drift.empty());
  world.object(kFlow).fields["state"] = "disabled";
  CHECK(story(world.plan()) == "update pipelines.a.flow: drifted\n");
}

TEST_CASE("make_plan: a text that refers to another flow follows it and nothing else does") {
  World world = applied_pair();
  world.options.replace = {addr(kFlow)};
  const Plan plan = world.plan();
  const Step& other = step_of(plan, "pipelines.b.flow");
  CHECK(other.action == Action::update);
  CHECK(other.reason == Reason::follows);
  CHECK(other.changes.size() == 1);
  CHECK(other.changes.at(0).after == world.want("pipelines.b.flow").fields.at("description"));
  CHECK(step_of(plan, "pipelines.b.source").action == Action::noop);
}

TEST_CASE("make_plan: other words around a reference are a change of the spec") {
  World world = applied_pair();
  world.want("pipelines.b.flow").fields["description"]["$join"][0] = "Behind ";
  CHECK(changes_of(step_of(world.plan(), "pipelines.b.flow")) ==
        "description: \"After id:pipelines.a.flow\" -> \"Behind id:pipelines.a.flow\" (spec)\n");
}

TEST_CASE("make_plan: a name with a reference that is known is a name") {
  World world = applied_pipeline();
  world.want(kFlow).fields["name"] = {
      {"$join", Json::array({"On ", refer("pipelines.a.source.id")})}};
  CHECK(step_of(world.plan(), kFlow).name == "On id:pipelines.a.source");
}

TEST_CASE("make_plan: a dependency loop is told in full, at its place") {
  World world = applied_pair();
  world.want(kFlow).fields["description"] = refer("pipelines.b.flow.id");
  world.want(kFlow).where = {"spec.yaml", 12, 3};
  Diagnostics diagnostics;
  CHECK_FALSE(world.plan(diagnostics));
  REQUIRE(diagnostics.list().size() == 1);
  CHECK(diagnostics.list()[0].summary ==
        "Dependency loop: pipelines.a.flow -> pipelines.b.flow -> pipelines.a.flow");
  CHECK(diagnostics.list()[0].where == SourcePos{"spec.yaml", 12, 3});
}
