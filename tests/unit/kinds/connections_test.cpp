// Source and target connections, and what the kinds of Flow Service have in common.

#include "unit/kinds/requests.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::kinds;
using namespace sluice::test;

namespace {

const std::string kSources = "/data/foundation/flowservice/sourceConnections";
const std::string kTargets = "/data/foundation/flowservice/targetConnections";

Fields source_inputs() {
  return {{"name", "Streaming Source Connection for Customer.io"},
          {"description", "Streaming Source Connection for customer.io"},
          {"connection_spec.id", "96479064-7b8a-4d69-b9ed-21c5683837ea"},
          {"connection_spec.version", "1.0"},
          {"provider_id", "521eee4d-8cbe-4906-bb48-fb6bd4450033"},
          {"format", "json"}};
}

Fields target_inputs() {
  return {{"name", "Streaming Target Connection for Customer.io"},
          {"description", "Streaming Target Connection for Customer.io"},
          {"connection_spec.id", "c604ff05-7f1a-43c0-8e18-33bf874cb11c"},
          {"connection_spec.version", "1.0"},
          {"format", "json"},
          {"schema.id", kSchema},
          {"schema.version", "1"},
          {"dataset", "63ec807d3f5ce91bd2d06c65"}};
}

// Keys in no order, audit fields, nulls and objects that nobody asked for.
const std::string kSourceReply = R"({"items":[{
  "state":"enabled","etag":"\"af00a717-0000-0200-0000-63ef2cbd0000\"",
  "data":{"schema":null,"format":"json","properties":null},
  "connectionSpec":{"version":"1","id":"96479064-7b8a-4d69-b9ed-21c5683837ea","extra":true},
  "name":"Streaming Source Connection for Customer.io","params":{},
  "version":"\"af00a717-0000-0200-0000-63ef2cbd0000\"","providerRefId":"p",
  "description":"Streaming Source Connection for customer.io",
  "createdBy":"a@techacct.adobe.com","updatedBy":"b@techacct.adobe.com",
  "createdAt":1676618941000,"updatedAt":1676618942000,"createdClient":"client-1",
  "updatedClient":"client-2","sandboxName":"dev","imsOrgId":"O@AdobeOrg",
  "inheritedAttributes":{},"id":"133bb51f-f310-4b4a-b8b2-731aef1e223c"}],"_links":{}})";

Update renamed(const std::string& id, const std::string& etag) {
  return {
      id, etag, Json::object(), {{"name", "old", "new", Cause::spec, false}}, {{"name", "new"}}};
}

}  // namespace

TEST_CASE("sourceConnection: is created as the tutorial does it") {
  const http::Request request = source_connection().create(source_inputs());
  CHECK(head_of(request) == "POST " + kSources);
  CHECK(body_of(request) == Json::parse(R"({
    "name": "Streaming Source Connection for Customer.io",
    "providerId": "521eee4d-8cbe-4906-bb48-fb6bd4450033",
    "description": "Streaming Source Connection for customer.io",
    "connectionSpec": {"id": "96479064-7b8a-4d69-b9ed-21c5683837ea", "version": "1.0"},
    "data": {"format": "json"}})"));
}

TEST_CASE("sourceConnection: what the spec leaves out is not sent, nor is an account") {
  Fields inputs = source_inputs();
  inputs.erase("description");
  inputs.erase("provider_id");
  const Json body = body_of(source_connection().create(inputs));
  CHECK(body.size() == 3);
  CHECK_FALSE(body.contains("baseConnectionId"));
}

TEST_CASE("targetConnection: is created as the tutorial does it") {
  const http::Request request = target_connection().create(target_inputs());
  CHECK(head_of(request) == "POST " + kTargets);
  CHECK(body_of(request) == Json::parse(R"({
    "name": "Streaming Target Connection for Customer.io",
    "description": "Streaming Target Connection for Customer.io",
    "connectionSpec": {"id": "c604ff05-7f1a-43c0-8e18-33bf874cb11c", "version": "1.0"},
    "data": {"format": "json", "schema": {
      "id": ")" + kSchema + R"(", "version": "application/vnd.adobe.xed-full+json;version=1"}},
    "params": {"dataSetId": "63ec807d3f5ce91bd2d06c65"}})"));
}

TEST_CASE("targetConnection: every spelling of a schema version is sent as its major number") {
  for (const Json& version : {Json("1"), Json("1.0"), Json(1), Json(1.0)}) {
    Fields inputs = target_inputs();
    inputs["schema.version"] = version;
    CHECK(body_of(target_connection().create(inputs))["data"]["schema"]["version"] ==
          "application/vnd.adobe.xed-full+json;version=1");
  }
}

TEST_CASE("connections: are read and deleted by id, which is encoded") {
  const Kind kind = source_connection();
  CHECK(head_of(kind.read("133bb51f-f310")) == "GET " + kSources + "/133bb51f-f310");
  CHECK(head_of(kind.remove("133bb51f-f310")) == "DELETE " + kSources + "/133bb51f-f310");
  CHECK(head_of(target_connection().read("a/b?c")) == "GET " + kTargets + "/a%2Fb%3Fc");
  CHECK(kind.remove("x").body.empty());
  CHECK(kind.read("x").body.empty());
}

TEST_CASE("connections: an update is a patch against the etag, quotes and all") {
  const auto request = source_connection().update(renamed("id-1", "\"aa-01\""));
  REQUIRE(request);
  CHECK(head_of(*request) == "PATCH " + kSources + "/id-1 If-Match: \"aa-01\"");
  CHECK(body_of(*request) == Json::parse(R"([{"op":"replace","path":"/name","value":"new"}])"));
}

TEST_CASE("connections: the probe for hidden ones fits no etag, and is to the name on record") {
  const http::Request request = source_connection().hidden_probe("id-1", "mine");
  CHECK(head_of(request) ==
        "PATCH " + kSources + "/id-1 If-Match: \"00000000-0000-0000-0000-000000000000\"");
  CHECK(body_of(request) == Json::parse(R"([{"op":"replace","path":"/name","value":"mine"}])"));
}

TEST_CASE("connections: a description that may not be there is added, and never removed") {
  struct Row {
    Json before;
    Json after;
    std::string patch;
  };
  const std::vector<Row> rows = {
      {nullptr, "new", R"([{"op":"add","path":"/description","value":"new"}])"},
      {"", "new", R"([{"op":"add","path":"/description","value":"new"}])"},
      {"old", "new", R"([{"op":"replace","path":"/description","value":"new"}])"},
      {"old", "", R"([{"op":"replace","path":"/description","value":""}])"},
      {"old", nullptr, R"([{"op":"replace","path":"/description","value":""}])"},
  };
  for (const Row& row : rows) {
    Update update{"id-1", "\"e\"", Json::object(), {}, {}};
    update.changes = {{"description", row.before, row.after, Cause::spec, false}};
    if (!row.after.is_null()) update.after["description"] = row.after;
    const auto request = target_connection().update(update);
    REQUIRE(request);
    CHECK(body_of(*request) == Json::parse(row.patch));
  }
}

TEST_CASE("connections: a change that no patch can bring about is not patched") {
  Update update = renamed("id-1", "\"e\"");
  update.changes[0].field = "format";
  CHECK_FALSE(source_connection().update(update));
  update.changes.clear();
  CHECK_FALSE(source_connection().update(update));
}

TEST_CASE("sourceConnection: a reply is read whatever else it holds") {
  const auto observed = source_connection().parse(reply(kSourceReply));
  REQUIRE(observed);
  CHECK(observed->id == "133bb51f-f310-4b4a-b8b2-731aef1e223c");
  CHECK(observed->etag == "\"af00a717-0000-0200-0000-63ef2cbd0000\"");
  CHECK(observed->updated_by == "b@techacct.adobe.com");
  CHECK(observed->updated_at == 1676618942000);
  CHECK(observed->created_at == 1676618941000);
  CHECK(observed->created_client == "client-1");
  CHECK(observed->fields.at("format") == "json");
  CHECK(differing(source_connection(), kSourceReply, source_inputs()).empty());
}

TEST_CASE("connections: an empty description is told in four ways and is always the same") {
  Fields inputs = source_inputs();
  inputs["description"] = "";
  for (const std::string told : {"", R"("description":"",)", R"("description":null,)"}) {
    const std::string body = R"({"items":[{)" + told + R"("id":"i","etag":"\"e\"",
      "name":"Streaming Source Connection for Customer.io","data":{"format":"json"},
      "connectionSpec":{"id":"96479064-7b8a-4d69-b9ed-21c5683837ea","version":"1.0"}}]})";
    CHECK_MESSAGE(differing(source_connection(), body, inputs).empty(), told);
    CHECK(differing(source_connection(), body, source_inputs()) == "description ");
  }
}

TEST_CASE("targetConnection: both spellings of keys and versions are read") {
  struct Row {
    std::string schema_key;
    std::string version;
    std::string dataset_key;
  };
  const std::vector<Row> rows = {
      {"id", "application/vnd.adobe.xed-full+json;version=1", "dataSetId"},
      {"schemaId", "application/vnd.adobe.xed-full+json;version=1", "dataSetId"},
      {"id", "application/vnd.adobe.xed-full+json; version=1.0", "datasetId"},
      {"id", "application/vnd.adobe.xed-full+json;version=1.0;x=y", "dataSetId"},
  };
  for (const Row& row : rows) {
    const Json item = {
        {"id", "i"},
        {"etag", "\"e\""},
        {"name", "Streaming Target Connection for Customer.io"},
        {"description", "Streaming Target Connection for Customer.io"},
        {"connectionSpec", {{"id", "c604ff05-7f1a-43c0-8e18-33bf874cb11c"}, {"version", "1.0"}}},
        {"data",
         {{"format", "json"},
          {"properties", nullptr},
          {"schema", {{row.schema_key, kSchema}, {"version", row.version}}}}},
        {"params", {{row.dataset_key, "63ec807d3f5ce91bd2d06c65"}, {"more", 1}}}};
    const std::string body = Json{{"items", Json::array({item})}}.dump();
    CHECK_MESSAGE(differing(target_connection(), body, target_inputs()).empty(), row.version);
    Fields other = target_inputs();
    other["schema.version"] = "2";
    other["dataset"] = "other";
    CHECK(differing(target_connection(), body, other) == "dataset schema.version ");
  }
}

TEST_CASE("connections: a reply that is not what was agreed is told as such") {
  const Kind kind = source_connection();
  for (const std::string body :
       {"", "null", "[]", "{}", R"({"items":null})", R"({"items":{}})", R"({"items":[]})",
        R"({"items":[{}]})", R"({"items":[5]})", R"({"items":[{"id":"i"}]})",
        R"({"items":[{"id":5,"etag":"e"}]})", R"({"items":[{"id":"i","etag":"e"},{"id":"j"}]})",
        "<html>", R"({"items":[{"id":"i","etag":"e"}])"}) {
    CHECK_MESSAGE(!kind.parse(reply(body)), body);
  }
  for (const std::string body : {"", "5", "{}", R"({"id":""})", R"({"id":5})", R"({"items":[]})"})
    CHECK_MESSAGE(!kind.parse_written(reply(body)), body);
}

TEST_CASE("connections: fields of the wrong type are as good as missing") {
  const auto observed = source_connection().parse(reply(
      R"({"items":[{"id":"i","etag":"e","connectionSpec":5,"data":[],"createdAt":{},
          "updatedBy":7,"name":null}]})"));
  REQUIRE(observed);
  CHECK(observed->fields.empty());
  CHECK(observed->created_at == 0);
  CHECK(observed->updated_by.empty());
}

TEST_CASE("connections: a list of nothing says that the object is gone, and nothing else does") {
  const auto says_gone = source_connection().says_gone;
  CHECK(says_gone(reply(R"({"items":[],"_links":{}})")));
  for (const std::string body : {"", "{}", R"({"items":[{}]})", R"({"items":{}})", "[]"})
    CHECK_MESSAGE(!says_gone(reply(body)), body);
}

TEST_CASE("connections: what was written is told in two ways") {
  for (const std::string body : {R"({"id":"i-1","etag":"\"e-1\""})",
                                 R"({"items":[{"id":"i-1","etag":"\"e-1\"","name":"x"}]})"}) {
    const auto written = source_connection().parse_written({201, {}, body});
    REQUIRE(written);
    CHECK(written->id == "i-1");
    CHECK(written->etag == "\"e-1\"");
  }
}

TEST_CASE("sourceConnection: an account is a field, and params are told of") {
  const auto read = [](const std::string& more) {
    return source_connection().parse(
        reply(R"j({"items":[{"id":"s1","etag":"\"1\"","createdBy":"T")j" + more + "}]}"));
  };
  const auto plain = read(R"j(,"params":{},"baseConnectionId":"")j");
  REQUIRE(plain);
  CHECK(plain->attributes.empty());
  CHECK(plain->created_by == "T");
  const auto based = read(R"j(,"params":{"path":"/a"},"baseConnectionId":"b1")j");
  REQUIRE(based);
  CHECK(based->attributes.contains("has_params"));
  CHECK(based->fields == Fields{{"account", "b1"}});
  CHECK(plain->fields.empty());
}
