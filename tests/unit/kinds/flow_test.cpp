#include "unit/kinds/requests.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::kinds;
using namespace sluice::test;

namespace {

const std::string kId = "4982698b-e6b3-48c2-8dcf-040e20121fd2";
const std::string kMappingId = "59c0e53a2dc84f7791ecc1b3d6e51d5e";
const std::string kInlet =
    "https://dcs.adobedc.net/collection/"
    "e75dcb5247eb65e7385df30270192e80b145566f52ed74d570505bd2e82463f3";

Fields flow_inputs() {
  return {{"name", "Streaming Dataflow for Customer.io"},
          {"description", "Streaming Dataflow for Customer.io"},
          {"flow_spec.id", "e77fde5a-22a8-11ed-861d-0242ac120002"},
          {"flow_spec.version", "1.0"},
          {"source", "133bb51f-f310-4b4a-b8b2-731aef1e223c"},
          {"target", "da8b75ad-f6ee-4991-95df-291e62936e98"},
          {"mapping.id", kMappingId},
          {"mapping.version", 0},
          {"state", "enabled"}};
}

/// The tutorial's reply, with these members of the item set to something else.
std::string told_flow(const Json& changes = Json::object()) {
  Json item = Json::parse(R"({
    "id": "4982698b-e6b3-48c2-8dcf-040e20121fd2",
    "createdAt": 1676629979503, "updatedAt": 1676629985390,
    "createdBy": "acme@AdobeID", "updatedBy": "acme@AdobeID", "createdClient": "client-1",
    "name": "Streaming Dataflow for Customer.io",
    "description": "Streaming Dataflow for Customer.io",
    "flowSpec": {"id": "e77fde5a-22a8-11ed-861d-0242ac120002", "version": "1.0"},
    "state": "enabled",
    "version": "\"4c01c003-0000-0200-0000-63ef57e10000\"",
    "etag": "\"4c01c003-0000-0200-0000-63ef57e10000\"",
    "sourceConnectionIds": ["133bb51f-f310-4b4a-b8b2-731aef1e223c"],
    "targetConnectionIds": ["da8b75ad-f6ee-4991-95df-291e62936e98"],
    "inheritedAttributes": {"properties": {"isSourceFlow": true}},
    "transformations": [{"name": "Mapping", "params": {
      "mappingVersion": 0, "mappingId": "59c0e53a2dc84f7791ecc1b3d6e51d5e"}}],
    "runs": "/runs?property=flowId==4982698b", "providerRefId": "c4726e6f",
    "lastOperation": {"started": 0, "updated": 0, "operation": "enable"}})");
  item["options"] = {{"inletUrl", kInlet}, {"errorDiagnosticsEnabled", true}};
  for (const auto& [key, value] : changes.items())
    item[key] = value;
  return Json{{"items", Json::array({item})}}.dump();
}

Json mapping(const Json& version) {
  return {{"name", "Mapping"},
          {"params", {{"mappingId", kMappingId}, {"mappingVersion", version}}}};
}

Observed parsed(const std::string& body) {
  const auto observed = flow().parse(reply(body));
  REQUIRE(observed);
  return *observed;
}

/// The patch that brings these changes about; the fields are those of `flow_inputs`.
Json patch(const Json& facts, const std::vector<Change>& changes) {
  const auto request = flow().update({kId, "\"e\"", facts, changes, flow_inputs()});
  REQUIRE(request);
  CHECK(head_of(*request) == "PATCH " + kFlows + "/" + kId + " If-Match: \"e\"");
  return body_of(*request);
}

Change changed(const std::string& field, const Json& before) {
  return {field, before, flow_inputs().at(field), Cause::spec, false};
}

}  // namespace

TEST_CASE("flow: is created as the tutorial does it, and never with a state") {
  for (const std::string state : {"enabled", "disabled"}) {
    Fields fields = flow_inputs();
    fields["state"] = state;
    const http::Request request = flow().create(fields);
    CHECK(head_of(request) == "POST " + kFlows);
    CHECK(body_of(request) == Json::parse(R"({
      "name": "Streaming Dataflow for Customer.io",
      "description": "Streaming Dataflow for Customer.io",
      "flowSpec": {"id": "e77fde5a-22a8-11ed-861d-0242ac120002", "version": "1.0"},
      "sourceConnectionIds": ["133bb51f-f310-4b4a-b8b2-731aef1e223c"],
      "targetConnectionIds": ["da8b75ad-f6ee-4991-95df-291e62936e98"],
      "transformations": [{"name": "Mapping", "params": {
        "mappingId": "59c0e53a2dc84f7791ecc1b3d6e51d5e", "mappingVersion": 0}}]})"));
  }
}

TEST_CASE("flow: the tutorial's reply says what the tutorial's request asked for") {
  CHECK(differing(flow(), told_flow(), flow_inputs()).empty());
  const Observed observed = parsed(told_flow());
  CHECK(observed.id == kId);
  CHECK(observed.etag == "\"4c01c003-0000-0200-0000-63ef57e10000\"");
  CHECK(observed.updated_at == 1676629985390);
  CHECK(observed.attributes.at("inlet_url") == kInlet);
  CHECK(observed.attributes.at("webhook_url") == kInlet + "?x-adobe-flow-id=" + kId);
  CHECK(observed.attributes.at("state") == "enabled");
}

TEST_CASE("flow: the inlet URL is in no field and no fact, since those are kept") {
  const Observed observed = parsed(told_flow());
  CHECK(Json(observed.fields).dump().find("dcs.adobedc.net") == std::string::npos);
  CHECK(observed.facts.dump().find("dcs.adobedc.net") == std::string::npos);
}

TEST_CASE("flow: what the platform words differently is no difference") {
  const std::vector<Json> bodies = {
      {{"transformations", Json::array({mapping("0")})}},
      {{"transformations", Json::array({{{"name", "Copy"}}, mapping(0)})}},
      {{"flowSpec", {{"version", "1"}, {"id", "e77fde5a-22a8-11ed-861d-0242ac120002"}}}},
      {{"labels", Json::array({"core/C12"})}, {"scheduleParams", nullptr}},
      {{"state", "updating"}},
      {{"state", "initializing"}},
      {{"state", nullptr}},
      {{"options", nullptr}},
  };
  for (const Json& changes : bodies)
    CHECK_MESSAGE(differing(flow(), told_flow(changes), flow_inputs()).empty(), changes.dump());
}

TEST_CASE("flow: what really differs is a difference") {
  struct Row {
    Json changes;
    std::string fields;
  };
  const std::vector<Row> rows = {
      {{{"name", "x"}}, "name "},
      {{{"description", nullptr}}, "description "},
      {{{"state", "disabled"}}, "state "},
      {{{"transformations", Json::array({mapping(1)})}}, "mapping.version "},
      {{{"transformations", Json::array({mapping("12")})}}, "mapping.version "},
      {{{"transformations", Json::array()}}, "mapping.id mapping.version "},
      {{{"transformations", Json::array({{{"name", "Copy"}, {"params", {{"mappingId", "x"}}}}})}},
       "mapping.id mapping.version "},
      {{{"sourceConnectionIds", Json::array({"other"})}}, "source "},
      {{{"targetConnectionIds", Json::array({"a", "b"})}}, "target "},
      {{{"flowSpec", {{"id", "other"}, {"version", "2.0"}}}}, "flow_spec.id flow_spec.version "},
  };
  for (const Row& row : rows)
    CHECK_MESSAGE(differing(flow(), told_flow(row.changes), flow_inputs()) == row.fields,
                  row.changes.dump());
}

TEST_CASE("flow: an update sends the mapping as a whole, at its place") {
  CHECK(patch({{"mapping_index", 0}}, {changed("mapping.version", 3)}) ==
        Json::array({{{"op", "replace"}, {"path", "/transformations/0"}, {"value", mapping(0)}}}));
  CHECK(
      patch({{"mapping_index", 2}}, {changed("mapping.id", "x"), changed("mapping.version", 3)}) ==
      Json::array({{{"op", "replace"}, {"path", "/transformations/2"}, {"value", mapping(0)}}}));
  // The reply to a create tells no place; the engine made the flow with nothing else in it.
  CHECK(patch(Json::object(), {changed("mapping.version", 3)})[0]["path"] == "/transformations/0");
}

TEST_CASE("flow: a mapping that was taken out is added without touching what else is there") {
  const Json copy = {{"name", "Copy"}, {"params", {{"keep", "me"}}}};
  const Observed observed = parsed(told_flow({{"transformations", Json::array({copy})}}));
  CHECK(patch(observed.facts,
              {changed("mapping.id", nullptr), changed("mapping.version", nullptr)}) ==
        Json::array({{{"op", "add"}, {"path", "/transformations/1"}, {"value", mapping(0)}}}));
}

TEST_CASE("flow: name, description and mapping go in one patch; the state never does") {
  const Json sent =
      patch({{"mapping_index", 0}}, {changed("description", nullptr), changed("mapping.version", 1),
                                     changed("name", "old"), changed("state", "disabled")});
  std::string paths;
  for (const Json& operation : sent)
    paths += operation.at("op").get<std::string>() + " " + operation.at("path").get<std::string>() +
             ", ";
  CHECK(paths == "add /description, replace /name, replace /transformations/0, ");
  CHECK_FALSE(flow().update({kId, "\"e\"", {}, {changed("state", "disabled")}, flow_inputs()}));
}

TEST_CASE("flow: the state is moved by an action without a body") {
  struct Row {
    std::string is;
    std::string wanted;
    std::string op;
  };
  const std::vector<Row> rows = {{"enabled", "disabled", "disable"},
                                 {"disabled", "enabled", "enable"},
                                 {"enabled", "enabled", ""},
                                 {"disabled", "disabled", ""},
                                 {"enabled", "", ""},
                                 {"", "disabled", "disable"}};
  CHECK(flow().action_field == "state");
  for (const Row& row : rows) {
    Fields found;
    Fields after;
    if (!row.is.empty()) found["state"] = row.is;
    if (!row.wanted.empty()) after["state"] = row.wanted;
    const auto request = flow().action(kId, found, after);
    REQUIRE(request.has_value() == !row.op.empty());
    if (!request) continue;
    CHECK(head_of(*request) == "POST " + kFlows + "/" + kId + "/action?op=" + row.op);
    CHECK(request->body.empty());
  }
}

TEST_CASE("is_transitional: until the flow has settled, its inlet included") {
  struct Row {
    Json changes;
    bool transitional;
  };
  const std::vector<Row> rows = {
      {Json::object(), false},
      {{{"options", Json::object()}}, true},
      {{{"options", {{"inletUrl", ""}}}}, true},
      {{{"state", "initializing"}}, true},
      {{{"state", "pending"}}, true},
      {{{"state", "disabling"}}, true},
      {{{"state", "delete-finalizing"}}, true},
      {{{"state", "disabled"}, {"options", nullptr}}, false},
      {{{"state", "disabled"}}, false},
      {{{"state", "draft"}, {"options", nullptr}}, false},
  };
  for (const Row& row : rows)
    CHECK_MESSAGE(is_transitional(parsed(told_flow(row.changes))) == row.transitional,
                  row.changes.dump());
  CHECK_FALSE(is_transitional(Observed{}));
}

TEST_CASE("flow: a patch is answered with id and etag") {
  const auto written = flow().parse_written(reply(R"({"etag":"\"5-1\"","id":"i"})"));
  REQUIRE(written);
  CHECK(written->id == "i");
  CHECK(written->etag == "\"5-1\"");
}

TEST_CASE("flow: one of another make tells of all that it names, and of its schedule") {
  const auto read = [](const std::string& more) {
    return flow().parse(reply(R"j({"items":[{"id":"f1","etag":"\"1\"")j" + more + "}]}"));
  };
  const auto batch = read(R"j(,"sourceConnectionIds":["s1","s2"],"targetConnectionIds":[],
                             "scheduleParams":{"frequency":"hour"})j");
  REQUIRE(batch);
  CHECK(batch->attributes.at("source_ids") == Json({"s1", "s2"}));
  CHECK(batch->attributes.at("target_ids") == Json::array());
  CHECK(batch->attributes.contains("has_schedule"));
  CHECK(!batch->fields.contains("source"));
  const auto streaming = read(R"j(,"sourceConnectionIds":["s1"],"scheduleParams":null)j");
  REQUIRE(streaming);
  CHECK(streaming->fields.at("source") == "s1");
  CHECK(!streaming->attributes.contains("has_schedule"));
}
