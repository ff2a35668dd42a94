// Schemas, datasets and sandboxes, as far as a pipeline refers to them: they can be read.

#include "emulator/services.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::emulator {

namespace {

constexpr int kDataSetsMax = 100;
constexpr int kDataSetsDefault = 20;

// A lookup needs an Accept header that names the major version, of which there is one.
Refusal check_accept(const Call& call) {
  std::string accept = call.header("accept").value_or("");
  std::erase(accept, ' ');
  if (accept.empty()) {
    return registry_error(call, "XDM-1006-400", "Accept header invalid: it is missing");
  }
  if (accept.find(";version=") == std::string::npos) {
    return registry_error(call, "XDM-1007-400", "Accept header invalid: it names no version");
  }
  const bool is_known =
      accept.starts_with("application/vnd.adobe.xed") && accept.ends_with("+json;version=1");
  if (is_known) return std::nullopt;
  return registry_error(call, "XDM-1008-400", fmt::format("Accept header invalid: {}", accept));
}

Json told_data_set(const Call& call, const Json& body) {
  const auto properties = call.parameter("properties");
  if (!properties) return body;
  Json told = Json::object();
  for (const std::string& name : split(*properties, ',')) {
    if (body.contains(name)) told[name] = body[name];
  }
  return told;
}

}  // namespace

http::Response get_stats(World& world, const Call& call) {
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  const auto& schemas = world.collection(call.sandbox, kSchemas).in_order();
  std::string tenant = schemas.begin()->second.body["meta:tenantNamespace"];
  tenant.erase(0, 1);
  return json_reply(200, {{"imsOrg", world.access().org},
                          {"tenantId", tenant},
                          {"counts", {{"schemas", schemas.size()}}}});
}

http::Response get_schema(World& world, const Call& call) {
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = check_accept(call)) return *refusal;
  const std::string& id = call.captures[0];
  for (const auto& [serial, schema] : world.collection(call.sandbox, kSchemas).in_order()) {
    if (schema.id == id || schema.body["$id"] == id) return json_reply(200, schema.body);
  }
  return registry_error(call, "XDM-1010-404", fmt::format("The schema {} was not found", id));
}

http::Response get_data_set(World& world, const Call& call) {
  if (const Refusal refusal = check_parameters(call, {"properties"})) return *refusal;
  const Record* record = world.find(call.sandbox, kDataSets, call.captures[0]);
  if (record == nullptr) {
    return service_error(call, 404, fmt::format("The dataset {} was not found", call.captures[0]));
  }
  return json_reply(200, {{record->id, told_data_set(call, record->body)}});
}

http::Response list_data_sets(World& world, const Call& call) {
  if (call.parameter("property") || call.parameter("tags")) return not_yet(call);
  const std::vector<std::string_view> known = {"name", "limit", "start", "properties"};
  if (const Refusal refusal = check_parameters(call, known)) return *refusal;
  const std::string fallback = std::to_string(kDataSetsDefault);
  const auto limit = read_number(call.parameter("limit").value_or(fallback));
  const auto start = read_number(call.parameter("start").value_or("0"));
  if (!limit || *limit < 1 || *limit > kDataSetsMax) {
    return service_error(call, 400, "limit must be a number from 1 to 100");
  }
  if (!start) return service_error(call, 400, "start must be a number");
  const auto name = call.parameter("name");
  Json found = Json::object();
  int at = 0;
  for (const auto& [serial, record] : world.collection(call.sandbox, kDataSets).in_order()) {
    if (name && record.body["name"] != *name) continue;
    if (at++ < *start) continue;
    if (found.size() == static_cast<std::size_t>(*limit)) break;
    found[record.id] = told_data_set(call, record.body);
  }
  return json_reply(200, found);
}

http::Response get_sandbox(World& world, const Call& call) {
  const std::string& name = call.captures[0];
  if (!world.has_sandbox(name)) {
    return service_error(call, 404, fmt::format("The sandbox {} was not found", name));
  }
  const bool is_default = name == "prod";
  return json_reply(200, {{"id", world.sandbox_id(name)},
                          {"name", name},
                          {"title", name},
                          {"state", "active"},
                          {"type", is_default ? "production" : "development"},
                          {"region", "VA7"},
                          {"isDefault", is_default}});
}

}  // namespace sluice::emulator
