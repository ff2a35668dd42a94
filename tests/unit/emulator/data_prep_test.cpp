// Mapping sets: dialects, versions, lists, deletion.

#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

Json legacy_row() {
  return {{"destinationXdmPath", "_extconndev.event_id0"},
          {"sourceAttribute", "event_id"},
          {"identity", false},
          {"version", 0}};
}

std::string create(Client& client, const Json& body) {
  const Reply reply = client.post(kSets, body);
  REQUIRE(reply.status == 200);
  return reply.body["id"];
}

}  // namespace

TEST_CASE("data prep: a row reads the same, whatever the dialect it was sent in") {
  Client client;
  const Json modern = mapping_body();
  const Json legacy = changed(modern, "replace", "/mappings/0", legacy_row());
  const Json oldest = {{"version", 0},
                       {"xdmSchema", kSchema},
                       {"xdmVersion", "1.0"},
                       {"id", nullptr},
                       {"mappings", Json::array({legacy_row()})}};
  for (const Json& body : {modern, legacy, oldest}) {
    const Json set = client.get(kSets + "/" + create(client, body)).body;
    const Json& row = set["mappings"][0];
    CHECK(row["sourceType"] == "text/x.schema-path");
    CHECK(row["source"] == "event_id");
    CHECK(row["sourceAttribute"] == "event_id");
    CHECK(row["destination"] == "_extconndev.event_id0");
    CHECK(row["destinationXdmPath"] == "_extconndev.event_id0");
    CHECK(row["identity"] == false);
    CHECK(row["id"].get<std::string>().size() == 32);
    CHECK(set["schemaRef"] == Json({{"id", kSchema}, {"contentType", kSchemaVersion}}));
    CHECK(set["outputSchema"]["schemaRef"] == set["schemaRef"]);
    CHECK(set["xdmSchema"] == kSchema);
    CHECK(set["xdmVersion"] == kSchemaVersion);
    CHECK(set["status"] == "DRAFT");
  }
  const Json expression = {{"sourceType", "EXPRESSION"},
                           {"source", "concat(event_id, metric)"},
                           {"destination", "_id"},
                           {"description", "unique"}};
  const Json body = changed(modern, "replace", "/mappings/0", expression);
  const Json row = client.get(kSets + "/" + create(client, body)).body["mappings"][0];
  CHECK(row["sourceType"] == "text/x.aep-xl");
  CHECK(row["description"] == "unique");
}

TEST_CASE("data prep: each refusal of a mapping set") {
  struct Case {
    std::string what;
    Json body;
    std::string word;
  };
  const Json good = mapping_body();
  const std::string row = "/mappings/0";
  const std::string schema = "/outputSchema/schemaRef";
  const Json mixed = {{"sourceType", "ATTRIBUTE"}, {"source", "a"}, {"destinationXdmPath", "b"}};
  Json long_row = {{"sourceType", "EXPRESSION"}, {"destination", "b"}};
  long_row["source"] = std::string(4097, 'x');
  const std::vector<Case> cases = {
      {"an array", Json::array(), "object"},
      {"a key of its own", changed(good, "add", "/description", "x"), "description"},
      {"a name that is none", changed(good, "replace", "/name", 1), "name"},
      {"no schema", changed(good, "remove", "/outputSchema"), "outputSchema"},
      {"no schema id", changed(good, "remove", schema + "/id"), "id"},
      {"an unknown schema", changed(good, "replace", schema + "/id", "x"), "x"},
      {"no version", changed(good, "replace", schema + "/contentType", "application/json"),
       "application/json"},
      {"no mappings", changed(good, "remove", "/mappings"), "mappings"},
      {"a text as mapping", changed(good, "replace", row, "a"), "object"},
      {"no source type", changed(good, "remove", row + "/sourceType"), "sourceType"},
      {"another source type", changed(good, "replace", row + "/sourceType", "text/x.schema-path"),
       "text/x.schema-path"},
      {"no source", changed(good, "remove", row + "/source"), "source"},
      {"an empty destination", changed(good, "replace", row + "/destination", ""), "destination"},
      {"a key of its own in a row", changed(good, "add", row + "/id", "x"), "id"},
      {"two dialects in one row", changed(good, "replace", row, mixed), "source"},
      {"an endless expression", changed(good, "replace", row, long_row), "4096"},
      {"one destination twice",
       changed(good, "add", "/mappings/-", mapping_row("a", "_extconndev.event_id0")),
       "_extconndev.event_id0"},
  };
  Client client;
  const std::string set = kSets + "/" + create(client, good);
  for (const Case& one : cases) {
    const std::string text = one.body.dump();
    for (const Reply& reply : {client.call("POST", kSets, text), client.call("PUT", set, text)}) {
      CHECK_MESSAGE(reply.status == 400, one.what, ": ", reply.text);
      CHECK_MESSAGE(reply.text.find(one.word) != std::string::npos, one.what, ": ", reply.text);
    }
  }
  CHECK(client.get(set).body["version"] == 0);
  CHECK(client.call("POST", kSets, good.dump(), {{"Content-Type", "text/plain"}}).status == 415);
  CHECK(client.call("POST", kSets, "", {{"Content-Type", "application/json"}}).status == 400);
  CHECK(client.call("POST", kSets + "?validate=true", good.dump()).status == 400);
}

TEST_CASE("data prep: a PUT makes a new version, and the old ones stay") {
  Client client;
  client.clock.wait(Millis(254'724));
  const Reply created = client.post(kSets, mapping_body());
  REQUIRE(created.status == 200);
  const std::string path = kSets + "/" + created.body["id"].get<std::string>();
  CHECK(created.body["version"] == 0);
  CHECK(created.body["createdDate"] == 1'760'000'254'724);
  CHECK(created.body.size() == 6);
  const Json first = client.get(path).body;
  CHECK(first["createdDate"] == 1'760'000'255'000);

  client.clock.wait(Millis(5000));
  Json body = mapping_body();
  body["mappings"].push_back(mapping_row("metric", "_extconndev.metricx"));
  const Reply replaced = client.call("PUT", path, body.dump());
  CHECK(replaced.status == 200);
  CHECK(replaced.body["version"] == 1);
  CHECK(replaced.body["id"] == created.body["id"]);
  CHECK(replaced.body["mappings"].size() == 2);
  CHECK(replaced.body["mappings"][0]["id"] != first["mappings"][0]["id"]);
  CHECK(replaced.body["createdDate"] == first["createdDate"]);
  CHECK(replaced.body["modifiedDate"] == 1'760'000'260'000);

  CHECK(client.get(path).body == replaced.body);
  CHECK(client.get(path + "?version=1").body == replaced.body);
  CHECK(client.get(path + "?version=0").body == first);
  CHECK(client.get(path + "?version=2").status == 404);
  CHECK(client.get(path + "?version=one").status == 400);
  CHECK(client.get(path + "?versions=1").status == 400);
  const Json whole =
      client.get(path + "?expandSchema=true").body.at("outputSchema").at("jsonSchema");
  CHECK(whole["$id"] == kSchema);
  CHECK(whole["properties"]["_extconndev"]["properties"]["email"] ==
        Json({{"type", "string"}, {"title", "email"}}));
  CHECK(client.get(kSets + "/0").status == 404);
}

TEST_CASE("data prep: lists need a limit and a start") {
  emulator::Switches switches;
  switches.page_size_max = 2;
  Client client(switches);
  for (const std::string name : {"a", "b", "b"})
    create(client, changed(mapping_body(), "replace", "/name", name));
  CHECK(client.get(kSets).status == 400);
  CHECK(client.get(kSets + "?limit=10").status == 400);
  CHECK(client.get(kSets + "?start=0").status == 400);
  CHECK(client.get(kSets + "?limit=0&start=0").status == 400);
  const Json page = client.get(kSets + "?limit=10&start=0").body;
  CHECK(page["data"].size() == 2);
  CHECK(page["_page"] == Json({{"count", 2}, {"limit", 2}}));
  CHECK(page["_links"]["next"]["href"] == "/mappingSets?limit=2&start=2");
  const Json last = client.get(kSets + "?limit=2&start=2").body;
  CHECK(last["data"].size() == 1);
  CHECK(last["_links"] == Json::object());
  CHECK(client.get(kSets + "?limit=2&start=0&name=b").body["data"].size() == 2);
  CHECK(client.get(kSets + "?limit=2&start=0&name=c").body["data"].empty());
}

TEST_CASE("data prep: deletion does what the switch says") {
  for (const int status : {204, 404, 405, 501}) {
    emulator::Switches switches;
    switches.mapping_delete_status = status;
    Client client(switches);
    const std::string path = kSets + "/" + create(client, mapping_body());
    CHECK(client.call("DELETE", path).status == status);
    CHECK(client.get(path).status == (status == 204 ? 404 : 200));
    CHECK(client.call("DELETE", kSets + "/0").status == 404);
  }
}
