// Flow Service's objects from creation to deletion, and each reason to refuse one.

#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

void check_create_refused(Client& client, const std::string& path,
                          const std::vector<Refused>& cases) {
  for (const Refused& one : cases) {
    const Reply reply = client.post(kFlowService + path, one.body);
    CHECK_MESSAGE(reply.status == one.status, one.what, ": ", reply.text);
    CHECK_MESSAGE(reply.code == one.code, one.what, ": ", reply.text);
    CHECK_MESSAGE(reply.text.find(one.word) != std::string::npos, one.what, ": ", reply.text);
  }
  CHECK(client.get(kFlowService + path).body["items"].empty());
}

// A mapping set of the tutorial's schema, in a version of it that is not the dataset's.
std::string other_mapping(Client& client) {
  const Json body = changed(mapping_body(), "replace", "/outputSchema/schemaRef/contentType",
                            "application/vnd.adobe.xed+json;version=1");
  return client.post(kConversion + "/mappingSets", body).body["id"];
}

}  // namespace

TEST_CASE("flow service: each refusal of a new source connection") {
  Client client;
  const Json good = source_body();
  check_create_refused(
      client, "/sourceConnections",
      {{"an array", Json::array(), 400, "FLOW-400", "object"},
       {"no name", changed(good, "remove", "/name"), 400, "CONNECTOR-1304-400", "name"},
       {"an empty name", changed(good, "replace", "/name", ""), 400, "FLOW-400", "name"},
       {"a name that is none", changed(good, "replace", "/name", 7), 400, "FLOW-400", "name"},
       {"a description that is none", changed(good, "replace", "/description", Json::array()), 400,
        "FLOW-400", "description"},
       {"no spec", changed(good, "remove", "/connectionSpec"), 400, "CONNECTOR-1304-400",
        "connectionSpec"},
       {"no spec id", changed(good, "remove", "/connectionSpec/id"), 400, "CONNECTOR-1304-400",
        "id"},
       {"no spec version", changed(good, "remove", "/connectionSpec/version"), 400,
        "CONNECTOR-1304-400", "version"},
       {"an unknown spec version", changed(good, "replace", "/connectionSpec/version", "2.0"), 400,
        "FLOW-1413-400", "1.0"},
       {"an unknown spec", changed(good, "replace", "/connectionSpec/id", "96479064"), 400,
        "FLOW-1413-400", "96479064"},
       {"the lake as a source", changed(good, "replace", "/connectionSpec/id", kDataLake), 400,
        "FLOW-1413-400", kDataLake},
       {"another provider", changed(good, "replace", "/providerId", "521eee4d"), 400, "FLOW-400",
        "521eee4d"},
       {"an account", changed(good, "add", "/baseConnectionId", "a"), 400, "CONNECTOR-1332-400",
        "baseConnectionId"},
       {"no data", changed(good, "remove", "/data"), 400, "CONNECTOR-1304-400", "data"},
       {"no format", changed(good, "remove", "/data/format"), 400, "CONNECTOR-1304-400", "format"},
       {"another format", changed(good, "replace", "/data/format", "xml"), 400,
        "CONNECTOR-1327-400", "xml"},
       {"a key of its own", changed(good, "add", "/state", "enabled"), 400, "FLOW-400", "state"},
       {"params that are none", changed(good, "add", "/params", 1), 400, "FLOW-400", "params"}});
}

TEST_CASE("flow service: each refusal of a new target connection") {
  Client client;
  const Json good = target_body();
  check_create_refused(
      client, "/targetConnections",
      {{"another spec", changed(good, "replace", "/connectionSpec/id", kCustomerIo), 400,
        "CONNECTOR-1307-400", kDataLake},
       {"no schema", changed(good, "remove", "/data/schema"), 400, "CONNECTOR-1304-400", "schema"},
       {"no schema id", changed(good, "remove", "/data/schema/id"), 400, "CONNECTOR-1304-400",
        "id"},
       {"no params", changed(good, "remove", "/params"), 400, "CONNECTOR-1325-400", "dataSetId"},
       {"no dataset", changed(good, "replace", "/params", Json::object()), 400,
        "CONNECTOR-1325-400", "dataSetId"},
       {"a dataset misspelt", changed(good, "replace", "/params", {{"datasetId", kDataSet}}), 400,
        "FLOW-400", "datasetId"},
       {"an unknown dataset", changed(good, "replace", "/params/dataSetId", "63ec"), 400,
        "FLOW-400", "63ec"},
       {"another schema", changed(good, "replace", "/data/schema/id", kSchema + "0"), 400,
        "FLOW-400", kDataSet},
       {"another version",
        changed(good, "replace", "/data/schema/version",
                "application/vnd.adobe.xed+json;version=1"),
        400, "FLOW-400", kDataSet},
       {"another format", changed(good, "replace", "/data/format", "csv"), 400,
        "CONNECTOR-1327-400", "csv"}});
  const Json blanks = changed(good, "replace", "/data/schema/version",
                              "application/vnd.adobe.xed-full+json; version=1.0");
  CHECK(client.post(kFlowService + "/targetConnections", blanks).status == 201);
}

TEST_CASE("flow service: each refusal of a new flow") {
  Client client;
  const Pipeline pipeline = make_connections(client);
  const std::string other = other_mapping(client);
  const Json good = flow_body(pipeline);
  const std::string step = "/transformations/0";
  check_create_refused(
      client, "/flows",
      {{"a state", changed(good, "add", "/state", "enabled"), 400, "FLOW-1410-400", "state"},
       {"a mode", changed(good, "add", "/mode", "draft"), 400, "CONNECTOR-1368-400", "mode"},
       {"a schedule", changed(good, "add", "/scheduleParams", Json::object()), 400, "FLOW-400",
        "scheduleParams"},
       {"an inlet", changed(good, "add", "/options", {{"inletUrl", "x"}}), 400, "FLOW-400",
        "inletUrl"},
       {"a percentage of nothing",
        changed(good, "add", "/options", {{"partialIngestionPercent", 0}}), 400, "FLOW-400",
        "partialIngestionPercent"},
       {"no name", changed(good, "remove", "/name"), 400, "CONNECTOR-1304-400", "name"},
       {"no spec", changed(good, "remove", "/flowSpec"), 400, "CONNECTOR-1304-400", "flowSpec"},
       {"an unknown spec", changed(good, "replace", "/flowSpec/id", "e77f"), 400, "FLOW-1413-400",
        "e77f"},
       {"a spec for other sources",
        changed(good, "replace", "/flowSpec/id", "c1a19761-d2c7-4702-b9fa-fe91f0613e81"), 400,
        "FLOW-1413-400", kCustomerIo},
       {"no source", changed(good, "remove", "/sourceConnectionIds"), 400, "CONNECTOR-1304-400",
        "sourceConnectionIds"},
       {"an empty list", changed(good, "replace", "/targetConnectionIds", Json::array()), 400,
        "CONNECTOR-1321-400", "targetConnectionIds"},
       {"two sources", changed(good, "add", "/sourceConnectionIds/-", pipeline.source), 400,
        "CONNECTOR-1321-400", "sourceConnectionIds"},
       {"an id that is none", changed(good, "replace", "/sourceConnectionIds/0", 1), 400,
        "CONNECTOR-1321-400", "sourceConnectionIds"},
       {"an unknown source", changed(good, "replace", "/sourceConnectionIds/0", "gone"), 400,
        "FLOW-1430-400", "gone"},
       {"the source as target", changed(good, "replace", "/targetConnectionIds/0", pipeline.source),
        400, "FLOW-1430-400", pipeline.source},
       {"no mapping", changed(good, "remove", "/transformations"), 400, "CONNECTOR-1304-400",
        "transformations"},
       {"another name", changed(good, "replace", step + "/name", "mapping"), 400, "FLOW-400",
        "exactly Mapping"},
       {"no mapping id", changed(good, "remove", step + "/params/mappingId"), 400,
        "CONNECTOR-1304-400", "mappingId"},
       {"no version", changed(good, "remove", step + "/params/mappingVersion"), 400,
        "CONNECTOR-1304-400", "mappingVersion"},
       {"an unknown mapping", changed(good, "replace", step + "/params/mappingId", "6f0e"), 400,
        "FLOW-1412-400", "6f0e"},
       {"a version to come", changed(good, "replace", step + "/params/mappingVersion", 1), 400,
        "FLOW-1412-400", "version 1"},
       {"a version in words", changed(good, "replace", step + "/params/mappingVersion", "first"),
        400, "FLOW-1412-400", "first"},
       {"a version in parts", changed(good, "replace", step + "/params/mappingVersion", 0.0), 400,
        "FLOW-1412-400", "0.0"},
       {"another schema version", changed(good, "replace", step + "/params/mappingId", other), 400,
        "FLOW-1425-400", kDataSet}});
  const Json text_version = changed(good, "replace", step + "/params/mappingVersion", "0");
  CHECK(client.post(kFlowService + "/flows", text_version).status == 201);
  // The documents do not say that a connection may serve one flow only.
  CHECK(client.post(kFlowService + "/flows", good).status == 201);
}

TEST_CASE("flow service: what is wrong with a body before it is looked into") {
  struct Case {
    std::string body;
    std::string type;
    std::string target;
    int status;
    std::string code;
  };
  const std::string json = "application/json";
  const std::string text = source_body().dump();
  const std::vector<Case> cases = {
      {text, "", "", 415, "FLOW-415"},
      {text, "text/plain", "", 415, "FLOW-415"},
      {"", json, "", 400, "FLOW-1405-400"},
      {"{", json, "", 400, "FLOW-400"},
      {text, json, "?x=1", 400, "FLOW-1451-400"},
      {text, "Application/JSON; charset=utf-8", "", 201, ""},
  };
  for (const Case& one : cases) {
    Client client;
    Headers headers = standard_headers();
    if (!one.type.empty()) headers["content-type"] = one.type;
    const std::string target = kFlowService + "/sourceConnections" + one.target;
    const Reply reply = client.send({"POST", "", target, headers, one.body});
    CHECK_MESSAGE(reply.status == one.status, one.body, one.type, ": ", reply.text);
    CHECK_MESSAGE(reply.code == one.code, one.body, one.type, ": ", reply.text);
  }
}

TEST_CASE("flow service: the tutorial's pipeline comes to life, and is taken down again") {
  Client client;
  const Pipeline pipeline = make_connections(client);
  const Reply created = client.post(kFlowService + "/flows", flow_body(pipeline));
  REQUIRE(created.status == 201);
  const std::string id = created.body["id"];
  const std::string path = kFlowService + "/flows/" + id;
  CHECK(created.headers.at("location").ends_with(id));
  CHECK(id.size() == 36);
  CHECK(id[14] == '4');

  client.clock.wait(Millis(1500));
  const Json flow = client.item(path);
  CHECK(flow["state"] == "enabled");
  CHECK(flow["version"] == flow["etag"]);
  CHECK(flow["flowSpec"] == Json({{"id", kStreamingFlow}, {"version", "1.0"}}));
  CHECK(flow["runs"] == "/runs?property=flowId==" + id);
  CHECK(flow["inheritedAttributes"]["sourceConnections"][0]["id"] == pipeline.source);
  CHECK(flow["sandboxName"] == "dev");
  CHECK(flow["createdClient"] == "emulator");
  CHECK(client.get(kFlowService + "/runs?property=flowId%3D%3D" + id).body["items"].empty());

  const std::string inlet_url = flow["options"]["inletUrl"];
  const std::string start = "https://dcs.adobedc.net";
  REQUIRE(inlet_url.starts_with(start + "/collection/"));
  CHECK(inlet_url.size() == start.size() + 12 + 64);
  const Headers json = {{"Content-Type", "application/json"}};
  const std::string inlet = inlet_url.substr(start.size());
  const std::string event = R"({"event_id":"01E4C4CT6YDC7Y5M7FE1GWWPQJ","metric":"opened"})";
  const std::string with_flow = inlet + "?x-adobe-flow-id=" + id;
  const Reply received = client.send({"POST", start, with_flow, json, event});
  CHECK(received.status == 200);
  CHECK(received.body["inletId"] == inlet.substr(12));
  CHECK(received.body["receivedTimeMs"] == client.clock.wall().count());
  CHECK(client.send({"POST", start, inlet, json, event}).status == 400);
  CHECK(client.send({"POST", start, inlet + "?x-adobe-flow-id=x", json, event}).status == 400);
  CHECK(client.send({"POST", start, with_flow, json, "{"}).status == 400);
  CHECK(client.send({"POST", start, "/collection/0?x-adobe-flow-id=" + id, json, event}).status ==
        400);

  const std::string source = kFlowService + "/sourceConnections/" + pipeline.source;
  CHECK(client.call("DELETE", source).code == "FLOW-1447-400");
  const Reply deleted = client.call("DELETE", path);
  CHECK(deleted.status == 204);
  CHECK(deleted.text.empty());
  CHECK(client.get(path).code == "FLOW-1439-404");
  CHECK(client.call("DELETE", path).code == "FLOW-1439-404");
  CHECK(client.call("DELETE", source).status == 204);
  CHECK(client.call("DELETE", kFlowService + "/targetConnections/" + pipeline.target).status ==
        204);
  CHECK(client.call("DELETE", kConversion + "/mappingSets/" + pipeline.mapping).status == 204);
}

TEST_CASE("flow service: specifications can be looked up and listed") {
  Client client;
  const Json spec = client.item(kFlowService + "/flowSpecs/" + kStreamingFlow);
  CHECK(spec["name"] == "GenericStreamingAEP");
  const Json& sources = spec["sourceConnectionSpecIds"];
  CHECK(std::find(sources.begin(), sources.end(), kCustomerIo) != sources.end());
  CHECK(client.item(kFlowService + "/connectionSpecs/" + kDataLake)["version"] == "1.0");
  CHECK(client.get(kFlowService + "/connectionSpecs/x").code == "FLOW-1439-404");
  const std::string filter = "?property=id%3D%3D" + kCustomerIo;
  CHECK(client.get(kFlowService + "/connectionSpecs" + filter).body["items"].size() == 1);
  CHECK_FALSE(client.get(kFlowService + "/connectionSpecs").body.contains("_links"));
  CHECK(client.call("POST", kFlowService + "/connections/search").status == 501);
}
