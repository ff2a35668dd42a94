// Schemas and what belongs to them: field group, identities, profile.

#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

constexpr const char* kEvents = R"(sluice: 1
name: n
schemas:
  events:
    title: Events
    description: All of them
    field_groups: [g1, g2]
    profile: true
    lifecycle: {protect: true, ignore: [description], allow_data_loss: true}
    fields:
      cio_id: {type: string, title: Id, identity: {namespace: CIO, primary: true}}
      when: {type: date-time}
      count: {type: integer, minimum: 0, maximum: 10, enum: [1, 2]}
      plan: {type: string, description: d, enum: ['1', b], pattern: "[a-z]", format: x}
      tags: {type: array, items: {type: string}}
      person:
        type: object
        properties:
          email: {type: string, identity: {namespace: Email}}
)";

std::string schema_errors(const std::string& fields) {
  return read_full(kHead + "schemas:\n  s: {fields: {" + fields + "}}\n").text();
}

}  // namespace

TEST_CASE("schemas: become a schema, its fields, its identities and its profile") {
  const Reading reading = read_full(kEvents);
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  std::string addresses;
  for (const Resource& resource : reading.spec->resources) {
    addresses += resource.address.text() + " " + resource.kind + "\n";
    CHECK(resource.protect);
    CHECK(resource.allow_data_loss);
    CHECK(Address::parse(resource.address.text()) == resource.address);
  }
  CHECK(addresses ==
        "schemas.events schema\n"
        "schemas.events.fields fieldGroup\n"
        "schemas.events.profile schemaProfile\n"
        "schemas.events[\"cio_id\"].identity identity\n"
        "schemas.events[\"person.email\"].identity identity\n");
  const Resource& schema = reading.resource("schemas.events");
  CHECK(schema.ignore == std::set<std::string>{"description"});
  CHECK(schema.fields ==
        Fields{{"name", "Events"},
               {"description", "All of them"},
               {"class", "https://ns.adobe.com/xdm/context/experienceevent"},
               {"field_groups", Json::array({"g1", "g2", ref("schemas.events.fields.id")})}});
  CHECK(reading.resource("schemas.events[\"cio_id\"].identity").fields ==
        Fields{{"name", "Events cio_id"},
               {"schema", ref("schemas.events.id")},
               {"path", "cio_id"},
               {"namespace", "CIO"},
               {"primary", true}});
  CHECK(reading.resource("schemas.events[\"person.email\"].identity").fields.at("primary") ==
        false);
  CHECK(reading.resource("schemas.events.profile").fields ==
        Fields{{"name", "Events profile"},
               {"schema", ref("schemas.events.id")},
               {"identities", Json::array({ref("schemas.events[\"cio_id\"].identity.id"),
                                           ref("schemas.events[\"person.email\"].identity.id")})}});
  CHECK(reading.resource("schemas.events.profile").needs().size() == 3);
}

TEST_CASE("schemas: fields are written as the platform has them") {
  const Reading reading = read_full(kEvents);
  REQUIRE(reading.spec);
  const Fields& group = reading.resource("schemas.events.fields").fields;
  CHECK(group.at("name") == "Events fields");
  CHECK(group.at("class") == "https://ns.adobe.com/xdm/context/experienceevent");
  CHECK(
      group.at("properties") ==
      Json{{"cio_id", {{"type", "string"}, {"title", "Id"}}},
           {"when", {{"type", "string"}, {"format", "date-time"}}},
           {"count", {{"type", "integer"}, {"minimum", 0}, {"maximum", 10}, {"enum", Json{1, 2}}}},
           {"plan",
            {{"type", "string"},
             {"description", "d"},
             {"enum", Json{"1", "b"}},
             {"pattern", "[a-z]"},
             {"format", "x"}}},
           {"tags", {{"type", "array"}}},
           {"tags[]", {{"type", "string"}}},
           {"person", {{"type", "object"}}},
           {"person.email", {{"type", "string"}}}});
}

TEST_CASE(
    "schemas: the profile needs a primary identity, unless a group that exists may bring one") {
  const std::string start = kHead + "schemas:\n  s: {profile: true, ";
  CHECK(read_full(start + "fields: {a: {type: string, identity: {namespace: E}}}}\n").text() ==
        "4:7 A schema without a primary identity cannot be in the profile | Give one of its fields "
        "`identity: {namespace: ..., primary: true}`.\n");
  CHECK(read_full(start + "field_groups: [g]}\n").text().empty());
}

TEST_CASE("schemas: without fields there is only the schema") {
  const Reading reading = read_full(kHead + "schemas:\n  s: {class: c}\n");
  REQUIRE(reading.spec);
  REQUIRE(reading.spec->resources.size() == 1);
  CHECK(reading.spec->resources[0].fields ==
        Fields{{"name", "n s"}, {"class", "c"}, {"field_groups", Json::array()}});
}

TEST_CASE("schemas: mistakes are named") {
  CHECK(schema_errors("a: {}") == "4:16 Field `a` has no `type` | Write `{type: string}`.\n");
  CHECK(schema_errors("a: string") == "4:19 Field `a` is a text | Write `{type: string}`.\n");
  CHECK(schema_errors("a: {type: strng}") ==
        "4:26 `strng` is not a type of a field | Did you mean `string`? Expected one of `string`, "
        "`integer`, `number`, `boolean`, `object`, `array`, `date`, `date-time`.\n");
  CHECK(schema_errors("_a: {type: string}") ==
        "4:16 `_a` cannot be the name of a field | A name is letters, digits, `-` and `_`, and "
        "does not begin with `_`.\n");
  const std::string children =
      " | An object has `properties`, an array has `items`, and nothing else has either.\n";
  CHECK(schema_errors("a: {type: object}") ==
        "4:16 Field `a` is an object and has no `properties`" + children);
  CHECK(schema_errors("a: {type: string, items: {type: string}}") ==
        "4:34 Field `a` is no array and has `items`" + children);
  CHECK(schema_errors("a: {type: integer, pattern: x}") ==
        "4:35 Field `a` has `pattern` and is no text | Its type is `integer`. Leave `pattern` out, "
        "or change the type.\n");
  CHECK(schema_errors("a: {type: string, minimum: 1}") ==
        "4:34 Field `a` has `minimum` and is no number | Its type is `string`. Leave `minimum` "
        "out, or change the type.\n");
  CHECK(schema_errors("a: {type: date, pattern: x}").empty());
  CHECK(schema_errors("a: {type: integer, minimum: x}") ==
        "4:44 `minimum` holds `x`, which is not a number | Write it in decimal, such as `12` or "
        "`0.5`.\n");
  CHECK(schema_errors("a: {type: date, format: x}") ==
        "4:40 A date has a `format` already | Leave it out, or write `type: string`.\n");
  CHECK(schema_errors("a: {type: string, requird: true}")
            .starts_with("4:34 `requird` is not a key of a field of a schema"));
}

TEST_CASE("schemas: wrong identities are named") {
  const std::string form = " | Write `identity: {namespace: Email, primary: true}`.\n";
  CHECK(schema_errors("a: {type: string, identity: {}}") ==
        "4:34 `identity` has no `namespace`" + form);
  CHECK(schema_errors("a: {type: string, identity: Email}") == "4:44 `identity` is a text" + form);
  CHECK(
      schema_errors("a: {type: array, items: {type: string, identity: {namespace: E}}}") ==
      "4:55 Field `a[]` is in an array and has `identity` | An identity is a single field, outside "
      "of arrays.\n");
  CHECK(schema_errors("a: {type: string, identity: {namespace: E, primary: true}}, "
                      "b: {type: string, identity: {namespace: F, primary: true}}") ==
        "4:94 A schema has two primary identities | The other one is `a`, at a.yaml:4:34.\n");
}
