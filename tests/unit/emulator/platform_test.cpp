// Switches, faults, other people's work, saving and restoring, and the transport.

#include "emulator/transport.hpp"
#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::test;
using emulator::Fault;

namespace {

http::Request request(const std::string& method, const std::string& target,
                      const Json& body = nullptr) {
  Headers headers = standard_headers();
  if (!body.is_null()) headers["Content-Type"] = "application/json";
  return {method, "https://platform.adobe.io", target, headers, body.is_null() ? "" : body.dump()};
}

bool has_failed(const http::Outcome& outcome) {
  const auto* failure = std::get_if<http::Failure>(&outcome);
  if (failure == nullptr) return false;
  CHECK(failure->maybe_sent);
  CHECK_FALSE(failure->what.empty());
  return true;
}

}  // namespace

TEST_CASE("platform: the switches change what GET tells") {
  emulator::Switches switches;
  switches.default_mapping_version = emulator::Switches::MappingVersion::first;
  switches.echo_provider_id = true;
  switches.echo_mapping_name = false;
  switches.mapping_version_as_text = true;
  switches.schema_key_is_schema_id = true;
  switches.extra_fields = true;
  switches.patch_answers_items = true;
  switches.refuse_delete_in_use = false;
  Client client(switches);
  const Pipeline pipeline = make_pipeline(client);
  const std::string source = kFlowService + "/sourceConnections/" + pipeline.source;
  const Json target = client.item(kFlowService + "/targetConnections/" + pipeline.target);
  const std::string set = kConversion + "/mappingSets/" + pipeline.mapping;
  CHECK(client.item(source)["providerId"] == "521eee4d-8cbe-4906-bb48-fb6bd4450033");
  CHECK(target["data"]["schema"] == Json({{"schemaId", kSchema}, {"version", kSchemaVersion}}));
  const Json flow = client.item(kFlows + "/" + pipeline.flow);
  CHECK(flow["transformations"][0]["params"]["mappingVersion"] == "0");
  CHECK(flow.contains("emulatorExtra"));
  CHECK(client.get(kFlows).body.contains("emulatorExtra"));
  CHECK(client.get(kFlows).body["items"][0].contains("emulatorExtra"));
  REQUIRE(client.call("PUT", set, mapping_body().dump()).status == 200);
  CHECK(client.get(set).body["version"] == 0);
  CHECK_FALSE(client.get(set).body.contains("name"));
  const Json rename = Json::array({{{"op", "replace"}, {"path", "/name"}, {"value", "new"}}});
  const Reply patched = client.patch(source, client.item(source)["etag"], rename);
  CHECK(patched.body["items"][0]["name"] == "new");
  CHECK(client.call("DELETE", source).status == 204);

  Client plain;
  const Pipeline other = make_pipeline(plain);
  CHECK_FALSE(
      plain.item(kFlowService + "/sourceConnections/" + other.source).contains("providerId"));
}

TEST_CASE("platform: a fault strikes the first request that it fits, once") {
  Client client;
  client.platform.add_fault({Fault::Kind::status, "POST", "", 503, ""});
  client.platform.add_fault({Fault::Kind::status, "", "/flows", 429, "7"});
  client.platform.add_fault({Fault::Kind::status, "", "/flows", 401, ""});
  CHECK(client.get(kFlowService + "/sourceConnections").status == 200);
  const Reply busy = client.get(kFlows);
  CHECK(busy.status == 429);
  CHECK(busy.code == "429050");
  CHECK(busy.headers.at("retry-after") == "7");
  CHECK(client.get(kFlows).code == "401013");
  CHECK(client.get(kFlows).status == 200);
  const http::Request token = {"POST", "", "/ims/token/v3", {}, ""};
  CHECK(client.send(token).status == 400);
  CHECK(client.post(kFlowService + "/sourceConnections", source_body()).status == 503);
  CHECK(client.platform.ids("dev", "sourceConnections").empty());
  CHECK(client.post(kFlowService + "/sourceConnections", source_body()).status == 201);
  client.platform.add_fault({Fault::Kind::status, "", "/ims", 500, ""});
  CHECK(client.send(token).status == 500);
}

TEST_CASE("platform: a lost reply leaves the work done, a lost request does not") {
  struct Case {
    Fault::Kind kind;
    std::size_t made;
    std::string log;
  };
  const std::string line = "POST " + kFlowService + "/sourceConnections 201";
  const std::vector<Case> cases = {
      {Fault::Kind::lost_reply, 1, line + " (reply lost)"},
      {Fault::Kind::cut_body, 1, line + " (reply cut)"},
      {Fault::Kind::lost_request, 0, ""},
  };
  for (const Case& one : cases) {
    Client client;
    client.platform.add_fault({one.kind, "POST", "/sourceConnections", 503, ""});
    const auto create = request("POST", kFlowService + "/sourceConnections?x", source_body());
    http::Request good = create;
    good.target = kFlowService + "/sourceConnections";
    CHECK(has_failed(client.platform.handle(good)));
    CHECK(client.platform.ids("dev", "sourceConnections").size() == one.made);
    const std::vector<std::string> log = client.platform.log();
    CHECK((log.empty() ? "" : log.at(0)) == one.log);
    client.platform.clear_log();
    CHECK_FALSE(has_failed(client.platform.handle(create)));
    CHECK(client.platform.log() ==
          std::vector<std::string>{"POST " + kFlowService + "/sourceConnections 400"});
  }
}

TEST_CASE("platform: other people edit and erase") {
  Client client;
  const Pipeline pipeline = make_pipeline(client);
  client.clock.wait(Millis(5000));
  const Json before = client.platform.object("flows", pipeline.flow);
  REQUIRE(client.platform.edit("flows", pipeline.flow, "name", "theirs"));
  const Json after = client.item(kFlows + "/" + pipeline.flow);
  CHECK(after["name"] == "theirs");
  CHECK(after["updatedBy"] == "someone.else@example.com");
  CHECK(after["updatedAt"] == client.clock.wall().count());
  CHECK(after["etag"] != before["etag"]);
  CHECK(after["version"] == after["etag"]);

  REQUIRE(client.platform.edit("mappingSets", pipeline.mapping, "name", "theirs"));
  const Json set = client.get(kConversion + "/mappingSets/" + pipeline.mapping).body;
  CHECK(set["version"] == 1);
  CHECK(set["name"] == "theirs");
  CHECK(set["modifiedBy"] == "someone.else@example.com");

  CHECK_FALSE(client.platform.edit("flows", "x", "name", "theirs"));
  CHECK(client.platform.erase("flows", pipeline.flow));
  CHECK_FALSE(client.platform.erase("flows", pipeline.flow));
  CHECK(client.get(kFlows + "/" + pipeline.flow).status == 404);
  CHECK(client.platform.object("flows", pipeline.flow).is_null());
}

TEST_CASE("platform: all that it holds survives, and ids never come again") {
  Client client;
  const Pipeline pipeline = make_pipeline(client);
  REQUIRE(
      client.call("PUT", kConversion + "/mappingSets/" + pipeline.mapping, mapping_body().dump())
          .status == 200);
  // By way of text, as a file would hold it.
  const Json saved = Json::parse(client.platform.save().dump());

  Client other;
  CHECK(make_pipeline(other).flow == pipeline.flow);
  REQUIRE(other.platform.restore(saved));
  CHECK(other.platform.save() == saved);
  for (const std::string collection :
       {"flows", "sourceConnections", "mappingSets", "dataSets", "schemas", "fieldgroups"}) {
    const std::vector<std::string> ids = client.platform.ids("dev", collection);
    CHECK(other.platform.ids("dev", collection) == ids);
    CHECK(other.platform.object(collection, ids.at(0)) ==
          client.platform.object(collection, ids.at(0)));
  }
  CHECK(other.get(kConversion + "/mappingSets/" + pipeline.mapping + "?version=0").status == 200);
  // What was on its way still is.
  other.clock.wait(Millis(1500));
  CHECK(other.item(kFlows + "/" + pipeline.flow)["state"] == "enabled");

  // The same seed, as if the program had been started anew.
  Client again;
  REQUIRE(again.platform.restore(saved));
  const Pipeline second = make_pipeline(again);
  CHECK(again.platform.ids("dev", "flows") == std::vector<std::string>{pipeline.flow, second.flow});
  CHECK(second.source != pipeline.source);
  CHECK(second.mapping != pipeline.mapping);
}

TEST_CASE("platform: a document that is not its own changes nothing") {
  Client client;
  const Pipeline pipeline = make_pipeline(client);
  const Json saved = client.platform.save();
  const std::vector<Json> documents = {
      Json(),
      Json::array(),
      Json::object(),
      changed(saved, "replace", "/format", "other"),
      changed(saved, "replace", "/format_version", 2),
      changed(saved, "remove", "/counter"),
      changed(saved, "replace", "/sandboxes", Json::array()),
      changed(saved, "replace", "/sandboxes/dev/collections/flows/0/body", "x"),
      changed(saved, "remove", "/sandboxes/dev/collections/flows/0/serial"),
  };
  for (const Json& document : documents) {
    CHECK_FALSE(client.platform.restore(document));
    CHECK(client.platform.save() == saved);
  }
}

TEST_CASE("transport: replies come in the order of the clock, after the latency") {
  Client client;
  emulator::EmulatorTransport transport(client.platform, client.clock, {Millis(40), {}, {}});
  std::vector<std::string> seen;
  const auto note = [&seen, &client](const std::string& name) {
    return [&seen, &client, name](const http::Outcome& outcome) {
      CHECK(std::holds_alternative<http::Response>(outcome));
      seen.push_back(name + " at " + std::to_string(client.clock.monotonic().count()));
    };
  };
  transport.start(request("GET", kFlows), note("first"));
  transport.poll(Millis(10));
  transport.start(request("GET", kFlows), note("second"));
  CHECK(seen.empty());
  transport.poll(Millis(1000));
  CHECK(seen == std::vector<std::string>{"first at 40"});
  transport.poll(Millis(1000));
  CHECK(seen == std::vector<std::string>{"first at 40", "second at 50"});
  transport.poll(Millis(100));
  CHECK(client.clock.monotonic() == Millis(150));
}

TEST_CASE("transport: a reply that is lost is given up after a time, a cut one at once") {
  for (const auto kind :
       {Fault::Kind::lost_reply, Fault::Kind::lost_request, Fault::Kind::cut_body}) {
    Client client;
    client.platform.add_fault({kind, "", "", 503, ""});
    int saves = 0;
    emulator::EmulatorTransport transport(client.platform, client.clock,
                                          {Millis(40), Millis(5000), [&saves] { ++saves; }});
    bool is_done = false;
    transport.start(request("POST", kFlowService + "/sourceConnections", source_body()),
                    [&is_done](const http::Outcome& outcome) { is_done = has_failed(outcome); });
    for (int i = 0; i < 5 && !is_done; ++i)
      transport.poll(Millis(60'000));
    CHECK(is_done);
    CHECK(client.clock.monotonic() == (kind == Fault::Kind::cut_body ? Millis(40) : Millis(5040)));
    CHECK(saves == (kind == Fault::Kind::lost_request ? 0 : 1));
    transport.start(request("GET", kFlows), [](const http::Outcome&) {});
    transport.poll(Millis(100));
    CHECK(saves == (kind == Fault::Kind::lost_request ? 0 : 1));
  }
}

TEST_CASE("transport: what a reply starts waits for the next poll") {
  Client client;
  emulator::EmulatorTransport transport(client.platform, client.clock);
  int replies = 0;
  std::function<void(http::Outcome)> again = [&](const http::Outcome&) {
    ++replies;
    transport.start(request("GET", kFlows), again);
  };
  transport.start(request("GET", kFlows), again);
  transport.poll(Millis(0));
  CHECK(replies == 1);
  transport.poll(Millis(0));
  CHECK(replies == 2);
}
