#include "http/json_body.hpp"
#include "kinds/fields.hpp"
#include "kinds/xdm.hpp"

#include <algorithm>

namespace sluice::kinds {

namespace {

constexpr const char* kSchemas = "schemas";
constexpr const char* kUnion = "union";

/// A schema's part in the profile has no id of its own.
constexpr std::string_view kProfileSuffix = "#union";

Json schema_body(const Fields& inputs) {
  Json parts = Json::array({{{"$ref", inputs.at("class")}}});
  for (const Json& group : inputs.at("field_groups"))
    parts.push_back({{"$ref", group}});
  return {{"type", "object"},
          {"title", text_of(inputs, "name")},
          {"description", text_of(inputs, "description")},
          {"allOf", std::move(parts)}};
}

void put_composition(const Json& resource, Observed& into) {
  const std::string class_id = text_at(resource, "meta:class");
  Json groups = Json::array();
  const Json& parts = at_path(resource, {"allOf"});
  if (parts.is_array()) {
    for (const Json& part : parts) {
      const std::string reference = text_at(part, "$ref");
      // The class comes first; answers that do not name it are read by that.
      const bool is_class = class_id.empty() ? &part == &parts.front() : reference == class_id;
      if (is_class) {
        into.fields["class"] = reference;
      } else {
        groups.push_back(reference);
      }
    }
  }
  into.fields["field_groups"] = std::move(groups);
}

bool is_in(const Json& list, const Json& item) {
  return list.is_array() && std::find(list.begin(), list.end(), item) != list.end();
}

std::optional<http::Request> update_schema(const Update& update) {
  Json patch = Json::array();
  for (const Change& change : update.changes) {
    if (change.field == "name") patch.push_back(add_operation("/title", change.after));
    if (change.field == "description") {
      patch.push_back(
          add_operation("/description", change.after.is_null() ? Json("") : change.after));
    }
    if (change.field != "field_groups") continue;
    for (const Json& group : update.after.at("field_groups")) {
      if (is_in(change.before, group)) continue;
      patch.push_back(add_operation("/allOf/-", {{"$ref", group}}));
    }
  }
  return registry_patch(kSchemas, update.id, patch);
}

KindRules schema_rules() {
  KindRules rules;
  rules.kind = "schema";
  rules.fields = {{"name", FieldClass::in_place, Equality::exact},
                  {"description", FieldClass::in_place, Equality::text},
                  {"class", FieldClass::create_only, Equality::exact},
                  {"field_groups", FieldClass::additive, Equality::subset}};
  rules.attributes = {"id"};
  rules.unique_names = true;
  return rules;
}

std::string schema_of(const std::string& profile_id) {
  if (!profile_id.ends_with(kProfileSuffix)) return profile_id;
  return profile_id.substr(0, profile_id.size() - kProfileSuffix.size());
}

bool is_in_profile(const Json& schema) {
  return is_in(at_path(schema, {"meta:immutableTags"}), kUnion);
}

std::optional<Observed> profile_in(const http::Response& response) {
  const std::optional<Json> body = http::parse_json(response.body);
  if (!body || id_at(*body, "$id").empty() || !is_in_profile(*body)) return std::nullopt;
  Observed object;
  const std::string id = id_at(*body, "$id");
  object.id = profile_id(id);
  object.fields["schema"] = id;
  return object;
}

std::optional<Written> profile_written(const http::Response& response) {
  const std::optional<Observed> object = profile_in(response);
  if (!object) return std::nullopt;
  return Written{object->id, {}, Json::object()};
}

KindRules profile_rules() {
  KindRules rules;
  rules.kind = "schemaProfile";
  rules.part = "profile";
  rules.fields = {{"name", FieldClass::write_only, Equality::exact},
                  {"schema", FieldClass::create_only, Equality::exact},
                  // What must be there before; nothing of the profile itself.
                  {"identities", FieldClass::write_only, Equality::exact}};
  rules.attributes = {"id"};
  rules.creation_note =
      "This is for good: the platform takes no schema out of the profile, and deletes none that is "
      "in it.";
  rules.is_permanent = true;
  return rules;
}

http::Request read_schema(const std::string& id) {
  http::Request result = request("GET", registry_path(kSchemas) + "/" + encode(id));
  result.headers["Accept"] = kWholeForm;
  return result;
}

}  // namespace

Kind schema() {
  Kind kind;
  kind.noun = "schema";
  kind.rules = schema_rules();
  add_registry(kind, {kSchemas, schema_body, put_composition});
  kind.parse_page = [](const http::Response& response, const http::Request& asked) {
    return registry_page(response, asked,
                         [](const Json& entry) { return read_resource(entry, put_composition); });
  };
  kind.update = update_schema;
  return kind;
}

std::string profile_id(const std::string& schema_id) {
  return schema_id + std::string(kProfileSuffix);
}

Kind schema_profile() {
  Kind kind;
  kind.noun = "profile of a schema";
  kind.guard = Guard::compare;
  kind.has_name = false;
  kind.has_client = false;
  kind.rules = profile_rules();
  kind.create = [](const Fields& inputs) {
    const Json patch = Json::array({add_operation("/meta:immutableTags", Json::array({kUnion}))});
    return registry_patch(kSchemas, text_of(inputs, "schema"), patch).value();
  };
  kind.read = [](const std::string& id) { return read_schema(schema_of(id)); };
  kind.parse = profile_in;
  kind.says_gone = [](const http::Response& response) {
    const std::optional<Json> body = http::parse_json(response.body);
    return body && !text_at(*body, "$id").empty() && !is_in_profile(*body);
  };
  // A deletion is refused before it gets here, since there is none: the schema would go.
  kind.remove = [](const std::string& id) { return read_schema(schema_of(id)); };
  kind.candidates = [](const Fields& inputs) { return read_schema(text_of(inputs, "schema")); };
  kind.parse_page = [](const http::Response& response, const http::Request&) {
    std::optional<Page> page(Page{});
    if (std::optional<Observed> object = profile_in(response)) {
      page->objects.push_back(std::move(*object));
    }
    return page;
  };
  kind.parse_written = profile_written;
  kind.update = [](const Update&) { return std::optional<http::Request>(); };
  return kind;
}

}  // namespace sluice::kinds
