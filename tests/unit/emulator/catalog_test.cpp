// Catalog: datasets from creation to deletion, and each reason to refuse one.

#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string kDataSets = "/data/foundation/catalog/dataSets";
const Headers kOperations = {{"Content-Type", "application/json-patch+json"}};

Json data_set_body() {
  return {{"name", "Orders 2"},
          {"schemaRef", {{"id", kSchema}, {"contentType", kSchemaVersion}}},
          {"tags", {{"unifiedProfile", {"enabled:true"}}}}};
}

std::string make_data_set_of(Client& client, const Json& body) {
  const Reply made = client.post(kDataSets, body);
  REQUIRE(made.status == 201);
  const std::string reference = made.body.at(0);
  REQUIRE(reference.starts_with("@/dataSets/"));
  CHECK(made.headers.at("location") == kDataSets + reference.substr(10));
  return reference.substr(11);
}

Json data_set(Client& client, const std::string& id) {
  return client.get(kDataSets + "/" + id).body.at(id);
}

Json add_operation(const std::string& path, const Json& value) {
  return Json::array({{{"op", "add"}, {"path", path}, {"value", value}}});
}

}  // namespace

TEST_CASE("catalog: a new dataset has the platform's own tags and fields") {
  Client client;
  const std::string id = make_data_set_of(client, data_set_body());
  CHECK(id.size() == 24);
  const Reply got = client.get(kDataSets + "/" + id);
  const Json body = got.body[id];
  CHECK(got.headers.at("e-tag") == "1.0.0");
  CHECK(body["tags"]["adobe/pqs/table"] == Json::array({"orders_2"}));
  // The simulated clock starts at 1760000000 seconds.
  CHECK(body["tags"]["unifiedProfile"] ==
        Json::array({"enabled:true", "enabledAt:2025-10-09 08:53:20"}));
  CHECK_FALSE(body["tags"].contains("unifiedIdentity"));
  CHECK(body["state"] == "DRAFT");
  CHECK(body["fileDescription"]["format"] == "parquet");
  CHECK(body["created"] == client.clock.wall().count());
}

TEST_CASE("catalog: each refusal of a new dataset") {
  Client client;
  const Json good = data_set_body();
  const std::vector<Refused> cases = {
      {"no name", changed(good, "remove", "/name"), 400, "",
       "The field name must be a text that is not empty"},
      {"no schema", changed(good, "remove", "/schemaRef"), 400, "",
       "The field schemaRef is missing"},
      {"an unknown schema", changed(good, "replace", "/schemaRef/id", kSchema + "0"), 400, "",
       "There is no schema " + kSchema + "0"},
      {"another media type", changed(good, "replace", "/schemaRef/contentType", "application/json"),
       400, "", "schemaRef.contentType is application/json"},
      {"a tag that is a text", changed(good, "replace", "/tags/unifiedProfile", "enabled:true"),
       400, "", "The tag unifiedProfile must be a list of texts"},
      {"an upsert", changed(good, "add", "/isUpsert", true), 400, "",
       "The body has the unknown field isUpsert"}};
  for (const Refused& one : cases) {
    const Reply reply = client.post(kDataSets, one.body);
    CHECK_MESSAGE(reply.status == one.status, one.what, ": ", reply.text);
    CHECK_MESSAGE(reply.body["detail"] == one.word, one.what, ": ", reply.text);
  }
  CHECK(client.platform.ids("dev", "dataSets") == std::vector<std::string>{kDataSet});
}

TEST_CASE("catalog: the first PATCH merges the top level only") {
  Client client;
  const std::string path = kDataSets + "/" + make_data_set_of(client, data_set_body());
  const std::string id = path.substr(kDataSets.size() + 1);
  const Reply renamed = client.call("PATCH", path, R"({"name":"Other"})");
  CHECK(renamed.status == 200);
  CHECK(renamed.body == Json::array({"@/dataSets/" + id}));
  CHECK(data_set(client, id)["name"] == "Other");
  CHECK(data_set(client, id)["version"] == "1.0.1");
  CHECK(data_set(client, id)["tags"].contains("adobe/pqs/table"));
  CHECK(client.call("PATCH", path, R"({"tags":{"mine":["a"]}})").status == 200);
  CHECK(data_set(client, id)["tags"] == Json({{"mine", {"a"}}}));
  const Reply schema = client.call("PATCH", path, R"({"schemaRef":{}})");
  CHECK(schema.status == 400);
  CHECK(schema.body["detail"] == "The body has the unknown field schemaRef");
  CHECK(client.call("PATCH", kDataSets + "/0", R"({"name":"Other"})").status == 404);
}

TEST_CASE("catalog: a list of operations has its own media type") {
  emulator::Switches switches;
  switches.array_as_json_status = 415;
  Client strict(switches);
  Client client;
  const std::string path = kDataSets + "/" + kDataSet;
  const std::string on = add_operation("/tags/unifiedProfile", {"enabled:true"}).dump();
  CHECK(strict.call("PATCH", path, on).status == 415);
  const Reply wrong = client.call("PATCH", path, on);
  CHECK(wrong.status == 400);
  CHECK(wrong.body["detail"] ==
        "An array of operations must be sent as application/json-patch+json");
  CHECK(client.call("PATCH", path, on, kOperations).status == 200);
  const Json since = data_set(client, kDataSet)["tags"]["unifiedProfile"][1];
  client.clock.wait(Millis(60'000));
  CHECK(client.call("PATCH", path, on, kOperations).status == 200);
  CHECK(data_set(client, kDataSet)["tags"]["unifiedProfile"][1] == since);
  const std::string off = add_operation("/tags/unifiedProfile", {"enabled:false"}).dump();
  CHECK(client.call("PATCH", path, off, kOperations).status == 200);
  CHECK(data_set(client, kDataSet)["tags"]["unifiedProfile"] == Json::array({"enabled:false"}));
  const std::string server = add_operation("/state", "x").dump();
  CHECK(client.call("PATCH", path, server, kOperations).body["detail"] ==
        "The path /state cannot be updated");
  CHECK(client.call("PATCH", path, R"({"name":"x"})", kOperations).status == 400);
  CHECK(client.call("PATCH", path, R"([{"op":"add","path":1}])", kOperations).body["detail"] ==
        "The path 1 cannot be updated");
}

TEST_CASE("catalog: the second PATCH merges deeply, and If-Match guards both") {
  Client client;
  const std::string path = "/data/foundation/catalog/v2/dataSets/" + kDataSet;
  CHECK(client.call("PATCH", path, R"({"tags":{"mine":["a"]}})", {{"If-Match", "1.0.0"}}).status ==
        200);
  CHECK(data_set(client, kDataSet)["tags"].contains("adobe/pqs/table"));
  CHECK(data_set(client, kDataSet)["tags"]["mine"] == Json::array({"a"}));
  const Reply late = client.call("PATCH", path, R"({"name":"x"})", {{"If-Match", "\"1.0.0\""}});
  CHECK(late.status == 412);
  CHECK(late.body["detail"] == "The version 1.0.0 is not that of the dataset");
}

TEST_CASE("catalog: lists are filtered, and what is deleted is gone") {
  Client client;
  const std::string id = make_data_set_of(client, data_set_body());
  const auto count = [&client](const std::string& query) {
    return client.get(kDataSets + "?" + query).body.size();
  };
  CHECK(count("name=Orders*") == 1);
  CHECK(count("name=Orders") == 0);
  CHECK(count("property=name~%5EOrd") == 1);
  CHECK(count("property=schemaRef.id==" + kSchema) == 2);
  CHECK(count("tags=adobe/pqs/table:orders_2") == 1);
  CHECK(count("limit=1&start=1") == 1);
  CHECK(client.get(kDataSets + "?property=name").status == 400);
  const Reply deleted = client.call("DELETE", kDataSets + "/" + id);
  CHECK(deleted.status == 200);
  CHECK(deleted.body == Json::array({"@/dataSets/" + id}));
  CHECK(client.call("DELETE", kDataSets + "/" + id).body == Json::array());
  CHECK(client.get(kDataSets + "/" + id).status == 404);
}
