#include "emulator/xdm_checks.hpp"

#include "emulator/xdm_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace sluice::emulator {

namespace {

Refusal xdm_refusal(const Call& call, std::string_view detail) {
  return registry_error(call, "XDM-400", detail);
}

Refusal check_texts(const Call& call, const Json& body,
                    const std::vector<std::pair<const char*, bool>>& fields) {
  for (const auto& [key, may_be_empty] : fields) {
    const auto found = body.find(key);
    if (found == body.end()) {
      return xdm_refusal(call, fmt::format("The field {} is missing", key));
    }
    if (!found->is_string() || (!may_be_empty && *found == "")) {
      return xdm_refusal(call, fmt::format("The field {} must be a text", key));
    }
  }
  return std::nullopt;
}

// Unique over the kinds, as the platform says; the message names the one that has it.
Refusal check_title(World& world, const Call& call, const Json& body, const std::string& id) {
  if (!world.switches().refuse_same_title) return std::nullopt;
  for (const char* kind : {kSchemas, kFieldGroups}) {
    for (const auto& [serial, record] : world.collection(call.sandbox, kind).in_order()) {
      if (record.body["title"] != body["title"] || record.body["$id"] == id) continue;
      return registry_error(
          call, "XDM-1521-400",
          fmt::format("Title not unique: {} is the title of {}", body["title"].dump(),
                      record.body["$id"].get_ref<const std::string&>()));
    }
  }
  return std::nullopt;
}

Refusal check_references(const Call& call, const Json& body) {
  const auto items = body.find("allOf");
  if (items == body.end() || !items->is_array() || items->empty()) {
    return xdm_refusal(call, "The field allOf must be a list of references");
  }
  std::set<std::string> seen;
  for (const Json& item : *items) {
    if (!item.is_object() || !item.value("$ref", Json()).is_string()) {
      return xdm_refusal(call, "Each element of allOf must have a $ref");
    }
    const std::string reference = item["$ref"];
    if (!seen.insert(reference).second) {
      return xdm_refusal(call, fmt::format("allOf names {} twice", reference));
    }
  }
  return std::nullopt;
}

bool is_good_name(const std::string& name) {
  if (name.empty() || name[0] == '_') return false;
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

Refusal check_node(const Call& call, const Json& node, const std::string& path);

Refusal check_properties(const Call& call, const Json& node, const std::string& path) {
  if (!node.contains("properties")) return std::nullopt;
  if (!node["properties"].is_object()) {
    return xdm_refusal(call, fmt::format("The properties of {} must be an object", path));
  }
  for (const auto& [name, child] : node["properties"].items()) {
    const std::string below = fmt::format("{}/{}", path, name);
    // The namespace itself is checked where it may stand.
    if (!is_good_name(name) && below != fmt::format("/_{}", kTenant)) {
      return xdm_refusal(call, fmt::format("The name of the field {} is not allowed", below));
    }
    if (const Refusal refusal = check_node(call, child, below)) return refusal;
  }
  return std::nullopt;
}

Refusal check_node(const Call& call, const Json& node, const std::string& path) {
  constexpr std::array<std::string_view, 6> kTypes = {"string",  "integer", "number",
                                                      "boolean", "object",  "array"};
  if (!node.is_object()) return xdm_refusal(call, fmt::format("{} must be an object", path));
  if (node.contains("$ref")) {
    return xdm_refusal(
        call, fmt::format("{} refers to {}, which is not there", path, node["$ref"].dump()));
  }
  const Json type = node.value("type", Json("object"));
  const auto is_type = [&](std::string_view one) { return type == Json(one); };
  if (std::none_of(kTypes.begin(), kTypes.end(), is_type)) {
    return xdm_refusal(call, fmt::format("{} has the unknown type {}", path, type.dump()));
  }
  for (const char* key : {"format", "meta:xdmType"}) {
    if (node.value(key, Json("")).is_string()) continue;
    return xdm_refusal(call, fmt::format("The {} of {} must be a text", key, path));
  }
  if (type == "array" && !node.contains("items")) {
    return xdm_refusal(call, fmt::format("{} is an array without items", path));
  }
  if (node.contains("items")) {
    if (const Refusal refusal = check_node(call, node["items"], path)) return refusal;
  }
  return check_properties(call, node, path);
}

Refusal check_definitions(const Call& call, const Json& body) {
  const Json definitions = body.value("definitions", Json::object());
  if (!definitions.is_object()) return xdm_refusal(call, "definitions must be an object");
  const std::string name_space = fmt::format("_{}", kTenant);
  for (const auto& [name, definition] : definitions.items()) {
    if (!definition.is_object() || !definition.value("properties", Json()).is_object()) {
      return xdm_refusal(call, fmt::format("The definition {} has no properties", name));
    }
    for (const auto& [field, unused] : definition["properties"].items()) {
      if (field == name_space) continue;
      return registry_error(call, "XDM-1021-400",
                            fmt::format("The custom field {} must be below {}", field, name_space));
    }
    if (const Refusal refusal = check_node(call, definition, "")) return refusal;
  }
  for (const std::string& reference : references_of(body)) {
    const std::string_view local = "#/definitions/";
    if (reference.starts_with(local) && definitions.contains(reference.substr(local.size()))) {
      continue;
    }
    return xdm_refusal(call, fmt::format("allOf refers to {}, which is not there", reference));
  }
  return std::nullopt;
}

Refusal check_field_group(const Call& call, const Json& body) {
  const auto extended = body.find("meta:intendedToExtend");
  if (extended == body.end() || !extended->is_array() || extended->empty()) {
    return xdm_refusal(call, "The field meta:intendedToExtend must be a list of classes");
  }
  for (const Json& one : *extended) {
    if (!one.is_string() || find_class(one).is_null()) {
      return xdm_refusal(
          call, fmt::format("meta:intendedToExtend names {}, which is not there", one.dump()));
    }
  }
  return check_definitions(call, body);
}

// Exactly one class, and field groups that are meant for it.
Refusal check_composition(World& world, const Call& call, const Json& body) {
  std::string class_id;
  std::vector<Json> groups;
  for (const std::string& reference : references_of(body)) {
    const Json extended = find_extended(world, call.sandbox, reference);
    if (extended.is_null()) {
      return xdm_refusal(call, fmt::format("allOf refers to {}, which is not there", reference));
    }
    if (extended["meta:resourceType"] != "classes") {
      groups.push_back(extended);
    } else if (class_id.empty()) {
      class_id = reference;
    } else {
      return xdm_refusal(call, "A schema extends exactly one class");
    }
  }
  if (class_id.empty()) return xdm_refusal(call, "A schema extends exactly one class");
  for (const Json& group : groups) {
    const Json& classes = group["meta:intendedToExtend"];
    if (std::find(classes.begin(), classes.end(), class_id) != classes.end()) continue;
    return xdm_refusal(call, fmt::format("{} is not meant for {}",
                                         group["$id"].get_ref<const std::string&>(), class_id));
  }
  return std::nullopt;
}

Refusal check_union(World& world, const Call& call, const Json& body, const std::string& id) {
  const Json tags = body.value("meta:immutableTags", Json::array());
  if (!tags.is_array() || (!tags.empty() && tags != Json::array({"union"}))) {
    return xdm_refusal(call, "meta:immutableTags may only hold union");
  }
  if (tags.empty() || has_primary_identity(world, call.sandbox, id)) return std::nullopt;
  return registry_error(call, "XDM-1528-400",
                        "A schema without a primary identity cannot be enabled for Profile");
}

bool has_data_set(World& world, const std::string& sandbox, const std::string& schema_id) {
  const auto& data_sets = world.collection(sandbox, kDataSets).in_order();
  return std::any_of(data_sets.begin(), data_sets.end(), [&schema_id](const auto& entry) {
    return entry.second.body["schemaRef"]["id"] == schema_id;
  });
}

// The schemas that are the resource or extend it.
std::vector<Json> schemas_with(World& world, const std::string& sandbox, const std::string& id) {
  std::vector<Json> schemas;
  for (const auto& [serial, record] : world.collection(sandbox, kSchemas).in_order()) {
    const std::vector<std::string> references = references_of(record.body);
    const bool extends = std::find(references.begin(), references.end(), id) != references.end();
    if (record.body["$id"] == id || extends) schemas.push_back(record.body);
  }
  return schemas;
}

// What keeps a resource from all but growing; empty when nothing does.
std::string user_of(World& world, const std::string& sandbox, const std::string& id) {
  for (const Json& schema : schemas_with(world, sandbox, id)) {
    const std::string schema_id = schema["$id"];
    if (has_data_set(world, sandbox, schema_id)) return "a dataset of " + schema_id;
    if (is_union(schema)) return "the union of " + schema_id;
  }
  return "";
}

}  // namespace

Refusal check_accept(const Call& call, bool is_list) {
  constexpr std::array<std::string_view, 7> kForms = {"xed",
                                                      "xed-id",
                                                      "xed-full",
                                                      "xed-notext",
                                                      "xed-full-notext",
                                                      "xed-full-desc",
                                                      "xed-deprecatefield"};
  std::string accept = call.header("accept").value_or("");
  std::erase(accept, ' ');
  if (accept.empty()) {
    return registry_error(call, "XDM-1006-400", "Accept header invalid: it is missing");
  }
  const std::string type = accept.substr(0, accept.find(';'));
  const bool is_known = std::any_of(kForms.begin(), kForms.end(), [&type](std::string_view form) {
    return type == fmt::format("application/vnd.adobe.{}+json", form);
  });
  if (!is_known) {
    return registry_error(call, "XDM-1008-400", fmt::format("Accept header invalid: {}", accept));
  }
  const std::string parameters = accept.substr(type.size());
  if (is_list && !parameters.empty()) {
    return registry_error(call, "XDM-1007-400", "Accept header invalid: a list has no version");
  }
  if (!is_list && parameters != ";version=1") {
    return registry_error(call, "XDM-1007-400",
                          parameters.empty() ? "Accept header invalid: it names no version"
                                             : "Accept header invalid: the version must be 1");
  }
  return std::nullopt;
}

Refusal check_resource(World& world, const Call& call, const std::string& collection,
                       const Json& body, const std::string& id) {
  const bool is_schema = collection == kSchemas;
  const std::vector<std::string_view> keys =
      is_schema ? std::vector<std::string_view>{"type", "title", "description", "allOf",
                                                "meta:immutableTags"}
                : std::vector<std::string_view>{"type",        "title", "description",
                                                "definitions", "allOf", "meta:intendedToExtend"};
  if (const Refusal refusal = check_keys(call, body, "The body", keys)) return refusal;
  std::vector<std::pair<const char*, bool>> texts = {{"type", false}, {"title", false}};
  if (is_schema || body.contains("description")) texts.emplace_back("description", true);
  if (const Refusal refusal = check_texts(call, body, texts)) return refusal;
  if (body["type"] != "object") return xdm_refusal(call, "The type must be object");
  if (const Refusal refusal = check_references(call, body)) return refusal;
  if (const Refusal refusal =
          is_schema ? check_composition(world, call, body) : check_field_group(call, body)) {
    return refusal;
  }
  if (const Refusal refusal = check_title(world, call, body, id)) return refusal;
  return is_schema ? check_union(world, call, body, id) : std::nullopt;
}

Refusal check_change(World& world, const Call& call, const std::string& collection,
                     const Record& record, const Json& after) {
  const bool is_schema = collection == kSchemas;
  if (is_schema && is_union(record.body) && !is_union(after)) {
    return xdm_refusal(call, "A schema that is enabled for Profile stays so");
  }
  const std::string user = user_of(world, call.sandbox, record.body["$id"]);
  if (user.empty()) return std::nullopt;
  const FieldTypes old_types =
      is_schema ? fields_of_schema(world, call.sandbox, record.body) : fields_of_group(record.body);
  const FieldTypes new_types =
      is_schema ? fields_of_schema(world, call.sandbox, after) : fields_of_group(after);
  for (const auto& [path, type] : old_types) {
    const auto found = new_types.find(path);
    if (found == new_types.end()) {
      return xdm_refusal(call,
                         fmt::format("The field {} cannot be removed: {} uses it", path, user));
    }
    if (found->second == type) continue;
    return xdm_refusal(call, fmt::format("The field {} cannot change from {} to {}: {} uses it",
                                         path, type, found->second, user));
  }
  return std::nullopt;
}

Refusal check_deletion(World& world, const Call& call, const std::string& collection,
                       const Record& record) {
  const std::string id = record.body["$id"];
  if (const std::string user = user_of(world, call.sandbox, id); !user.empty()) {
    return xdm_refusal(call, fmt::format("{} cannot be deleted: {} uses it", id, user));
  }
  const std::vector<Json> schemas = schemas_with(world, call.sandbox, id);
  if (collection == kSchemas || schemas.empty()) return std::nullopt;
  return xdm_refusal(call, fmt::format("{} cannot be deleted: the schema {} extends it", id,
                                       schemas.front()["$id"].get_ref<const std::string&>()));
}

bool is_union(const Json& schema) {
  const Json tags = schema.value("meta:immutableTags", Json::array());
  return std::find(tags.begin(), tags.end(), "union") != tags.end();
}

bool has_primary_identity(World& world, const std::string& sandbox, const std::string& schema_id) {
  const auto& descriptors = world.collection(sandbox, kDescriptors).in_order();
  return std::any_of(descriptors.begin(), descriptors.end(), [&schema_id](const auto& entry) {
    const Json& body = entry.second.body;
    return body["xdm:sourceSchema"] == schema_id && body["xdm:isPrimary"] == true;
  });
}

}  // namespace sluice::emulator
