// Schemas, field groups, identities and the profile: how they are written and read back.

#include "kinds/xdm.hpp"
#include "unit/kinds/requests.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::kinds;
using namespace sluice::test;

namespace {

const std::string kRegistry = "/data/foundation/schemaregistry/tenant/";
const std::string kEvent = "https://ns.adobe.com/xdm/context/experienceevent";
const std::string kGroup = "https://ns.adobe.com/acme/mixins/g1";

Json flat_fields() {
  return {{"email", {{"type", "string"}, {"title", "E-mail"}}},
          {"orders", {{"type", "array"}}},
          {"orders[]", {{"type", "object"}}},
          {"orders[].sku", {{"type", "string"}}},
          {"person", {{"type", "object"}}},
          {"person.age", {{"type", "integer"}, {"minimum", 0}}}};
}

Json nested_fields() {
  const Json item = {{"type", "object"}, {"properties", {{"sku", {{"type", "string"}}}}}};
  const Json age = {{"type", "integer"}, {"minimum", 0}};
  return {{"email", {{"type", "string"}, {"title", "E-mail"}}},
          {"orders", {{"type", "array"}, {"items", item}}},
          {"person", {{"type", "object"}, {"properties", {{"age", age}}}}}};
}

Fields group_inputs() {
  return {{"name", "Events fields"}, {"class", kEvent}, {"properties", flat_fields()}};
}

/// As the registry tells a group back: each node with keys of its own.
std::string told_group() {
  Json own = nested_fields();
  own["email"]["meta:xdmType"] = "string";
  own["person"]["properties"]["age"]["meta:xdmType"] = "int";
  own["orders"]["items"]["isRequired"] = false;
  const Json space = {{"type", "object"}, {"properties", own}};
  const Json definition = {{"properties", {{"_acme", space}}}};
  return Json{{"$id", kGroup},
              {"title", "Events fields"},
              {"meta:intendedToExtend", {kEvent}},
              {"definitions", {{"own", definition}}},
              {"allOf", Json::array({{{"$ref", "#/definitions/own"}, {"type", "object"}}})},
              {"meta:registryMetadata",
               {{"repo:createDate", 1755316200000}, {"xdm:createdClientId", "client-1"}}}}
      .dump();
}

Update group_update(std::vector<Change> changes) {
  Fields after = group_inputs();
  after["tenant"] = "acme";
  return {kGroup, "", {{"definition", "own"}}, std::move(changes), std::move(after)};
}

}  // namespace

TEST_CASE("properties: flat is nested and back") {
  CHECK(nested_properties(flat_fields()) == nested_fields());
  CHECK(flat_properties(nested_fields()) == flat_fields());
  CHECK(pointer_to_field("a.b[].c") == "/properties/a/properties/b/items/properties/c");
  CHECK(pointer_to_field("a[][]") == "/properties/a/items/items");
}

TEST_CASE("field group: custom fields are made below the tenant") {
  Fields inputs = group_inputs();
  inputs["tenant"] = "acme";
  const http::Request request = field_group().create(inputs);
  CHECK(head_of(request) == "POST " + kRegistry + "fieldgroups");
  const Json body = body_of(request);
  CHECK(body.at("title") == "Events fields");
  CHECK(body.at("meta:intendedToExtend") == Json::array({kEvent}));
  CHECK(body.at("allOf") == Json::array({{{"$ref", "#/definitions/customFields"}}}));
  CHECK(body.at("/definitions/customFields/properties/_acme/properties"_json_pointer) ==
        nested_fields());
}

TEST_CASE("field group: what the registry adds is no difference, and neither are others' fields") {
  CHECK(differing(field_group(), told_group(), group_inputs()).empty());
  Fields fewer = group_inputs();
  fewer["properties"].erase("person.age");
  CHECK(differing(field_group(), told_group(), fewer).empty());
  Fields more = group_inputs();
  more["properties"]["email"]["title"] = "Mail";
  more["properties"]["new"] = {{"type", "string"}};
  CHECK(differing(field_group(), told_group(), more) == "properties[email] properties[new] ");
}

TEST_CASE("field group: is told who made it and where its fields are") {
  const auto observed = field_group().parse(reply(told_group()));
  REQUIRE(observed);
  CHECK(observed->id == kGroup);
  CHECK(observed->facts.at("definition") == "own");
  CHECK(observed->created_at == 1755316200000);
  CHECK(observed->created_client == "client-1");
  CHECK_FALSE(field_group().parse(reply("{}")));
}

TEST_CASE("field group: grows with one patch, a new field with all that is below it") {
  const auto request = field_group().update(group_update(
      {{"name", "Events fields", "More fields"},
       {"properties[email]", {{"type", "string"}}, {{"type", "string"}, {"title", "E-mail"}}},
       {"properties[person]", nullptr, {{"type", "object"}}},
       {"properties[person.age]", nullptr, {{"type", "integer"}, {"minimum", 0}}}}));
  REQUIRE(request);
  CHECK(head_of(*request) ==
        "PATCH " + kRegistry + "fieldgroups/https%3A%2F%2Fns.adobe.com%2Facme%2Fmixins%2Fg1");
  const std::string at = "/definitions/own/properties/_acme/properties/";
  const Json age = {{"type", "integer"}, {"minimum", 0}};
  CHECK(body_of(*request) ==
        Json::array({{{"op", "add"}, {"path", "/title"}, {"value", "More fields"}},
                     {{"op", "add"}, {"path", at + "email/title"}, {"value", "E-mail"}},
                     {{"op", "add"},
                      {"path", at + "person"},
                      {"value", {{"type", "object"}, {"properties", {{"age", age}}}}}}}));
}

TEST_CASE("schema: the class comes first and the groups after it") {
  const Fields inputs = {{"name", "Events"}, {"class", kEvent}, {"field_groups", {kGroup, "g2"}}};
  const http::Request request = schema().create(inputs);
  CHECK(head_of(request) == "POST " + kRegistry + "schemas");
  CHECK(body_of(request) ==
        Json{{"type", "object"},
             {"title", "Events"},
             {"description", ""},
             {"allOf", Json::array({{{"$ref", kEvent}}, {{"$ref", kGroup}}, {{"$ref", "g2"}}})}});
}

TEST_CASE("schema: is read in any order, and groups that others added do not matter") {
  const Json told = {{"$id", kSchema},
                     {"title", "Events"},
                     {"description", ""},
                     {"meta:class", kEvent},
                     {"version", "1.4"},
                     {"allOf", Json::array({{{"$ref", "others"}},
                                            {{"$ref", kEvent}, {"type", "object"}},
                                            {{"$ref", kGroup}}})}};
  const Fields inputs = {{"name", "Events"}, {"class", kEvent}, {"field_groups", {kGroup}}};
  CHECK(differing(schema(), told.dump(), inputs).empty());
  Json nameless = told;
  nameless.erase("meta:class");
  CHECK(differing(schema(), nameless.dump(), inputs) == "class ");
  CHECK(head_of(schema().read(kSchema)).find("Accept: application/vnd.adobe.xed+json; version=1") !=
        std::string::npos);
}

TEST_CASE("schema: a group is added behind the others, a title replaced") {
  const auto request =
      schema().update({kSchema,
                       "",
                       Json::object(),
                       {{"field_groups", {kGroup}, {kGroup, "g2"}}, {"name", "a", "b"}},
                       {{"field_groups", {kGroup, "g2"}}, {"name", "b"}}});
  REQUIRE(request);
  CHECK(body_of(*request) ==
        Json::array({{{"op", "add"}, {"path", "/allOf/-"}, {"value", {{"$ref", "g2"}}}},
                     {{"op", "add"}, {"path", "/title"}, {"value", "b"}}}));
}

TEST_CASE("schema: lists go by title, from page to page") {
  const Kind kind = schema();
  const http::Request first = kind.list({"My events"});
  CHECK(head_of(first) == "GET " + kRegistry +
                              "schemas?orderby=title&limit=300&property=title%3D%3DMy%20events "
                              "Accept: application/vnd.adobe.xed+json");
  const auto page = kind.parse_page(
      reply(R"({"results":[{"$id":"s","title":"t"},{}],"_page":{"next":"t & u","count":1}})"),
      first);
  REQUIRE(page);
  REQUIRE(page->objects.size() == 1);
  CHECK(page->next == first.target + "&start=t%20%26%20u");
  CHECK(kind.parse_page(reply(R"({"results":[],"_page":{"next":null}})"), first)->next.empty());
  CHECK_FALSE(kind.parse_page(reply(R"({"items":[]})"), first));
}

TEST_CASE("identity: a path becomes a pointer below the tenant, and comes back") {
  const Fields inputs = {{"name", "x"},          {"schema", kSchema}, {"path", "person.email"},
                         {"namespace", "Email"}, {"primary", true},   {"tenant", "acme"}};
  const http::Request request = identity().create(inputs);
  CHECK(head_of(request) == "POST " + kRegistry + "descriptors");
  const Json body = body_of(request);
  CHECK(body.at("xdm:sourceProperty") == "/_acme/person/email");
  CHECK(body.at("xdm:sourceVersion") == 1);
  Json told = body;
  told["@id"] = "d1";
  told["version"] = "1";
  CHECK(differing(identity(), told.dump(), inputs).empty());
  CHECK(identity().parse(reply(told.dump()))->id == "d1");
  Fields moved = inputs;
  moved["primary"] = false;
  CHECK(differing(identity(), told.dump(), moved) == "primary ");
  const auto put = identity().update({"d1", "", Json::object(), {{"primary", true, false}}, moved});
  CHECK(head_of(*put) == "PUT " + kRegistry + "descriptors/d1");
  CHECK(body_of(*put).at("xdm:isPrimary") == false);
}

TEST_CASE("identity: a descriptor without a pointer to its field is read, too") {
  for (const Json& property : {Json(), Json(-1), Json("email"), Json("/"), Json("/_tenant")}) {
    const Json told = {
        {"@type", "xdm:descriptorIdentity"}, {"@id", "d1"}, {"xdm:sourceProperty", property}};
    CHECK(identity().parse(reply(told.dump())).has_value());
  }
}

TEST_CASE("identity: descriptors of other kinds are passed over") {
  const http::Request asked = identity().candidates({{"schema", kSchema}});
  CHECK(asked.target.find("property=xdm%3AsourceSchema%3D%3Dhttps") != std::string::npos);
  const auto page =
      identity().parse_page(reply(R"({"results":[{"@type":"xdm:alternateDisplayInfo","@id":"a"},
          {"@type":"xdm:descriptorIdentity","@id":"b","xdm:sourceProperty":"/_t/x"}],"_page":{}})"),
                            asked);
  REQUIRE(page);
  REQUIRE(page->objects.size() == 1);
  CHECK(page->objects[0].fields.at("path") == "x");
}

TEST_CASE("schema profile: is a tag of the schema, for good") {
  const http::Request request = schema_profile().create({{"schema", "s"}});
  CHECK(head_of(request) == "PATCH " + kRegistry + "schemas/s");
  CHECK(body_of(request) ==
        Json::array({{{"op", "add"}, {"path", "/meta:immutableTags"}, {"value", {"union"}}}}));
  const std::string in = R"({"$id":"s","meta:immutableTags":["union"]})";
  const std::string out = R"({"$id":"s"})";
  CHECK(schema_profile().parse_written(reply(in))->id == "s#union");
  CHECK_FALSE(schema_profile().parse_written(reply(out)));
  CHECK(schema_profile().parse(reply(in))->fields.at("schema") == "s");
  CHECK(schema_profile().says_gone(reply(out)));
  CHECK_FALSE(schema_profile().says_gone(reply(in)));
  CHECK_FALSE(schema_profile().says_gone(reply("{}")));
  CHECK(schema_profile().read("s#union").target == kRegistry + "schemas/s");
  CHECK(schema_profile().rules.is_permanent);
}

TEST_CASE("parse_tenant: the id without its underscore") {
  CHECK(parse_tenant(reply(R"({"imsOrg":"o","tenantId":"acme","counts":{}})")) == "acme");
  CHECK(parse_tenant(reply("[]")).empty());
  CHECK(parse_tenant(reply("x")).empty());
}
