// Schema Registry: identity descriptors.

#include "emulator/registry_lists.hpp"
#include "emulator/services.hpp"
#include "emulator/xdm_checks.hpp"
#include "emulator/xdm_forms.hpp"

#include <fmt/format.h>

namespace sluice::emulator {

namespace {

constexpr const char* kIdentity = "xdm:descriptorIdentity";

http::Response unknown_descriptor(const Call& call) {
  return registry_error(call, "XDM-1014-404", fmt::format("{} was not found", call.captures[0]));
}

Refusal check_descriptor_fields(const Call& call, const Json& body) {
  const std::vector<std::string_view> keys = {
      "@type",         "xdm:sourceSchema", "xdm:sourceVersion", "xdm:sourceProperty",
      "xdm:namespace", "xdm:property",     "xdm:isPrimary"};
  if (const Refusal refusal = check_keys(call, body, "The body", keys)) return refusal;
  for (const std::string_view key : keys) {
    if (body.find(key) != body.end()) continue;
    return service_error(call, 400, fmt::format("The field {} is missing", key));
  }
  for (const char* key : {"xdm:sourceSchema", "xdm:sourceProperty", "xdm:namespace"}) {
    if (body[key].is_string() && body[key] != "") continue;
    return service_error(call, 400, fmt::format("The field {} must be a text", key));
  }
  if (body["xdm:sourceVersion"] != 1 && body["xdm:sourceVersion"] != "1") {
    return service_error(call, 400, "xdm:sourceVersion must be 1");
  }
  if (body["xdm:property"] != "xdm:code" && body["xdm:property"] != "xdm:id") {
    return service_error(call, 400, "xdm:property must be xdm:code or xdm:id");
  }
  if (body["xdm:isPrimary"].is_boolean()) return std::nullopt;
  return service_error(call, 400, "xdm:isPrimary must be true or false");
}

Refusal check_descriptor(World& world, const Call& call, const Json& body, const std::string& id) {
  if (const Refusal refusal = check_descriptor_fields(call, body)) return refusal;
  const std::string schema_id = body["xdm:sourceSchema"];
  const Record* schema = find_resource(world, call.sandbox, kSchemas, schema_id);
  if (schema == nullptr) {
    return service_error(call, 400, fmt::format("There is no schema {}", schema_id));
  }
  const std::string property = body["xdm:sourceProperty"];
  if (!fields_of_schema(world, call.sandbox, schema->body).contains(property)) {
    return service_error(call, 400,
                         fmt::format("The schema {} has no field {}", schema_id, property));
  }
  if (body["xdm:isPrimary"] == false) return std::nullopt;
  for (const auto& [serial, other] : world.collection(call.sandbox, kDescriptors).in_order()) {
    if (other.id == id || other.body["xdm:sourceSchema"] != schema_id) continue;
    if (other.body["xdm:isPrimary"] == false) continue;
    return service_error(call, 400,
                         fmt::format("The schema {} has the primary identity {} already", schema_id,
                                     other.body["xdm:sourceProperty"].dump()));
  }
  return std::nullopt;
}

// Profile rests on the primary identity of the schemas that it uses.
// The documents give the two calls different ways to refuse.
Refusal check_not_locked(World& world, const Call& call, const Record& descriptor, int status) {
  if (descriptor.body["xdm:isPrimary"] == false) return std::nullopt;
  const Record* schema =
      find_resource(world, call.sandbox, kSchemas, descriptor.body["xdm:sourceSchema"]);
  if (schema == nullptr || !is_union(schema->body)) return std::nullopt;
  return service_error(call, status, "The primary identity of a schema in Profile must stay");
}

Json descriptor_form(const Call& call, const Json& descriptor) {
  const std::string accept = call.header("accept").value_or("");
  if (accept.find("xdm-id") != std::string::npos) return descriptor["@id"];
  if (accept.find("xdm-link") == std::string::npos) return descriptor;
  return fmt::format("/tenant/descriptors/{}", descriptor["@id"].get_ref<const std::string&>());
}

}  // namespace

http::Response list_descriptors(World& world, const Call& call) {
  const std::vector<std::string_view> known = {"property", "orderby", "start", "limit"};
  if (const Refusal refusal = check_parameters(call, known)) return *refusal;
  const std::string accept = call.header("accept").value_or("");
  if (accept.empty()) {
    return registry_error(call, "XDM-1006-400", "Accept header invalid: it is missing");
  }
  bool is_known = false;
  for (const std::string_view form : {"xdm", "xdm-id", "xdm-link", "xdm-v2"})
    is_known = is_known || accept == fmt::format("application/vnd.adobe.{}+json", form);
  if (!is_known) {
    return registry_error(call, "XDM-1008-400", fmt::format("Accept header invalid: {}", accept));
  }
  std::vector<Json> found;
  for (const auto& [serial, record] : world.collection(call.sandbox, kDescriptors).in_order())
    found.push_back(record.body);
  if (accept.find("xdm-v2") != std::string::npos) {
    return resource_page(call, std::move(found), descriptor_form);
  }
  if (const Refusal refusal = filter_resources(call, found)) return *refusal;
  // A type without entries is absent.
  Json grouped = Json::object();
  for (const Json& descriptor : found)
    grouped[descriptor["@type"].get_ref<const std::string&>()].push_back(
        descriptor_form(call, descriptor));
  return json_reply(200, grouped);
}

http::Response get_descriptor(World& world, const Call& call) {
  const Record* record = world.find(call.sandbox, kDescriptors, call.captures[0]);
  if (record == nullptr) return unknown_descriptor(call);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  return json_reply(200, record->body);
}

http::Response create_descriptor(World& world, const Call& call) {
  Json body;
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  if (body.is_object() && body.value("@type", Json(kIdentity)) != kIdentity) return not_yet(call);
  if (const Refusal refusal = check_descriptor(world, call, body, "")) return *refusal;
  Record record;
  record.id = world.new_hex(48);
  body["@id"] = record.id;
  body["version"] = "1";
  body["imsOrg"] = world.access().org;
  body["meta:containerId"] = "tenant";
  body["meta:sandboxId"] = world.sandbox_id(call.sandbox);
  body["meta:sandboxType"] = call.sandbox == "prod" ? "production" : "development";
  record.body = std::move(body);
  return json_reply(201, world.add(call.sandbox, kDescriptors, record).body);
}

http::Response replace_descriptor(World& world, const Call& call) {
  Record* record = world.find(call.sandbox, kDescriptors, call.captures[0]);
  if (record == nullptr) return unknown_descriptor(call);
  Json body;
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  if (const Refusal refusal = check_not_locked(world, call, *record, 400)) return *refusal;
  for (const char* key :
       {"@id", "version", "imsOrg", "meta:containerId", "meta:sandboxId", "meta:sandboxType"}) {
    if (body.is_object()) body.erase(key);
  }
  if (const Refusal refusal = check_descriptor(world, call, body, record->id)) return *refusal;
  for (const char* key : {"@type", "xdm:sourceSchema"}) {
    if (body[key] == record->body[key]) continue;
    return service_error(call, 400, fmt::format("The field {} cannot be updated", key));
  }
  record->body.update(body);
  const int status = world.switches().descriptor_put_status;
  if (status == 200) return json_reply(200, record->body);
  return json_reply(status, {{"@id", record->id}});
}

http::Response delete_descriptor(World& world, const Call& call) {
  const Record* record = world.find(call.sandbox, kDescriptors, call.captures[0]);
  if (record == nullptr) return unknown_descriptor(call);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = check_not_locked(world, call, *record, 403)) return *refusal;
  world.collection(call.sandbox, kDescriptors).erase(call.captures[0]);
  return no_content();
}

}  // namespace sluice::emulator
