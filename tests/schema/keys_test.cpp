// Holds the keys and the enumerations of docs/spec.schema.json against those of the parser, so that
// neither can gain or lose one alone.

#include "schema/language.hpp"
#include "spec/shapes.hpp"

#include <map>
#include <set>

using namespace sluice;
using namespace sluice::test;

namespace {

using Keys = std::set<std::string>;

Keys keys_of(const Json& object) {
  Keys keys;
  for (const auto& [key, value] : object.items())
    keys.insert(key);
  return keys;
}

/// The maps of the schema whose keys it names. Its top is the spec.
std::map<std::string, Json> maps_of(const Json& schema) {
  std::map<std::string, Json> maps;
  for (const auto& [name, definition] : schema.at("definitions").items()) {
    if (definition.contains("properties")) maps[name] = definition;
  }
  maps["spec"] = schema;
  return maps;
}

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& item : list)
    texts.push_back(item);
  return texts;
}

/// The detail of an error that lists what was expected.
std::string expected_one_of(const Json& values) {
  std::string text = "Expected one of ";
  for (const Json& value : values) {
    if (&value != &values.front()) text += ", ";
    text += "`" + value.get<std::string>() + "`";
  }
  return text + ".";
}

}  // namespace

TEST_CASE("schema: has every map of the parser, and no other") {
  Keys of_parser;
  for (const spec::Shape& shape : spec::all_shapes())
    CHECK(of_parser.insert(shape.name).second);
  CHECK(of_parser == keys_of(maps_of(schema())));
}

TEST_CASE("schema: each map has the keys that the parser takes, and refuses others") {
  const std::map<std::string, Json> maps = maps_of(schema());
  for (const spec::Shape& shape : spec::all_shapes()) {
    INFO(shape.name);
    const Json& map = maps.at(shape.name);
    CHECK(keys_of(map.at("properties")) == Keys(shape.keys.begin(), shape.keys.end()));
    CHECK(map.at("additionalProperties") == false);
  }
}

TEST_CASE("schema: the parser takes its keys from nowhere but the table of all maps") {
  for (const auto& entry : std::filesystem::directory_iterator(kRoot / "engine" / "spec")) {
    if (entry.path().filename().string().starts_with("shapes.")) continue;
    const std::string code = read_text(entry.path());
    INFO(entry.path().string());
    for (const char* made : {"Shape{", "shape = {", "shape{"})
      CHECK(code.find(made) == std::string::npos);
  }
}

TEST_CASE("schema: every key has words for those who point at it") {
  const Json whole = schema();
  for (const auto& [name, map] : maps_of(whole)) {
    for (const auto& [key, value] : map.at("properties").items()) {
      INFO(name << " " << key);
      Json shown = value;
      if (!shown.contains("description")) {
        shown = whole.at(Json::json_pointer(value.at("$ref").get<std::string>().substr(1)));
      }
      CHECK_FALSE(shown.value("title", "").empty());
      CHECK_FALSE(shown.value("description", "").empty());
    }
  }
}

TEST_CASE("schema: connectors, field types, states and types of variables are the parser's") {
  const Json definitions = schema().at("definitions");
  std::set<std::string> presets;
  for (const ConnectorPreset& preset : language().presets) {
    if (!preset.name.empty()) presets.insert(preset.name);
  }
  const std::vector<std::string> connectors =
      texts_of(definitions.at("connector").at("anyOf").at(0).at("enum"));
  CHECK(std::set<std::string>(connectors.begin(), connectors.end()) == presets);

  // The parser's answer to a word that is none of them lists those that there are.
  const auto answer = [](const std::string& text) { return parse({{"a.yaml", text}}).text(); };
  const std::string type_error =
      answer("sluice: 1\nname: n\nschemas: {s: {fields: {f: {type: qqq}}}}");
  const Json types = definitions.at("field").at("properties").at("type").at("anyOf").at(0);
  CHECK(type_error.find("| " + expected_one_of(types.at("enum"))) != std::string::npos);

  const std::string state_error = answer(spec::spec_text({.flow = "{state: qqq}"}));
  const Json states = definitions.at("flow").at("properties").at("state").at("anyOf").at(0);
  CHECK(state_error.find("| " + expected_one_of(states.at("enum"))) != std::string::npos);

  const std::string kind_error =
      answer("sluice: 1\nname: n\nvariables: {v: {type: qqq, default: d}}");
  const Json kinds = definitions.at("variable").at("properties").at("type");
  CHECK(kind_error.find("| " + expected_one_of(kinds.at("enum"))) != std::string::npos);
}

TEST_CASE("schema: a pipeline's `ignore` has the fields of the kinds of its parts") {
  std::set<std::string> fields;
  const Catalogue catalogue = language();
  for (const char* kind : {"sourceConnection", "targetConnection", "mappingSet", "flow"}) {
    const KindRules& rules = catalogue.rules(kind);
    for (const FieldRule& field : rules.fields)
      fields.insert(rules.part + "." + field.name);
  }
  const std::vector<std::string> known = texts_of(
      schema().at("/definitions/pipeline_lifecycle/properties/ignore/items/enum"_json_pointer));
  CHECK(std::set<std::string>(known.begin(), known.end()) == fields);
}
