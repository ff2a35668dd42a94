// Base connections, which the platform's pages call accounts: what a source logs in with. Of the
// streaming sources only HTTP API has one, and with it the inlet that elsewhere the flow has.

#include "emulator/accounts.hpp"

#include "emulator/flow_service.hpp"
#include "emulator/flow_specs.hpp"
#include "emulator/services.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice::emulator {

namespace {

// What is no secret. Anything else may be one: nobody but the connector knows.
bool is_public(const std::string& key) {
  constexpr std::array<std::string_view, 6> kPublic = {
      "dataType", "name", "sourceId", "authenticationRequired", "inletUrl", "inletId"};
  return std::find(kPublic.begin(), kPublic.end(), key) != kPublic.end();
}

Refusal check_auth_params(const Call& call, const Json& params) {
  if (!params.is_object()) {
    return flow_error(call, "FLOW-400", "The field auth.params must be an object");
  }
  for (const char* key : {"inletUrl", "inletId"}) {
    if (!params.contains(key)) continue;
    return flow_error(call, "FLOW-400",
                      fmt::format("auth.params.{} is the platform's to give", key));
  }
  for (const std::string_view key : {"name", "sourceId"}) {
    if (const Refusal refusal = check_text(call, params, key, false)) return refusal;
  }
  if (!params.value("authenticationRequired", Json(false)).is_boolean()) {
    return flow_error(call, "FLOW-400", "authenticationRequired must be true or false");
  }
  if (const Refusal refusal = check_text(call, params, "dataType", true)) return refusal;
  if (params["dataType"] == "raw" || params["dataType"] == "xdm") return std::nullopt;
  return flow_error(call, "FLOW-400",
                    fmt::format("The dataType {} is not supported",
                                params["dataType"].get_ref<const std::string&>()));
}

Refusal check_auth(const Call& call, const Json& body, const Json& spec) {
  if (const Refusal refusal = check_object(call, body, "auth")) return refusal;
  const Json& auth = body["auth"];
  if (const Refusal refusal = check_keys(call, auth, "auth", {"specName", "params"})) {
    return refusal;
  }
  if (const Refusal refusal = check_text(call, auth, "specName", true)) return refusal;
  if (auth["specName"] != spec["authSpec"][0]["name"]) {
    return flow_error(call, "FLOW-400",
                      fmt::format("The connectionSpec has no authentication {}",
                                  auth["specName"].get_ref<const std::string&>()));
  }
  if (const Refusal refusal = check_object(call, auth, "params")) return refusal;
  return check_auth_params(call, auth["params"]);
}

Refusal check_account(const Call& call, const Json& body) {
  const std::vector<std::string_view> keys = {"name", "description", "providerId", "connectionSpec",
                                              "auth"};
  if (const Refusal refusal = check_keys(call, body, "The body", keys)) return refusal;
  if (const Refusal refusal = check_text(call, body, "name", true)) return refusal;
  if (const Refusal refusal = check_text(call, body, "description", false)) return refusal;
  Json spec;
  if (const Refusal refusal = read_connection_spec(call, body, spec)) return refusal;
  const std::string spec_id = spec["id"];
  if (spec["authSpec"].empty()) {
    return flow_error(call, "FLOW-400",
                      fmt::format("A connectionSpec {} takes no base connection", spec_id));
  }
  return check_auth(call, body, spec);
}

// Puts `params` in place of the account's own, but for what is the platform's.
void set_auth_params(Json& body, const Json& params) {
  Json& stored = body["auth"]["params"];
  Json fresh = {
      {"name", body["name"]}, {"sourceId", body["name"]}, {"authenticationRequired", false}};
  fresh.update(params);
  for (const char* key : {"inletUrl", "inletId"})
    fresh[key] = stored[key];
  stored = std::move(fresh);
}

// By a source, or by a flow whose source is gone already.
bool is_account_used(World& world, const Call& call, const std::string& id) {
  for (const auto& [serial, source] : world.collection(call.sandbox, kSources).in_order()) {
    if (source.body.value("baseConnectionId", "") == id) return true;
  }
  const Json::json_pointer place("/inheritedAttributes/sourceConnections/0/baseConnection/id");
  for (const auto& [serial, flow] : world.collection(call.sandbox, kFlows).in_order()) {
    if (flow.body.value(place, "") == id) return true;
  }
  return false;
}

}  // namespace

void mask_secrets(Json& account, const std::string& mask) {
  Json told = Json::object();
  for (const auto& [key, value] : account["auth"]["params"].items()) {
    if (is_public(key)) {
      told[key] = value;
    } else if (!mask.empty()) {
      told[key] = mask;
    }
  }
  account["auth"]["params"] = std::move(told);
}

Refusal patch_auth_params(const Call& call, const std::string& path, const std::string& op,
                          const Json& value, Json& body) {
  const std::string prefix = "/auth/params";
  Json params = body["auth"]["params"];
  const std::string key = path == prefix ? "" : path.substr(prefix.size() + 1);
  const bool is_there = key.empty() || params.contains(key);
  if (op != "add" && !is_there) {
    return flow_error(call, "FLOW-1455-400", fmt::format("The path {} is not there", path));
  }
  if (key == "inletUrl" || key == "inletId") {
    return flow_error(call, "FLOW-1455-400", fmt::format("The path {} cannot be updated", path));
  }
  for (const char* own : {"inletUrl", "inletId"})
    params.erase(own);
  if (key.empty()) {
    params = op == "remove" ? Json::object() : value;
  } else if (op == "remove") {
    params.erase(key);
  } else {
    params[key] = value;
  }
  if (const Refusal refusal = check_auth_params(call, params)) return refusal;
  set_auth_params(body, params);
  return std::nullopt;
}

Refusal check_base_connection(World& world, const Call& call, const Json& source) {
  if (const Refusal refusal = check_text(call, source, "baseConnectionId", true)) return refusal;
  const std::string id = source["baseConnectionId"];
  const Record* account = world.find(call.sandbox, kAccounts, id);
  if (account == nullptr) {
    return flow_error(call, "FLOW-1430-400",
                      fmt::format("baseConnectionId names {}, which is not there", id));
  }
  if (account->body["connectionSpec"] == source["connectionSpec"]) return std::nullopt;
  return flow_error(call, "FLOW-400",
                    fmt::format("The connectionSpec of the base connection {} is another", id));
}

Json account_of(World& world, const std::string& sandbox, const Record& source) {
  const Record* account = world.find(sandbox, kAccounts, source.body.value("baseConnectionId", ""));
  return account == nullptr ? Json() : account->body;
}

http::Response create_account(World& world, const Call& call) {
  Json body;
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  if (const Refusal refusal = check_account(call, body)) return *refusal;
  Record record = new_object(world, call, body);
  record.body.erase("providerId");
  record.body["state"] = "enabled";
  const Json sent = record.body["auth"]["params"];
  const std::string inlet_id = world.new_hex(64);
  record.body["auth"]["params"] = {{"inletId", inlet_id},
                                   {"inletUrl", "https://dcs.adobedc.net/collection/" + inlet_id}};
  set_auth_params(record.body, sent);
  http::Response response = json_reply(201, id_and_etag(record));
  response.headers["location"] = call.path + "/" + record.id;
  world.add(call.sandbox, kAccounts, std::move(record));
  return response;
}

http::Response test_account(World& world, const Call& call) {
  if (world.find(call.sandbox, kAccounts, call.captures[0]) == nullptr) {
    return unknown_id(call, call.captures[0]);
  }
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  return json_reply(200, {{"result", true}});
}

http::Response delete_account(World& world, const Call& call) {
  const std::string& id = call.captures[0];
  Collection& accounts = world.collection(call.sandbox, kAccounts);
  if (accounts.find(id) == nullptr) return unknown_id(call, id);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (is_account_used(world, call, id)) {
    return flow_error(call, "FLOW-1418-400", fmt::format("The base connection {} is in use", id));
  }
  accounts.erase(id);
  return no_content();
}

}  // namespace sluice::emulator
