#include "kinds/fields.hpp"
#include "kinds/kind.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::kinds;

TEST_CASE("Registry: every kind, with all that is done with it") {
  const Registry registry;
  CHECK(registry.names() == std::vector<std::string>{"account", "dataset", "fieldGroup", "flow",
                                                     "identity", "mappingSet", "schema",
                                                     "schemaProfile", "sourceConnection",
                                                     "targetConnection"});
  std::set<std::string> parts;
  for (const std::string& name : registry.names()) {
    const Kind& kind = registry.at(name);
    parts.insert(kind.rules.part);
    CHECK(kind.rules.kind == name);
    CHECK_FALSE(kind.noun.empty());
    CHECK(kind.rules.field("name") != nullptr);
    CHECK(kind.create);
    CHECK(kind.read);
    CHECK(kind.parse);
    CHECK(kind.remove);
    CHECK((kind.list || !kind.has_name));
    CHECK(static_cast<bool>(kind.candidates) == !kind.has_name);
    CHECK(static_cast<bool>(kind.test) == static_cast<bool>(kind.parse_test));
    CHECK(kind.parse_page);
    CHECK(kind.parse_written);
    CHECK(kind.update);
    CHECK(static_cast<bool>(kind.read_version) == (kind.guard == Guard::version));
    CHECK(static_cast<bool>(kind.action) == !kind.action_field.empty());
    CHECK(registry.catalogue().kinds.contains(name));
  }
  CHECK(parts == std::set<std::string>{"", "fields", "flow", "identity", "mapping", "profile",
                                       "source", "target"});
}

TEST_CASE("Registry: what a change of each field means") {
  struct Row {
    std::string kind;
    std::string in_place;
    std::string create_only;
    std::string write_only;
  };
  const std::vector<Row> rows = {
      {"sourceConnection", "description name ",
       "account connection_spec.id connection_spec.version format ", "provider_id "},
      {"targetConnection", "description name ",
       "connection_spec.id connection_spec.version dataset format schema.id schema.version ", ""},
      {"mappingSet", "name rows ", "schema.id schema.version ", ""},
      {"flow", "description mapping.id mapping.version name state ",
       "flow_spec.id flow_spec.version source target ", ""},
  };
  const Registry registry;
  for (const Row& row : rows) {
    std::map<FieldClass, std::set<std::string>> names;
    for (const FieldRule& rule : registry.at(row.kind).rules.fields)
      names[rule.field_class].insert(rule.name);
    const auto told = [&names](FieldClass field_class) {
      std::string text;
      for (const std::string& name : names[field_class])
        text += name + " ";
      return text;
    };
    CHECK(told(FieldClass::in_place) == row.in_place);
    CHECK(told(FieldClass::create_only) == row.create_only);
    CHECK(told(FieldClass::write_only) == row.write_only);
  }
}

TEST_CASE("Registry: a new flow has a new inlet, and people are told") {
  CHECK(Registry().at("flow").rules.replacement_note.find("inlet URL") != std::string::npos);
}

TEST_CASE("Registry: customer.io brings the tutorial's ids") {
  const Registry registry;
  const ConnectorPreset* preset = registry.catalogue().preset("customer.io");
  REQUIRE(preset != nullptr);
  const std::map<std::string, Json> source = {
      {"connection_spec.id", "96479064-7b8a-4d69-b9ed-21c5683837ea"},
      {"connection_spec.version", "1.0"},
      {"provider_id", "521eee4d-8cbe-4906-bb48-fb6bd4450033"},
      {"format", "json"}};
  const std::map<std::string, Json> target = {
      {"connection_spec.id", "c604ff05-7f1a-43c0-8e18-33bf874cb11c"},
      {"connection_spec.version", "1.0"},
      {"format", "json"}};
  const std::map<std::string, Json> flow = {
      {"flow_spec.id", "e77fde5a-22a8-11ed-861d-0242ac120002"}, {"flow_spec.version", "1.0"}};
  CHECK(preset->source == source);
  CHECK(preset->target == target);
  CHECK(preset->flow == flow);
  CHECK(registry.catalogue().preset("") != nullptr);
  CHECK(registry.catalogue().preset("nonsense") == nullptr);
}

TEST_CASE("Registry: a preset only sets fields that its kind has") {
  const Registry registry;
  for (const ConnectorPreset& preset : registry.catalogue().presets) {
    for (const auto& [kind, fields] :
         {std::pair{"sourceConnection", preset.source},
          std::pair{"targetConnection", preset.target}, std::pair{"flow", preset.flow}}) {
      for (const auto& [name, value] : fields)
        CHECK_MESSAGE(registry.at(kind).rules.field(name) != nullptr, kind, " ", name);
    }
  }
}

TEST_CASE("probe_request: one small read") {
  const http::Request request = probe_request();
  CHECK(request.method == "GET");
  CHECK(request.target == "/data/foundation/flowservice/flows?limit=1");
}

TEST_CASE("fields: numbers are read from text too, and nonsense is nought") {
  const Json value = Json::parse(R"({"a":5,"b":"7","c":"x","d":null,"e":"12abc","f":-3})");
  CHECK(number_at(value, "a") == 5);
  CHECK(number_at(value, "b") == 7);
  CHECK(number_at(value, "c") == 0);
  CHECK(number_at(value, "d") == 0);
  CHECK(number_at(value, "e") == 12);
  CHECK(number_at(value, "f") == -3);
  CHECK(number_at(value, "none") == 0);
  CHECK(number_at(Json::array({1}), "a") == 0);
}

TEST_CASE("fields: a schema version is read out of every media type") {
  CHECK(schema_version("application/vnd.adobe.xed-full+json;version=1") == "1");
  CHECK(schema_version("application/vnd.adobe.xed-full+json; version=1.0") == "1");
  CHECK(schema_version("application/vnd.adobe.xed-full+json;version=10; q=1") == "10");
  CHECK(schema_version("application/json").empty());
  CHECK(schema_version("").empty());
  CHECK(schema_media_type("2.0") == "application/vnd.adobe.xed-full+json;version=2");
}

TEST_CASE("fields: encode leaves only what needs no encoding") {
  CHECK(encode("AZaz09-._~") == "AZaz09-._~");
  CHECK(encode(" /?#&=+,%\xC3\xA9") == "%20%2F%3F%23%26%3D%2B%2C%25%C3%A9");
  CHECK(encode("").empty());
}
