#include "kinds/fields.hpp"
#include "kinds/xdm.hpp"

#include <algorithm>

namespace sluice::kinds {

namespace {

constexpr const char* kGroups = "fieldgroups";

/// The platform gives this name to the definition of a field group's own fields.
constexpr const char* kDefinition = "customFields";
constexpr std::string_view kLocal = "#/definitions/";

/// Custom fields stand below the tenant's own name.
std::string name_space(const Fields& inputs) {
  return "_" + text_of(inputs, "tenant");
}

Json group_body(const Fields& inputs) {
  const Json own = {{"type", "object"}, {"properties", nested_properties(inputs.at("properties"))}};
  const Json fields = {{"type", "object"}, {"properties", {{name_space(inputs), own}}}};
  return {{"type", "object"},
          {"title", text_of(inputs, "name")},
          {"description", ""},
          {"meta:intendedToExtend", Json::array({inputs.at("class")})},
          {"definitions", {{kDefinition, fields}}},
          {"allOf", Json::array({{{"$ref", std::string(kLocal) + kDefinition}}})}};
}

void put_group(const Json& resource, Observed& into) {
  const Json& classes = at_path(resource, {"meta:intendedToExtend"});
  if (classes.is_array() && !classes.empty()) into.fields["class"] = classes.at(0);
  Json flat = Json::object();
  const Json& parts = at_path(resource, {"allOf"});
  const Json& definitions = at_path(resource, {"definitions"});
  if (!parts.is_array()) return;
  for (const Json& part : parts) {
    const std::string reference = text_at(part, "$ref");
    if (!reference.starts_with(kLocal)) continue;
    const std::string name = reference.substr(kLocal.size());
    const Json& properties = at_path(definitions, {name.c_str(), "properties"});
    if (!properties.is_object()) continue;
    for (const auto& [space, node] : properties.items()) {
      if (!space.starts_with('_')) continue;
      into.facts["definition"] = name;
      flat.update(flat_properties(at_path(node, {"properties"})));
    }
  }
  into.fields["properties"] = std::move(flat);
}

/// The entry of a change of "properties[entry]"; empty for another field.
std::string entry_of(const Change& change) {
  constexpr std::string_view kStart = "properties[";
  if (!change.field.starts_with(kStart)) return {};
  return change.field.substr(kStart.size(), change.field.size() - kStart.size() - 1);
}

/// The field and all below it, as the platform nests them.
Json subtree(const Json& flat, const std::string& path) {
  Json chosen = Json::object();
  for (const auto& [other, node] : flat.items()) {
    const bool below = other.starts_with(path + ".") || other.starts_with(path + "[]");
    if (other == path || below) chosen[other] = node;
  }
  const std::string pointer = pointer_to_field(path);
  const Json root = {{"properties", nested_properties(chosen)}};
  return root.at(Json::json_pointer(pointer));
}

bool is_below(const std::string& path, const std::string& above) {
  return path.starts_with(above + ".") || path.starts_with(above + "[]");
}

std::optional<http::Request> update_group(const Update& update) {
  Json patch = Json::array();
  const std::string definition =
      update.facts.contains("definition") ? text_at(update.facts, "definition") : kDefinition;
  const std::string root = "/definitions/" + definition + "/properties/" + name_space(update.after);
  std::vector<std::string> added;  // Whose subtrees are in the patch already.
  for (const Change& change : update.changes) {
    const std::string path = entry_of(change);
    if (change.field == "name") patch.push_back(add_operation("/title", change.after));
    if (path.empty() || change.after.is_null()) continue;
    const std::string pointer = root + pointer_to_field(path);
    if (!change.before.is_null()) {
      for (const auto& [key, value] : change.after.items()) {
        if (change.before.value(key, Json()) != value) {
          patch.push_back(add_operation(pointer + "/" + key, value));
        }
      }
      continue;
    }
    const bool has_parent = std::any_of(
        added.begin(), added.end(), [&path](const auto& above) { return is_below(path, above); });
    if (has_parent) continue;
    added.push_back(path);
    patch.push_back(add_operation(pointer, subtree(update.after.at("properties"), path)));
  }
  return registry_patch(kGroups, update.id, patch);
}

KindRules group_rules() {
  KindRules rules;
  rules.kind = "fieldGroup";
  rules.part = "fields";
  FieldRule properties{"properties", FieldClass::additive, Equality::subset};
  properties.breaking_keys = {"type", "format"};
  rules.fields = {{"name", FieldClass::in_place, Equality::exact},
                  {"class", FieldClass::create_only, Equality::exact},
                  properties};
  rules.attributes = {"id"};
  rules.unique_names = true;
  return rules;
}

}  // namespace

Kind field_group() {
  Kind kind;
  kind.noun = "field group";
  kind.rules = group_rules();
  kind.needs_tenant = true;
  add_registry(kind, {kGroups, group_body, put_group});
  kind.parse_page = [](const http::Response& response, const http::Request& asked) {
    return registry_page(response, asked,
                         [](const Json& entry) { return read_resource(entry, put_group); });
  };
  kind.update = update_group;
  return kind;
}

}  // namespace sluice::kinds
