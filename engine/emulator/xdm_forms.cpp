#include "emulator/xdm_forms.hpp"

#include "emulator/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::emulator {

namespace {

constexpr std::string_view kLocal = "#/definitions/";

// What a class extends; a schema of the class extends it too.
const char* behaviour_of(const std::string& class_id) {
  return class_id == kExperienceEvent ? "https://ns.adobe.com/xdm/data/time-series"
                                      : "https://ns.adobe.com/xdm/data/record";
}

Json standard_class(const char* id, const char* alt_id, const char* title, Json properties) {
  return {{"$id", id},
          {"meta:altId", alt_id},
          {"meta:resourceType", "classes"},
          {"version", "1.0"},
          {"title", title},
          {"type", "object"},
          {"meta:extensible", true},
          {"meta:abstract", true},
          {"meta:extends", Json::array({behaviour_of(id)})},
          {"meta:containerId", "global"},
          {"meta:xdmType", "object"},
          {"properties", std::move(properties)}};
}

std::string xdm_type_of(const Json& node) {
  const std::string type = node.value("type", "object");
  const std::string format = node.value("format", "");
  if (type == "string" && (format == "date-time" || format == "date")) return format;
  if (type != "integer") return type;
  // An integer may be declared wider or narrower than what it is by default.
  const std::string declared = node.value("meta:xdmType", "");
  const bool is_sized = declared == "byte" || declared == "short" || declared == "long";
  return is_sized ? declared : "int";
}

void decorate_node(Json& node, bool is_required) {
  node["meta:xdmType"] = xdm_type_of(node);
  node["isRequired"] = is_required;
  if (node.contains("items")) decorate_node(node["items"], false);
  if (!node.contains("properties")) return;
  const Json required = node.value("required", Json::array());
  for (auto& [name, child] : node["properties"].items())
    decorate_node(child, std::find(required.begin(), required.end(), name) != required.end());
}

void decorate_references(Json& resource) {
  for (Json& item : resource["allOf"]) {
    item["type"] = "object";
    item["meta:xdmType"] = "object";
  }
}

std::string type_in_full(const Json& node) {
  std::string type = xdm_type_of(node);
  if (node.contains("items")) type += " of " + type_in_full(node["items"]);
  return type;
}

void collect_types(const Json& node, const std::string& path, FieldTypes& types) {
  if (node.contains("items")) collect_types(node["items"], path, types);
  const auto properties = node.find("properties");
  if (properties == node.end()) return;
  for (const auto& [name, child] : properties->items()) {
    const std::string below = fmt::format("{}/{}", path, name);
    types[below] = type_in_full(child);
    collect_types(child, below, types);
  }
}

Json group_properties(const Json& group) {
  Json properties = Json::object();
  for (const std::string& reference : references_of(group)) {
    if (!reference.starts_with(kLocal)) continue;
    const Json definitions = group.value("definitions", Json::object());
    const Json definition = definitions.value(reference.substr(kLocal.size()), Json::object());
    properties.update(definition.value("properties", Json::object()), true);
  }
  return properties;
}

}  // namespace

std::vector<Json> standard_classes() {
  const Json text = {{"type", "string"}, {"meta:xdmType", "string"}};
  const Json time = {{"type", "string"}, {"format", "date-time"}, {"meta:xdmType", "date-time"}};
  Json event = standard_class(kExperienceEvent, "_xdm.context.experienceevent",
                              "XDM ExperienceEvent", {{"_id", text}, {"timestamp", time}});
  event["required"] = {"@id", "xdm:timestamp"};
  Json profile =
      standard_class(kProfile, "_xdm.context.profile", "XDM Individual Profile", {{"_id", text}});
  return {std::move(event), std::move(profile)};
}

Json find_class(const std::string& id) {
  for (Json& one : standard_classes()) {
    if (one["$id"] == id || one["meta:altId"] == id) return std::move(one);
  }
  return Json();
}

Record* find_resource(World& world, const std::string& sandbox, const std::string& collection,
                      const std::string& id) {
  if (Record* record = world.find(sandbox, collection, id)) return record;
  for (const auto& [serial, record] : world.collection(sandbox, collection).in_order()) {
    if (record.body["$id"] == id) return world.find(sandbox, collection, record.id);
  }
  return nullptr;
}

Json find_extended(World& world, const std::string& sandbox, const std::string& id) {
  if (const Json one = find_class(id); !one.is_null() && one["$id"] == id) return one;
  const Record* group = find_resource(world, sandbox, kFieldGroups, id);
  return group != nullptr && group->body["$id"] == id ? group->body : Json();
}

void name_resource(Json& body, const std::string& collection, const std::string& hash,
                   const World& world, const std::string& sandbox) {
  // The endpoint of field groups has a newer name than their ids.
  const char* kind = collection == kFieldGroups ? "mixins" : "schemas";
  body["$id"] = fmt::format("https://ns.adobe.com/{}/{}/{}", kTenant, kind, hash);
  body["meta:altId"] = fmt::format("_{}.{}.{}", kTenant, kind, hash);
  body["meta:resourceType"] = kind;
  body["version"] = "1.0";
  body["imsOrg"] = world.access().org;
  body["meta:extensible"] = collection == kFieldGroups;
  body["meta:abstract"] = collection == kFieldGroups;
  body["meta:containerId"] = "tenant";
  body["meta:sandboxId"] = world.sandbox_id(sandbox);
  body["meta:sandboxType"] = sandbox == "prod" ? "production" : "development";
  body["meta:tenantNamespace"] = fmt::format("_{}", kTenant);
}

void decorate_schema(Json& schema) {
  decorate_references(schema);
  schema["meta:xdmType"] = "object";
  std::string class_id;
  Json extends = Json::array();
  for (const std::string& reference : references_of(schema)) {
    if (find_class(reference).is_null()) {
      extends.push_back(reference);
    } else {
      class_id = reference;
    }
  }
  schema["meta:class"] = class_id;
  extends.push_back(behaviour_of(class_id));
  extends.push_back(class_id);
  schema["meta:extends"] = std::move(extends);
}

void decorate_field_group(Json& group) {
  decorate_references(group);
  group["meta:xdmType"] = "object";
  for (auto& [name, definition] : group["definitions"].items())
    decorate_node(definition, false);
}

void stamp(World& world, Json& body, Millis now, const std::string& who) {
  const std::string& client = world.access().client_id;
  Json& metadata = body["meta:registryMetadata"];
  if (metadata.is_null()) {
    metadata = {{"repo:createdDate", now.count()},
                {"xdm:createdClientId", client},
                {"xdm:createdUserId", who},
                {"meta:globalLibVersion", "1.38.2"}};
  } else {
    const std::string version = body["version"];
    const auto minor = read_number(version.substr(version.find('.') + 1));
    body["version"] = fmt::format("1.{}", minor.value_or(0) + 1);
  }
  metadata["repo:lastModifiedDate"] = now.count();
  metadata["xdm:lastModifiedClientId"] = client;
  metadata["xdm:lastModifiedUserId"] = who;
  metadata["eTag"] = fmt::format("{:064x}", world.next_count());
}

FieldTypes fields_of_group(const Json& group) {
  FieldTypes types;
  collect_types({{"properties", group_properties(group)}}, "", types);
  return types;
}

FieldTypes fields_of_schema(World& world, const std::string& sandbox, const Json& schema) {
  FieldTypes types;
  collect_types({{"properties", resolved_properties(world, sandbox, schema)}}, "", types);
  return types;
}

Json resolved_properties(World& world, const std::string& sandbox, const Json& resource) {
  Json properties = group_properties(resource);
  for (const std::string& reference : references_of(resource)) {
    const Json extended = find_extended(world, sandbox, reference);
    if (extended.is_null()) continue;
    const bool is_class = extended["meta:resourceType"] == "classes";
    properties.update(is_class ? extended["properties"] : group_properties(extended), true);
  }
  return properties;
}

std::vector<std::string> references_of(const Json& resource) {
  std::vector<std::string> references;
  for (const Json& item : resource.value("allOf", Json::array()))
    references.push_back(item.value("$ref", ""));
  return references;
}

}  // namespace sluice::emulator
