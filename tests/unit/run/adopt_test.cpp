// Flows that were made by hand, through the platform's own interfaces, on their way into a spec and
// a state: what is taken, what is left and why, and that the next plan has nothing to do.

#include "core/fatal.hpp"
#include "run/adopt_stores.hpp"
#include "run/ledger.hpp"
#include "support/engine.hpp"
#include "support/memory_files.hpp"
#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::test;

namespace {

/// A platform that people work on by hand, and the engine that comes to it later.
struct ByHand {
  explicit ByHand(emulator::Switches switches = {}) : client(switches) {}

  Client client;
  MemoryFiles files;
  emulator::EmulatorTransport transport{client.platform, client.clock};
  Engine engine{transport, client.clock, client.random, files};
  kinds::Registry registry;
  run::Walk walk;
  run::FoundStores stores;

  /// A pipeline by hand; `number` is in each of its names.
  Pipeline make(int number) {
    const std::string suffix = " " + std::to_string(number);
    client.clock.wait(Millis(10));  // Flows come in the order of their creation.
    Pipeline made;
    made.source = post(kSources, named(source_body(), suffix));
    made.target = post(kFlowService + "/targetConnections", named(target_body(), suffix));
    made.mapping = post(kSets, named(mapping_body(), suffix));
    made.flow = post(kFlows, named(flow_body(made), suffix));
    return made;
  }

  std::string post(const std::string& target, const Json& body) {
    const Reply reply = client.post(target, body);
    INFO(reply.text);
    REQUIRE(reply.status < 300);
    return reply.body.at("id");
  }

  static Json named(Json body, const std::string& suffix) {
    body["name"] = body["name"].get<std::string>() + suffix;
    return body;
  }

  run::Adoption adopt(std::vector<std::string> ids = {}, const run::Owners& owners = {}) {
    client.clock.wait(Millis(5000));  // What was made by hand is ready by then.
    const std::vector<Observed> flows = run::list_sandbox(engine.remote(), {"flow"}).at("flow");
    if (ids.empty()) {
      for (const Observed& flow : flows)
        ids.push_back(flow.id);
    }
    walk = run::walk_flows(engine.remote(), ids, flows, owners);
    return run::adopt_flows("byhand", {{}, {}, "dev"}, walk.found, stores, registry.catalogue());
  }

  /// Puts the records into the state, as the command does.
  State record(const run::Adoption& adoption) {
    engine.store().lock({}, Millis(0));
    State state = engine.store().load();
    state.lineage = "l";
    state.place = {"https://embedded.invalid", "EMULATOR@AdobeOrg", "dev"};
    engine.store().begin(state, {}, "test");
    run::Ledger ledger(engine.store(), state, engine.remote().loop(), client.random);
    for (const AdoptedPipeline& pipeline : adoption.pipelines) {
      for (const Record& one : pipeline.records)
        ledger.record({}, one);
    }
    ledger.commit();
    return engine.store().save(ledger.state());
  }

  /// The reason of the only flow that the walk left out.
  std::string reason() const {
    REQUIRE(walk.left_out.size() == 1);
    CHECK(walk.found.empty());
    return walk.left_out.front().why;
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("adopt: what was made by hand is described, and the next plan has nothing to do") {
  ByHand place;
  place.make(1);
  place.make(2);
  place.client.platform.clear_log();
  const run::Adoption adoption = place.adopt();
  for (const std::string& line : place.client.platform.log())
    CHECK_MESSAGE(line.starts_with("GET "), line);
  CHECK(adoption.left_out.empty());
  REQUIRE(adoption.pipelines.size() == 2);
  CHECK(adoption.pipelines[0].key == "cio-flow-1");
  CHECK(adoption.pipelines[1].key == "cio-flow-2");
  CHECK(has(adoption.text, "connector: customer.io"));
  CHECK(!has(adoption.text, "provider_id"));
  CHECK(!has(adoption.text, "state:"));

  const State state = place.record(adoption);
  CHECK(state.records.size() == 8);
  const Plan plan = place.engine.plan(read_resources(adoption.text));
  CHECK(!plan.has_changes());
  CHECK(plan.drift.empty());
  CHECK(!run::needs_bookkeeping(plan, state));
}

TEST_CASE("adopt: a destroy of what was taken over leaves dataset and schema") {
  ByHand place;
  place.make(1);
  place.record(place.adopt());
  PlanOptions destroy;
  destroy.mode = PlanMode::destroy;
  const Plan plan = place.engine.plan({}, destroy);
  CHECK(count(plan).remove == 4);
  CHECK(plan.steps.size() == 4);
}

TEST_CASE("adopt: a mapping of the older dialect is the same mapping") {
  ByHand place;
  Pipeline made = make_connections(place.client);
  made.mapping = place.post(
      kSets, {{"outputSchema", {{"schemaRef", {{"id", kSchema}, {"contentType", kSchemaVersion}}}}},
              {"mappings", Json::array({{{"destinationXdmPath", "_extconndev.email"},
                                         {"sourceAttribute", "data.identifiers.email"},
                                         {"identity", false},
                                         {"version", 0}},
                                        {{"sourceType", "EXPRESSION"},
                                         {"destinationXdmPath", "_extconndev.metricx"},
                                         {"sourceExpression", "lower(metric)"}}})}});
  place.post(kFlows, flow_body(made));
  const run::Adoption adoption = place.adopt();
  REQUIRE(adoption.pipelines.size() == 1);
  CHECK(has(adoption.text, "{source: data.identifiers.email, destination: _extconndev.email}"));
  CHECK(has(adoption.text, "{expression: lower(metric), destination: _extconndev.metricx}"));
  place.record(adoption);
  CHECK(!place.engine.plan(read_resources(adoption.text)).has_changes());
}

TEST_CASE("adopt: the oldest dialect has its schema at the top, and is taken as well") {
  ByHand place;
  Pipeline made = make_connections(place.client);
  made.mapping =
      place.post(kSets, {{"xdmSchema", kSchema},
                         {"xdmVersion", "1.0"},
                         {"mappings", Json::array({{{"destinationXdmPath", "_extconndev.email"},
                                                    {"sourceAttribute", "email"}}})}});
  place.post(kFlows, flow_body(made));
  const run::Adoption adoption = place.adopt();
  REQUIRE(adoption.pipelines.size() == 1);
  place.record(adoption);
  CHECK(!place.engine.plan(read_resources(adoption.text)).has_changes());
}

TEST_CASE("adopt: a disabled flow stays disabled") {
  ByHand place;
  const Pipeline made = place.make(1);
  place.client.clock.wait(Millis(5000));
  REQUIRE(place.client.call("POST", kFlows + "/" + made.flow + "/action?op=disable").status == 200);
  const run::Adoption adoption = place.adopt();
  REQUIRE(adoption.pipelines.size() == 1);
  CHECK(has(adoption.text, "state: disabled"));
  place.record(adoption);
  CHECK(!place.engine.plan(read_resources(adoption.text)).has_changes());
}

TEST_CASE("adopt: what the platform does not tell and the language fills in is left to people") {
  ByHand place;
  const Pipeline made = make_connections(place.client);
  const Json with_schema = {{"schema", {{"id", kSchema}, {"version", kSchemaVersion}}}};
  Pipeline bare = made;
  bare.target = place.post(kFlowService + "/targetConnections",
                           changed(target_body(), "replace", "/data", with_schema));
  place.post(kFlows, flow_body(bare));
  const run::Adoption adoption = place.adopt();
  REQUIRE(adoption.pipelines.size() == 1);
  CHECK(has(adoption.text, "ignore: [target.format]"));
  place.record(adoption);
  CHECK(!place.engine.plan(read_resources(adoption.text)).has_changes());
}

TEST_CASE("adopt: what two flows use can be managed by neither of two pipelines") {
  ByHand place;
  const Pipeline first = place.make(1);
  Pipeline second = place.make(2);
  second.mapping = first.mapping;
  place.post(kFlows, ByHand::named(flow_body(second), " 3"));
  const run::Adoption adoption = place.adopt();
  CHECK(adoption.pipelines.empty());
  REQUIRE(place.walk.left_out.size() == 3);
  CHECK(has(place.walk.left_out[0].why, "its mapping set " + first.mapping + " is used by flow "));
  CHECK(has(place.walk.left_out[1].why, "its source connection " + second.source + " is used by"));
  // Also where only one of them is asked for.
  (void)place.adopt({first.flow});
  CHECK(has(place.reason(), "its mapping set " + first.mapping));
}

TEST_CASE("adopt: a flow that a state has is left with a word, and so is one of whose parts is") {
  ByHand place;
  const Pipeline made = place.make(1);
  (void)place.adopt({made.flow}, {{made.flow, "pipelines.a.flow of state/a.json"}});
  CHECK(place.reason() == "it is pipelines.a.flow of state/a.json already");
  CHECK(place.walk.left_out.front().is_managed);
  CHECK(place.walk.left_out.front().name == "cio-flow 1");
  (void)place.adopt({made.flow}, {{made.target, "pipelines.a.target of state/a.json"}});
  CHECK(place.reason() ==
        "its target connection " + made.target + " is pipelines.a.target of state/a.json already");
  CHECK(!place.walk.left_out.front().is_managed);
}

TEST_CASE("adopt: each flow that cannot be a pipeline is named with the reason") {
  ByHand place;
  const Pipeline made = place.make(1);
  emulator::Platform& platform = place.client.platform;
  const auto reason_after = [&](const std::string& field, const Json& value) {
    const Json before = platform.object("flows", made.flow).value(field, Json());
    REQUIRE(platform.edit("flows", made.flow, field, value));
    (void)place.adopt({made.flow});
    REQUIRE(platform.edit("flows", made.flow, field, before));
    return place.reason();
  };
  CHECK(reason_after("transformations", Json::array()) ==
        "it has no transformation named Mapping, and a pipeline has a mapping");
  CHECK(reason_after("sourceConnectionIds", Json::array({made.source, made.target})) ==
        "it has 2 source connections, and a pipeline has one");
  CHECK(reason_after("targetConnectionIds", Json::array()) ==
        "it has no target connections, and a pipeline has one");
  CHECK(reason_after("scheduleParams", {{"frequency", "hour"}}) ==
        "it runs by a schedule, which a spec does not describe");
  REQUIRE(platform.erase("targetConnections", made.target));
  (void)place.adopt({made.flow});
  CHECK(place.reason() ==
        "its target connection " + made.target + " is gone, or hidden by a label");
  (void)place.adopt({"00000000-0000-4000-8000-000000000000"});
  CHECK(place.reason() == "there is no such flow in this sandbox");
}

TEST_CASE("adopt: a flow that is not ready yet is left for the next time") {
  emulator::Switches switches;
  switches.enable_delay = Millis(60'000);
  ByHand place(switches);
  const Pipeline made = place.make(1);
  const Millis before = place.client.clock.monotonic();
  (void)place.adopt({made.flow});
  CHECK(place.reason() ==
        "it is on its way to another state (initializing); try again in a minute");
  CHECK(place.client.clock.monotonic() - before < Millis(10'000));
}

TEST_CASE("adopt: a draft is left, and said to be one") {
  ByHand place;
  const Pipeline made = place.make(1);
  place.client.clock.wait(Millis(5000));
  REQUIRE(place.client.get(kFlows + "/" + made.flow).status == 200);
  REQUIRE(place.client.platform.edit("flows", made.flow, "state", "draft"));
  (void)place.adopt({made.flow});
  CHECK(place.reason() == "it is a draft; publish it first");
}

TEST_CASE("adopt: what only this spec's texts cannot hold is left, and the rest is taken") {
  ByHand place;
  const Pipeline first = place.make(1);
  place.make(2);
  REQUIRE(place.client.platform.edit("flows", first.flow, "name", "a\nb"));
  const run::Adoption adoption = place.adopt();
  REQUIRE(adoption.pipelines.size() == 1);
  CHECK(adoption.pipelines[0].key == "cio-flow-2");
  REQUIRE(adoption.left_out.size() == 1);
  CHECK(has(adoption.left_out[0].why, "a spec cannot say it: "));
}

TEST_CASE("adopt: a mapping for another schema than the target's cannot be said") {
  ByHand place;
  const Pipeline made = place.make(1);
  REQUIRE(place.client.platform.edit(
      "mappingSets", made.mapping, "outputSchema",
      {{"schemaRef", {{"id", "https://ns/other"}, {"contentType", kSchemaVersion}}}}));
  // The edit made a version of its own.
  REQUIRE(place.client.platform.edit("flows", made.flow, "transformations",
                                     Json::array({mapping_step(made.mapping, 1)})));
  const run::Adoption adoption = place.adopt();
  REQUIRE(adoption.left_out.size() == 1);
  CHECK(adoption.left_out[0].why == "a spec cannot say schema.id of its mapping");
}

TEST_CASE("adopt: of two flows of one name the older one is taken") {
  ByHand place;
  const Pipeline first = place.make(1);
  place.client.clock.wait(Millis(1000));
  const Pipeline second = place.make(1);
  const run::Adoption adoption = place.adopt({second.flow, first.flow});
  REQUIRE(adoption.pipelines.size() == 1);
  CHECK(adoption.pipelines[0].records.front().id == first.flow);
  REQUIRE(adoption.left_out.size() == 1);
  CHECK(has(adoption.left_out[0].why,
            "its source connection has the same name as that of flow " + first.flow));
}

TEST_CASE("adopt: the spec says what the flow runs, and a newer version is told of") {
  ByHand place;
  const Pipeline made = place.make(1);
  Json newer = ByHand::named(mapping_body(), " 1");
  newer["mappings"] = Json::array({mapping_row("metric", "_extconndev.metricx")});
  REQUIRE(place.client.call("PUT", kSets + "/" + made.mapping, newer.dump()).status == 200);
  const run::Adoption adoption = place.adopt();
  REQUIRE(adoption.pipelines.size() == 1);
  CHECK(has(adoption.text, "source: event_id"));
  CHECK(!has(adoption.text, "metricx"));
  REQUIRE(adoption.pipelines[0].notes.size() == 1);
  CHECK(has(adoption.pipelines[0].notes[0], "runs version 0 of its mapping set, and there is"));
}

TEST_CASE("adopt: an account is named by its id, and params are told of") {
  ByHand place;
  const Pipeline made = place.make(1);
  emulator::Platform& platform = place.client.platform;
  REQUIRE(platform.edit("sourceConnections", made.source, "baseConnectionId", "base-1"));
  REQUIRE(platform.edit("sourceConnections", made.source, "params", {{"path", "/a"}}));
  const run::Adoption adoption = place.adopt();
  REQUIRE(adoption.pipelines.size() == 1);
  REQUIRE(adoption.pipelines[0].notes.size() == 2);
  CHECK(has(adoption.pipelines[0].notes[0], "account base-1 stays as it is"));
  CHECK(has(adoption.pipelines[0].notes[1], "has params"));
}

TEST_CASE("adopt: a dataset that only these flows write to is managed with them, if so asked") {
  ByHand place;
  const Pipeline one = place.make(1);
  place.make(2);
  REQUIRE(place.adopt().pipelines.size() == 2);
  place.stores = run::walk_stores(place.engine.remote(), place.walk.found, {}, true);
  REQUIRE(place.stores.datasets.size() == 1);
  REQUIRE(place.stores.schemas.size() == 1);
  const run::Adoption both = place.adopt();
  REQUIRE(both.pipelines.size() == 4);
  CHECK(both.pipelines[2].section == "datasets");
  CHECK(both.pipelines[3].section == "schemas");
  CHECK(has(both.text, "dataset: ${datasets."));
  CHECK(has(both.text, "schema: ${schemas."));
  // The other flow would lose its dataset with this one's pipeline.
  REQUIRE(place.adopt({one.flow}).pipelines.size() == 3);
  place.stores = run::walk_stores(place.engine.remote(), place.walk.found, {}, true);
  CHECK(place.stores.datasets.empty());
  CHECK(place.stores.schemas.empty());
  REQUIRE(place.stores.notes.size() == 1);
  CHECK(has(place.stores.notes[0], "is written to by the target connection"));
  const run::Adoption alone = place.adopt({one.flow});
  CHECK(alone.pipelines.size() == 1);
  CHECK(alone.notes == place.stores.notes);
  CHECK_FALSE(has(alone.text, "datasets:"));
}

TEST_CASE("adopt: what somebody owns stays named by its id") {
  ByHand place;
  place.make(1);
  REQUIRE(place.adopt().pipelines.size() == 1);
  const std::string dataset = place.walk.found[0].target.fields.at("dataset");
  const std::string schema = place.walk.found[0].target.fields.at("schema.id");
  place.stores = run::walk_stores(place.engine.remote(), place.walk.found,
                                  {{dataset, "datasets.x of other.json"}}, true);
  CHECK(place.stores.datasets.empty());
  CHECK(has(place.stores.notes.at(0), "is datasets.x of other.json already"));
  place.stores = run::walk_stores(place.engine.remote(), place.walk.found,
                                  {{schema, "schemas.x of other.json"}}, true);
  CHECK(place.stores.datasets.size() == 1);
  CHECK(place.stores.schemas.empty());
  CHECK(has(place.adopt().text, "schema: {id: "));
}

TEST_CASE("unowned: flows that nobody owns, and of the rest what no flow uses") {
  ByHand place;
  const Pipeline used = place.make(1);
  const Pipeline owned = place.make(2);
  const std::string loose = place.post(kSources, ByHand::named(source_body(), " loose"));
  const std::vector<std::string> kinds = {"flow", "sourceConnection", "targetConnection",
                                          "mappingSet"};
  const run::Objects found =
      run::unowned(run::list_sandbox(place.engine.remote(), kinds), {{owned.flow, "somebody"}});
  REQUIRE(found.at("flow").size() == 1);
  CHECK(found.at("flow")[0].id == used.flow);
  CHECK(!found.at("flow")[0].created_by.empty());
  REQUIRE(found.at("sourceConnection").size() == 1);
  CHECK(found.at("sourceConnection")[0].id == loose);
  CHECK(found.at("targetConnection").empty());
  CHECK(found.at("mappingSet").empty());
}

TEST_CASE("add_listed: what may not be listed is told, and what may is there") {
  ByHand place;
  place.client.platform.add_fault({emulator::Fault::Kind::status, "GET", "/dataSets", 403, {}});
  run::Objects objects;
  const auto troubles = run::add_listed(place.engine.remote(), {"dataset", "schema"}, objects);
  CHECK(objects.at("schema").size() == 1);
  CHECK(!objects.contains("dataset"));
  REQUIRE(troubles.size() == 1);
  CHECK(troubles.at("dataset").what.find("403") != std::string::npos);
  CHECK(troubles.at("dataset").advice ==
        "The credentials lack a permission; ask the org's administrator.");

  // Whoever cannot do without is stopped.
  place.client.platform.add_fault({emulator::Fault::Kind::status, "GET", "/dataSets", 403, {}});
  CHECK_THROWS_AS(run::list_sandbox(place.engine.remote(), {"dataset", "schema"}), Fatal);
}

TEST_CASE("list_sandbox: all pages are read") {
  ByHand place;
  for (int i = 0; i < 120; ++i)
    place.post(kSources, ByHand::named(source_body(), std::to_string(i)));
  place.client.platform.clear_log();
  CHECK(run::list_sandbox(place.engine.remote(), {"sourceConnection"})
            .at("sourceConnection")
            .size() == 120);
  CHECK(place.client.platform.log().size() == 2);
}
