// Schema Registry: field groups, schemas, descriptors, and each reason to refuse one.

#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string kTenantPath = "/data/foundation/schemaregistry/tenant";
const std::string kClass = "https://ns.adobe.com/xdm/context/experienceevent";
const std::string kFieldsPath = "/definitions/customFields/properties/_extconndev/properties";
const Headers kRaw = {{"Accept", "application/vnd.adobe.xed+json; version=1"}};

Json group_body() {
  const Json fields = {{"order_id", {{"type", "string"}, {"title", "Order"}}},
                       {"amount", {{"type", "integer"}}},
                       {"at", {{"type", "string"}, {"format", "date-time"}}}};
  const Json own = {{"type", "object"}, {"properties", fields}, {"required", {"order_id"}}};
  return {{"type", "object"},
          {"title", "Order fields"},
          {"meta:intendedToExtend", Json::array({kClass})},
          {"definitions",
           {{"customFields", {{"type", "object"}, {"properties", {{"_extconndev", own}}}}}}},
          {"allOf", Json::array({{{"$ref", "#/definitions/customFields"}}})}};
}

Json schema_body(const std::string& group_id) {
  return {{"type", "object"},
          {"title", "Orders"},
          {"description", ""},
          {"allOf", Json::array({{{"$ref", kClass}}, {{"$ref", group_id}}})}};
}

Json identity_body(const std::string& schema_id) {
  return {{"@type", "xdm:descriptorIdentity"},
          {"xdm:sourceSchema", schema_id},
          {"xdm:sourceVersion", 1},
          {"xdm:sourceProperty", "/_extconndev/order_id"},
          {"xdm:namespace", "Email"},
          {"xdm:property", "xdm:code"},
          {"xdm:isPrimary", true}};
}

Json one_step(const std::string& op, const std::string& path, const Json& value) {
  return Json::array({{{"op", op}, {"path", path}, {"value", value}}});
}

struct Orders {
  std::string group_id;
  std::string group;  // Path.
  std::string schema_id;
  std::string schema;
};

Orders make_orders(Client& client) {
  const Reply group = client.post(kTenantPath + "/fieldgroups", group_body());
  REQUIRE(group.status == 201);
  const Reply schema = client.post(kTenantPath + "/schemas", schema_body(group.body["$id"]));
  REQUIRE(schema.status == 201);
  return {group.body["$id"],
          kTenantPath + "/fieldgroups/" + group.body["meta:altId"].get<std::string>(),
          schema.body["$id"],
          kTenantPath + "/schemas/" + schema.body["meta:altId"].get<std::string>()};
}

void make_data_set(Client& client, const std::string& schema_id) {
  const Json body = {{"name", "orders"},
                     {"schemaRef", {{"id", schema_id}, {"contentType", kSchemaVersion}}}};
  REQUIRE(client.post("/data/foundation/catalog/dataSets", body).status == 201);
}

Reply send_patch(Client& client, const std::string& path, const Json& operations) {
  return client.call("PATCH", path, operations.dump());
}

std::string detail_of(const Reply& reply) {
  return reply.code + " " + reply.body.value("detail", "");
}

void check_refusals(Client& client, const std::string& path, const std::vector<Refused>& cases) {
  for (const Refused& one : cases) {
    const Reply reply = client.post(path, one.body);
    CHECK_MESSAGE(reply.status == one.status, one.what, ": ", reply.text);
    CHECK_MESSAGE(detail_of(reply) == one.code + " " + one.word, one.what, ": ", reply.text);
  }
}

}  // namespace

TEST_CASE("registry: a field group comes back decorated") {
  Client client;
  const Reply made = client.post(kTenantPath + "/fieldgroups", group_body());
  REQUIRE(made.status == 201);
  const std::string alt_id = made.body["meta:altId"];
  CHECK(alt_id.starts_with("_extconndev.mixins."));
  CHECK(made.body["$id"] == "https://ns.adobe.com/extconndev/mixins/" + alt_id.substr(19));
  CHECK(made.body["version"] == "1.0");
  CHECK(made.body["meta:extensible"] == true);
  const Json& fields = made.body.at(Json::json_pointer(kFieldsPath));
  CHECK(fields["amount"] ==
        Json({{"type", "integer"}, {"meta:xdmType", "int"}, {"isRequired", false}}));
  CHECK(fields["at"]["meta:xdmType"] == "date-time");
  CHECK(fields["order_id"]["isRequired"] == true);
  CHECK(made.body["allOf"][0] == Json({{"$ref", "#/definitions/customFields"},
                                       {"type", "object"},
                                       {"meta:xdmType", "object"}}));
  const std::string encoded = "https%3A%2F%2Fns.adobe.com%2Fextconndev%2Fmixins%2F";
  for (const std::string& path :
       {"/fieldgroups/" + alt_id, "/mixins/" + encoded + alt_id.substr(19)})
    CHECK(client.call("GET", kTenantPath + path, "", kRaw).body["$id"] == made.body["$id"]);
}

TEST_CASE("registry: a schema comes back with its class and what it extends") {
  Client client;
  const Orders orders = make_orders(client);
  const Reply got = client.call("GET", orders.schema, "", kRaw);
  CHECK(got.body["meta:class"] == kClass);
  CHECK(got.body["meta:extends"] ==
        Json::array({orders.group_id, "https://ns.adobe.com/xdm/data/time-series", kClass}));
  CHECK_FALSE(got.body.contains("refs"));
  CHECK(got.body["meta:registryMetadata"]["repo:createdDate"] == client.clock.wall().count());
  const Reply full = client.call("GET", orders.schema, "",
                                 {{"Accept", "application/vnd.adobe.xed-full+json;version=1"}});
  CHECK(full.body["properties"]["_extconndev"]["properties"]["amount"]["type"] == "integer");
  CHECK(full.body["properties"]["timestamp"]["format"] == "date-time");
  const Reply renamed = send_patch(client, orders.schema, one_step("replace", "/title", "New"));
  CHECK(renamed.status == 200);
  CHECK(renamed.body["version"] == "1.1");
  CHECK(renamed.body["refs"] == Json::array({orders.group_id, kClass}));
  const Reply put = client.call("PUT", orders.schema,
                                changed(got.body, "replace", "/description", "by PUT").dump());
  CHECK(put.body["title"] == "Orders");
  CHECK(put.body["description"] == "by PUT");
  CHECK(put.body["version"] == "1.2");
  CHECK_FALSE(put.body.contains("refs"));
  const Json tutorial = {{"$ref", "https://ns.adobe.com/xdm/context/profile"}};
  const Reply other = send_patch(client, orders.schema, one_step("add", "/allOf/-", tutorial));
  CHECK(detail_of(other) == "XDM-400 A schema extends exactly one class");
}

TEST_CASE("registry: each refusal of a new field group") {
  Client client;
  const Json good = group_body();
  const std::string order = kFieldsPath + "/order_id";
  check_refusals(
      client, kTenantPath + "/fieldgroups",
      {{"no title", changed(good, "remove", "/title"), 400, "XDM-400",
        "The field title is missing"},
       {"a title that is taken", changed(good, "replace", "/title", "Customer.io events"), 400,
        "XDM-1521-400", "Title not unique: \"Customer.io events\" is the title of " + kSchema},
       {"no class", changed(good, "remove", "/meta:intendedToExtend"), 400, "XDM-400",
        "The field meta:intendedToExtend must be a list of classes"},
       {"a field outside the namespace",
        changed(good, "add", "/definitions/customFields/properties/free", {{"type", "string"}}),
        400, "XDM-1021-400", "The custom field free must be below _extconndev"},
       {"a name with a blank", changed(good, "add", kFieldsPath + "/a b", {{"type", "string"}}),
        400, "XDM-400", "The name of the field /_extconndev/a b is not allowed"},
       {"a name with an underscore first",
        changed(good, "add", kFieldsPath + "/_a", {{"type", "string"}}), 400, "XDM-400",
        "The name of the field /_extconndev/_a is not allowed"},
       {"an unknown type", changed(good, "replace", order + "/type", "text"), 400, "XDM-400",
        "/_extconndev/order_id has the unknown type \"text\""},
       {"an unknown reference", changed(good, "replace", order, {{"$ref", "x"}}), 400, "XDM-400",
        "/_extconndev/order_id refers to \"x\", which is not there"},
       {"an unknown definition", changed(good, "replace", "/allOf/0/$ref", "#/definitions/x"), 400,
        "XDM-400", "allOf refers to #/definitions/x, which is not there"},
       {"a field of its own", changed(good, "add", "/x", 1), 400, "XDM-400",
        "The body has the unknown field x"}});
}

TEST_CASE("registry: a PATCH of any shape is answered, and what is wrong changes nothing") {
  Client client;
  const Orders orders = make_orders(client);
  struct Case {
    Json operations;
    std::string detail;
  };
  const std::vector<Case> cases = {
      {Json::object(), "The body must be an array of at least one operation"},
      {Json::array({1}), "The path null cannot be updated"},
      {one_step("add", "/title", 1), "The field title must be a text"},
      {Json::array({{{"op", "add"}, {"path", 1}, {"value", 1}}}), "The path 1 cannot be updated"},
      {one_step("add", "/version", "2.0"), "The path /version cannot be updated"},
      {one_step("move", "/title", "x"), "The operations do not fit the resource"},
      {one_step("add", "/allOf/-", 1), "Each element of allOf must have a $ref"},
      {one_step("add", "/allOf", 1), "The field allOf must be a list of references"},
      {one_step("add", "/meta:immutableTags", {"x"}), "meta:immutableTags may only hold union"}};
  const Json before = client.platform.object("schemas", client.platform.ids("dev", "schemas")[1]);
  for (const Case& one : cases)
    CHECK_MESSAGE(
        detail_of(send_patch(client, orders.schema, one.operations)) == "XDM-400 " + one.detail,
        one.operations.dump());
  CHECK(client.platform.object("schemas", client.platform.ids("dev", "schemas")[1]) == before);
  CHECK(detail_of(
            send_patch(client, orders.group, one_step("add", kFieldsPath + "/amount/format", 1))) ==
        "XDM-400 The format of /_extconndev/amount must be a text");
  CHECK(detail_of(send_patch(client, orders.group, one_step("add", "/definitions", 1))) ==
        "XDM-400 definitions must be an object");
}

TEST_CASE("registry: each refusal of a new schema") {
  Client client;
  const Reply group = client.post(kTenantPath + "/fieldgroups", group_body());
  const std::string group_id = group.body["$id"];
  const Json good = schema_body(group_id);
  const std::string profile = "https://ns.adobe.com/xdm/context/profile";
  check_refusals(
      client, kTenantPath + "/schemas",
      {{"no description", changed(good, "remove", "/description"), 400, "XDM-400",
        "The field description is missing"},
       {"a title that is taken", changed(good, "replace", "/title", "Order fields"), 400,
        "XDM-1521-400", "Title not unique: \"Order fields\" is the title of " + group_id},
       {"no class", changed(good, "remove", "/allOf/0"), 400, "XDM-400",
        "A schema extends exactly one class"},
       {"an unknown field group", changed(good, "replace", "/allOf/1/$ref", "x"), 400, "XDM-400",
        "allOf refers to x, which is not there"},
       {"the same twice", changed(good, "add", "/allOf/-", {{"$ref", group_id}}), 400, "XDM-400",
        "allOf names " + group_id + " twice"},
       {"another class", changed(good, "replace", "/allOf/0/$ref", profile), 400, "XDM-400",
        group_id + " is not meant for " + profile},
       {"a union", changed(good, "add", "/meta:immutableTags", {"union"}), 400, "XDM-1528-400",
        "A schema without a primary identity cannot be enabled for Profile"}});
}

TEST_CASE("registry: what a dataset uses may only grow") {
  Client client;
  const Orders orders = make_orders(client);
  const std::string amount = kFieldsPath + "/amount";
  CHECK(send_patch(client, orders.group, one_step("replace", amount + "/type", "number")).status ==
        200);
  make_data_set(client, orders.schema_id);
  const std::string user = ": a dataset of " + orders.schema_id + " uses it";
  CHECK(detail_of(
            send_patch(client, orders.group, one_step("replace", amount + "/type", "string"))) ==
        "XDM-400 The field /_extconndev/amount cannot change from number to string" + user);
  CHECK(detail_of(send_patch(client, orders.group, one_step("remove", amount, nullptr))) ==
        "XDM-400 The field /_extconndev/amount cannot be removed" + user);
  CHECK(detail_of(send_patch(client, orders.schema, one_step("remove", "/allOf/1", nullptr))) ==
        "XDM-400 The field /_extconndev cannot be removed" + user);
  const Reply grown = send_patch(client, orders.group,
                                 one_step("add", kFieldsPath + "/more", {{"type", "boolean"}}));
  CHECK(grown.status == 200);
  CHECK(detail_of(client.call("DELETE", orders.schema)) ==
        "XDM-400 " + orders.schema_id + " cannot be deleted" + user);
  CHECK(detail_of(client.call("DELETE", orders.group)) ==
        "XDM-400 " + orders.group_id + " cannot be deleted" + user);
  CHECK(client.call("DELETE", orders.schema + "0").code == "XDM-1010-404");
  CHECK(client.call("DELETE", orders.group + "0").code == "XDM-1012-404");
}

TEST_CASE("registry: what nothing uses is deleted, the schema before its field group") {
  Client client;
  const Orders orders = make_orders(client);
  CHECK(detail_of(client.call("DELETE", orders.group)) == "XDM-400 " + orders.group_id +
                                                              " cannot be deleted: the schema " +
                                                              orders.schema_id + " extends it");
  const Reply deleted = client.call("DELETE", orders.schema);
  CHECK(deleted.status == 204);
  CHECK(deleted.text.empty());
  CHECK(client.call("GET", orders.schema, "", kRaw).code == "XDM-1010-404");
  CHECK(client.call("DELETE", orders.group).status == 204);
}

TEST_CASE("registry: a union is of all that its schemas in Profile are composed of") {
  Client client;
  const Orders orders = make_orders(client);
  const std::string unions = kTenantPath + "/unions";
  const Headers brief = {{"Accept", "application/vnd.adobe.xed-id+json"}};
  CHECK(client.call("GET", unions, "", brief).body == Json{{"results", Json::array()}});

  REQUIRE(client.post(kTenantPath + "/descriptors", identity_body(orders.schema_id)).status == 201);
  const Json enable = one_step("add", "/meta:immutableTags", {"union"});
  REQUIRE(send_patch(client, orders.schema, enable).status == 200);
  const Json listed = {{"title", "Union object for " + kClass},
                       {"$id", kClass + "__union"},
                       {"meta:altId", "_xdm.context.experienceevent__union"},
                       {"version", "1.0"}};
  CHECK(client.call("GET", unions, "", brief).body == Json{{"results", Json::array({listed})}});

  const std::string view = unions + "/_xdm.context.experienceevent__union";
  const Json whole = client.call("GET", view, "", kRaw).body;
  // The schema of the tutorial is of the same class, and not in Profile.
  CHECK(whole["allOf"] == Json::array({{{"$ref", kClass}}, {{"$ref", orders.group_id}}}));
  CHECK(whole["meta:class"] == kClass);
  const Headers full = {{"Accept", "application/vnd.adobe.xed-full+json; version=1"}};
  const Json resolved = client.call("GET", view, "", full).body;
  CHECK(resolved["properties"]["_extconndev"]["properties"].contains("order_id"));
  CHECK_FALSE(resolved.contains("allOf"));

  CHECK(client.call("GET", view, "", brief).code == "XDM-1007-400");
  CHECK(client.call("GET", unions, "", kRaw).code == "XDM-1007-400");
  CHECK(client.call("GET", unions + "/_xdm.context.profile__union", "", kRaw).status == 404);
}

TEST_CASE("registry: a descriptor, a union that stays, and what they refuse") {
  Client client;
  const Orders orders = make_orders(client);
  const std::string path = kTenantPath + "/descriptors";
  const Json good = identity_body(orders.schema_id);
  const Json enable = one_step("add", "/meta:immutableTags", {"union"});
  CHECK(send_patch(client, orders.schema, enable).code == "XDM-1528-400");
  check_refusals(client, path,
                 {{"no schema", changed(good, "replace", "/xdm:sourceSchema", "x"), 400, "XDM-400",
                   "There is no schema x"},
                  {"no field", changed(good, "replace", "/xdm:sourceProperty", "/x"), 400,
                   "XDM-400", "The schema " + orders.schema_id + " has no field /x"},
                  {"no namespace", changed(good, "remove", "/xdm:namespace"), 400, "XDM-400",
                   "The field xdm:namespace is missing"}});
  const Reply made = client.post(path, good);
  REQUIRE(made.status == 201);
  const std::string one = path + "/" + made.body["@id"].get<std::string>();
  CHECK(client.get(one).body == made.body);
  CHECK(client.post(path, good).status == 400);
  const Headers grouped = {{"Accept", "application/vnd.adobe.xdm+json"}};
  const std::string filter = "?property=xdm:sourceSchema==" + orders.schema_id;
  CHECK(client.call("GET", path + filter, "", grouped).body["xdm:descriptorIdentity"].size() == 1);
  CHECK(client.call("GET", path + filter + "0", "", grouped).body == Json::object());
  CHECK(client.get(path).code == "XDM-1006-400");
  const Headers paged = {{"Accept", "application/vnd.adobe.xdm-v2+json"}};
  CHECK(client.call("GET", path, "", paged).body["results"].size() == 1);
  const Reply put =
      client.call("PUT", one, changed(good, "replace", "/xdm:namespace", "CRMID").dump());
  CHECK(put.status == 201);
  CHECK(put.body == Json({{"@id", made.body["@id"]}}));

  CHECK(send_patch(client, orders.schema, enable).body["meta:immutableTags"] ==
        Json::array({"union"}));
  CHECK(detail_of(send_patch(client, orders.schema,
                             one_step("remove", "/meta:immutableTags", nullptr))) ==
        "XDM-400 A schema that is enabled for Profile stays so");
  CHECK(detail_of(client.call("DELETE", one)) ==
        "XDM-403 The primary identity of a schema in Profile must stay");
  CHECK(client.call("PUT", one, changed(good, "replace", "/xdm:namespace", "CRM").dump()).status ==
        400);
  CHECK(client.call("DELETE", orders.schema).status == 400);
}

TEST_CASE("registry: lists are filtered, ordered and paged") {
  Client client;
  make_orders(client);
  const Headers brief = {{"Accept", "application/vnd.adobe.xed-id+json"}};
  const auto list = [&client, &brief](const std::string& query) {
    return client.call("GET", kTenantPath + "/schemas" + query, "", brief);
  };
  const Json found = list("?property=title==Orders").body["results"];
  REQUIRE(found.size() == 1);
  CHECK(found[0].size() == 4);
  CHECK(list("?property=title==orders").body["results"].empty());
  const Reply first = list("?orderby=title&limit=1");
  CHECK(first.body["results"][0]["title"] == "Customer.io events");
  CHECK(first.body["_page"] ==
        Json({{"orderby", "title"}, {"next", "Customer.io events"}, {"count", 1}}));
  CHECK(first.body["_links"]["next"] ==
        kTenantPath + "/schemas?orderby=title&limit=1&start=Customer.io%20events");
  const Reply second = list("?orderby=title&limit=1&start=Customer.io%20events");
  CHECK(second.body["results"][0]["title"] == "Orders");
  CHECK(second.body["_page"]["next"].is_null());
  CHECK(second.body["_links"].at("next").is_null());
  CHECK(list("?limit=1").status == 400);
  CHECK(list("?property=").status == 400);
  CHECK(client.call("GET", kTenantPath + "/schemas", "", kRaw).code == "XDM-1007-400");
  const std::string classes = "/data/foundation/schemaregistry/global/classes";
  CHECK(client.call("GET", classes, "", brief).body["results"].size() == 2);
  CHECK(client.call("GET", classes + "/_xdm.context.experienceevent", "", kRaw).body["$id"] ==
        kClass);
  CHECK(client.call("GET", classes + "/x", "", kRaw).code == "XDM-1011-404");
}

TEST_CASE("registry: the tutorial's schema has its fields, and its dataset guards them") {
  Client client;
  const std::string alt_id = "_extconndev.schemas." + kSchema.substr(kSchema.rfind('/') + 1);
  const std::string path = kTenantPath + "/schemas/" + alt_id;
  const Reply full =
      client.call("GET", path, "", {{"Accept", "application/vnd.adobe.xed-full+json; version=1"}});
  const Json& fields = full.body["properties"]["_extconndev"]["properties"];
  CHECK(fields.size() == 6);
  CHECK(fields["timestampx"]["meta:xdmType"] == "int");
  CHECK(client.call("DELETE", path).status == 400);
  const std::string group = client.platform.ids("dev", "fieldgroups").at(0);
  const Json without = one_step("remove", kFieldsPath + "/email", nullptr);
  CHECK(detail_of(send_patch(client, kTenantPath + "/fieldgroups/" + group, without)) ==
        "XDM-400 The field /_extconndev/email cannot be removed: a dataset of " + kSchema +
            " uses it");
  REQUIRE(client.platform.edit("schemas", alt_id, "title", "Theirs"));
  const Json edited = client.platform.object("schemas", alt_id);
  CHECK(edited["version"] == "1.1");
  CHECK(edited["meta:registryMetadata"]["xdm:lastModifiedUserId"] == "someone.else@example.com");
}
