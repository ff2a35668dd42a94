// PATCH of Flow Service's objects: a JSON Patch of few operations on few paths, all or nothing,
// guarded by the etag.

#include "emulator/accounts.hpp"
#include "emulator/flow_service.hpp"
#include "emulator/flow_specs.hpp"
#include "emulator/services.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::emulator {

namespace {

struct Operation {
  std::string op;
  std::string path;
  Json value;
};

Refusal wrong_path(const Call& call, const std::string& path, std::string_view why) {
  return flow_error(call, "FLOW-1455-400", fmt::format("The path {} {}", path, why));
}

Refusal read_operation(const Call& call, const Json& json, Operation& operation) {
  const std::vector<std::string_view> keys = {"op", "path", "value"};
  if (const Refusal refusal = check_keys(call, json, "An operation", keys)) return refusal;
  for (const std::string_view key : keys) {
    if (json.find(key) != json.end()) continue;
    return flow_error(call, "FLOW-1455-400", fmt::format("Missing field \"{}\"", key));
  }
  const Json& op = json["op"];
  if (op != "add" && op != "replace" && op != "remove") {
    return flow_error(call, "FLOW-1434-400", fmt::format("The op {} is not supported", op.dump()));
  }
  if (!json["path"].is_string()) return wrong_path(call, json["path"].dump(), "is not a text");
  operation = {op, json["path"], json["value"]};
  return std::nullopt;
}

// A top-level field that holds a text or a list of texts.
Refusal patch_field(const Call& call, const Operation& operation, bool is_required, Json& body) {
  const std::string key = operation.path.substr(1);
  const bool is_there = body.contains(key);
  if (operation.op != "add" && !is_there) return wrong_path(call, operation.path, "is not there");
  if (operation.op == "remove") {
    if (is_required) return wrong_path(call, operation.path, "cannot be removed");
    body.erase(key);
    return std::nullopt;
  }
  if (key == "labels") {
    const auto is_text = [](const Json& label) { return label.is_string(); };
    if (!operation.value.is_array() ||
        !std::all_of(operation.value.begin(), operation.value.end(), is_text)) {
      return flow_error(call, "FLOW-400", "The value for /labels must be a list of texts");
    }
  } else if (const Refusal refusal = check_text(call, {{key, operation.value}}, key, is_required)) {
    return refusal;
  }
  body[key] = operation.value;
  return std::nullopt;
}

Refusal patch_transformation(World& world, const Call& call, const Operation& operation,
                             Json& body) {
  const std::string prefix = "/transformations/";
  const Json spec = find_spec(flow_specs(), body["flowSpec"]["id"]);
  const Json features = spec["attributes"]["uiAttributes"]["apiFeatures"];
  if (world.switches().refuse_mapping_update && features["updateSupported"] == false) {
    return flow_error(call, "FLOW-400",
                      fmt::format("Flows of {} do not support an update of their mapping",
                                  body["flowSpec"]["id"].get_ref<const std::string&>()));
  }
  if (!body.contains("transformations")) return wrong_path(call, operation.path, "is not there");
  const auto index = read_number(operation.path.substr(prefix.size()));
  Json& transformations = body["transformations"];
  const bool is_there = index && static_cast<std::size_t>(*index) < transformations.size();
  if (!is_there) return wrong_path(call, operation.path, "is not there");
  if (operation.op != "replace") {
    return wrong_path(call, operation.path, "can only be replaced: a flow has one mapping");
  }
  const std::string target_id = body["targetConnectionIds"][0];
  const Record* target = world.find(call.sandbox, kTargets, target_id);
  if (target == nullptr) {
    return flow_error(call, "FLOW-1430-400",
                      fmt::format("The target connection {} is not there", target_id));
  }
  if (const Refusal refusal = check_transformation(world, call, operation.value, *target)) {
    return refusal;
  }
  transformations[static_cast<std::size_t>(*index)] = operation.value;
  return std::nullopt;
}

Refusal apply_operation(World& world, const Call& call, const Operation& operation, Json& body) {
  const std::string& path = operation.path;
  const bool is_flow = call.segments[3] == kFlows;
  if (path == "/name") return patch_field(call, operation, true, body);
  if (path == "/description") return patch_field(call, operation, false, body);
  if (path.starts_with("/connectionSpec") && !is_flow) {
    return flow_error(call, "FLOW-1414-400", "The connectionSpec cannot be updated");
  }
  const bool is_account = call.segments[3] == kAccounts;
  if (is_account && (path == "/auth/params" || path.starts_with("/auth/params/"))) {
    return patch_auth_params(call, path, operation.op, operation.value, body);
  }
  if (is_flow && path == "/labels") return patch_field(call, operation, false, body);
  if (is_flow && path.starts_with("/transformations/")) {
    return patch_transformation(world, call, operation, body);
  }
  return wrong_path(call, path, "cannot be updated");
}

// A flow on its way takes no changes, but for a new one, which is documented to.
Refusal check_updatable(const Call& call, const Record& record) {
  const std::string state = record.body["state"];
  if (state == "updating" || state == "delete-finalizing") {
    return flow_error(call, state == "updating" ? "FLOW-1420-400" : "FLOW-1457-400",
                      fmt::format("An object in the state {} cannot be updated", state));
  }
  return std::nullopt;
}

Refusal check_etag(const Call& call, const Record& record, const std::string& match) {
  const std::string etag = record.body["etag"];
  if (match == etag) return std::nullopt;
  return flow_error(
      call, "FLOW-1404-412",
      fmt::format("The supplied version {} does not match the actual version {}", match, etag));
}

}  // namespace

http::Response patch_object(World& world, const Call& call) {
  Record* record = world.find(call.sandbox, call.segments[3], call.captures[0]);
  if (record == nullptr) return unknown_id(call, call.captures[0]);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  const auto match = call.header("if-match");
  if (!match) return flow_error(call, "FLOW-1403-400", "The header If-Match is missing");
  Json operations;
  if (const Refusal refusal = read_json(call, operations)) return *refusal;
  if (!operations.is_array() || operations.empty()) {
    return flow_error(call, "FLOW-400", "The body must be an array of at least one operation");
  }
  if (const Refusal refusal = check_updatable(call, *record)) return *refusal;
  if (const Refusal refusal = check_etag(call, *record, *match)) return *refusal;

  Json body = record->body;
  for (const Json& json : operations) {
    Operation operation;
    if (const Refusal refusal = read_operation(call, json, operation)) return *refusal;
    if (const Refusal refusal = apply_operation(world, call, operation, body)) return *refusal;
  }
  record->body = std::move(body);
  world.touch(*record, call.now, world.technical_account());
  if (call.segments[3] == kFlows) {
    record->body["lastOperation"] = {
        {"started", call.now.count()},
        {"updated", call.now.count()},
        {"percentCompleted", 100.0},
        {"status", {{"value", "completed"}, {"errors", Json::array()}}},
        {"ops", operations},
        {"operation", "update"}};
  } else if (world.switches().patch_answers_items) {
    return json_reply(200, {{"items", Json::array({shown(world, call.segments[3], *record)})}});
  }
  return json_reply(200, id_and_etag(*record));
}

}  // namespace sluice::emulator
