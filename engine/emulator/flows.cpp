// Flows: creation, deletion, and the actions that move them between their states.
//
// A new flow is `initializing` until `enable_delay` has passed. An action takes half as long, and
// the flow is `updating` meanwhile: of the documented words for a state on its way it is the one
// whose refusals are documented for a PATCH (1420) and for another action (1421). A flow whose
// deletion takes time is `delete-finalizing` (1457, 1458).

#include "emulator/accounts.hpp"
#include "emulator/flow_service.hpp"
#include "emulator/flow_specs.hpp"
#include "emulator/services.hpp"

#include <fmt/format.h>

#include <array>

namespace sluice::emulator {

namespace {

Refusal check_options(const Call& call, const Json& body) {
  if (!body.contains("options")) return std::nullopt;
  const Json& options = body["options"];
  // The inlet's URL is the platform's to give.
  const std::vector<std::string_view> keys = {"errorDiagnosticsEnabled", "partialIngestionPercent"};
  if (const Refusal refusal = check_keys(call, options, "options", keys)) return refusal;
  if (!options.value("errorDiagnosticsEnabled", Json(false)).is_boolean()) {
    return flow_error(call, "FLOW-400", "options.errorDiagnosticsEnabled must be true or false");
  }
  const Json percent = options.value("partialIngestionPercent", Json(1));
  if (percent.is_number() && percent > 0) return std::nullopt;
  return flow_error(call, "FLOW-400", "options.partialIngestionPercent must be a number above 0");
}

Refusal check_shape(const Call& call, const Json& body) {
  if (!body.is_object()) return flow_error(call, "FLOW-400", "The body must be a JSON object");
  if (body.contains("state")) {
    return flow_error(call, "FLOW-1410-400", "The field state cannot be set on creation");
  }
  if (body.contains("mode")) {
    return flow_error(call, "CONNECTOR-1368-400", "The field mode cannot be set on creation");
  }
  const std::vector<std::string_view> keys = {
      "name",    "description",         "providerId",     "flowSpec", "sourceConnectionIds",
      "options", "targetConnectionIds", "transformations"};
  if (const Refusal refusal = check_keys(call, body, "The body", keys)) return refusal;
  if (const Refusal refusal = check_text(call, body, "name", true)) return refusal;
  if (const Refusal refusal = check_text(call, body, "description", false)) return refusal;
  if (const Refusal refusal = check_text(call, body, "providerId", false)) return refusal;
  return check_options(call, body);
}

// Finds the one connection that `body[key]` names.
Refusal find_connection(World& world, const Call& call, const Json& body, const char* key,
                        Record*& record) {
  const auto ids = body.find(key);
  if (ids == body.end()) {
    return flow_error(call, kMissingField, fmt::format("The field {} is missing", key));
  }
  if (!ids->is_array() || ids->size() != 1 || !ids->front().is_string()) {
    return flow_error(call, "CONNECTOR-1321-400", fmt::format("{} must hold exactly one id", key));
  }
  const std::string id = ids->front();
  record =
      world.find(call.sandbox, key == std::string("sourceConnectionIds") ? kSources : kTargets, id);
  if (record != nullptr) return std::nullopt;
  return flow_error(call, "FLOW-1430-400", fmt::format("{} names {}, which is not there", key, id));
}

// An account takes data of one type, and the flow's specification must be for it.
Refusal check_data_type(World& world, const Call& call, const Record& source, bool has_mapping) {
  const Json account = account_of(world, call.sandbox, source);
  if (account.is_null()) return std::nullopt;
  const Json& type = account["auth"]["params"]["dataType"];
  if (type == (has_mapping ? "raw" : "xdm")) return std::nullopt;
  return flow_error(call, "FLOW-400",
                    fmt::format("The flow specification is not for the dataType {}",
                                type.get_ref<const std::string&>()));
}

Refusal check_flow(World& world, const Call& call, const Json& body, Record*& source,
                   Record*& target) {
  if (const Refusal refusal = check_shape(call, body)) return refusal;
  if (const Refusal refusal = check_spec_reference(call, body, "flowSpec")) return refusal;
  const std::string spec_id = body["flowSpec"]["id"];
  const Json spec = find_spec(flow_specs(), spec_id);
  if (spec.is_null()) {
    return flow_error(call, "FLOW-1413-400",
                      fmt::format("There is no flow specification {}", spec_id));
  }
  if (const Refusal refusal = find_connection(world, call, body, "sourceConnectionIds", source)) {
    return refusal;
  }
  if (const Refusal refusal = find_connection(world, call, body, "targetConnectionIds", target)) {
    return refusal;
  }
  const std::string source_spec = source->body["connectionSpec"]["id"];
  if (!allows_source(spec, source_spec)) {
    return flow_error(call, "FLOW-1413-400",
                      fmt::format("The flow specification {} takes no source of connectionSpec {}",
                                  spec_id, source_spec));
  }
  const Json transformations = body.value("transformations", Json());
  const bool has_mapping = !spec["transformationSpecs"].empty();
  if (const Refusal refusal = check_data_type(world, call, *source, has_mapping)) return refusal;
  if (!has_mapping) {
    if (transformations.empty()) return std::nullopt;
    return flow_error(call, "FLOW-400",
                      fmt::format("The flow specification {} takes no transformations", spec_id));
  }
  if (!transformations.is_array() || transformations.size() != 1) {
    return flow_error(call, kMissingField, "The field transformations must hold one Mapping");
  }
  return check_transformation(world, call, transformations.front(), *target);
}

Json reference(const Record& connection) {
  Json result = {{"id", connection.id}, {"connectionSpec", connection.body["connectionSpec"]}};
  const Json inherited = connection.body.value("inheritedAttributes", Json::object());
  if (inherited.contains("baseConnection")) result["baseConnection"] = inherited["baseConnection"];
  return result;
}

Record new_flow(World& world, const Call& call, const Json& body, const Record& source,
                const Record& target) {
  Record flow = new_object(world, call, body);
  const bool has_account = source.body.contains("baseConnectionId");
  if (!has_account)
    flow.own["inletUrl"] = "https://dcs.adobedc.net/collection/" + world.new_hex(64);
  flow.body.erase("providerId");
  flow.body["state"] = "initializing";
  flow.body["providerRefId"] = world.new_uuid();
  flow.body["runs"] = fmt::format("/runs?property=flowId=={}", flow.id);
  flow.body["inheritedAttributes"] = {{"properties", {{"isSourceFlow", true}}},
                                      {"sourceConnections", Json::array({reference(source)})},
                                      {"targetConnections", Json::array({reference(target)})}};
  flow.body["lastOperation"] = {{"started", 0}, {"updated", 0}, {"operation", "create"}};
  return flow;
}

Refusal check_deletable(const Call& call, const Record& flow) {
  const std::string state = flow.body["state"];
  if (state == "enabled" || state == "disabled" || state == "initializing") return std::nullopt;
  const bool is_going = state == "delete-finalizing";
  return flow_error(call, is_going ? "FLOW-1458-400" : "FLOW-1416-400",
                    fmt::format("A flow in the state {} cannot be deleted", state));
}

struct Action {
  std::string_view op;  // In lower case.
  const char* from;
  const char* to;
};

constexpr std::array kActions = {
    Action{"enable", "disabled", "enabled"},
    Action{"disable", "enabled", "disabled"},
};

const Action* find_action(const std::string& op) {
  for (const Action& action : kActions) {
    std::string upper(action.op);
    for (char& c : upper)
      c = static_cast<char>(c - 'a' + 'A');
    if (op == action.op || op == upper) return &action;
  }
  return nullptr;
}

Refusal check_action(const Call& call, const Record& flow, const Action& action) {
  const std::string state = flow.body["state"];
  if (state == action.from) return std::nullopt;
  if (state == "updating" || state == "delete-finalizing") {
    return flow_error(call, "FLOW-1421-400",
                      fmt::format("A flow in the state {} cannot be transitioned", state));
  }
  return flow_error(
      call, "FLOW-1422-400",
      fmt::format("The action {} cannot be applied in the state {}", action.op, state));
}

}  // namespace

http::Response create_flow(World& world, const Call& call) {
  if (call.parameter("mode") == "draft") return not_yet(call);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  Json body;
  Record* source = nullptr;
  Record* target = nullptr;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  if (const Refusal refusal = check_flow(world, call, body, source, target)) return *refusal;
  Record& flow = world.add(call.sandbox, kFlows, new_flow(world, call, body, *source, *target));
  world.set_transition(call.sandbox, flow,
                       {call.now + world.switches().enable_delay, "enabled", "enable"});
  // Without a delay the reply already tells of the enabled flow.
  world.advance(call.now);
  http::Response response = json_reply(201, id_and_etag(flow));
  response.headers["location"] = call.path + "/" + flow.id;
  return response;
}

http::Response delete_flow(World& world, const Call& call) {
  const std::string& id = call.captures[0];
  Record* flow = world.find(call.sandbox, kFlows, id);
  if (flow == nullptr) return unknown_id(call, id);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = check_deletable(call, *flow)) return *refusal;
  flow->body["state"] = "delete-finalizing";
  world.touch(*flow, call.now, world.technical_account());
  world.set_transition(call.sandbox, *flow, {call.now + world.switches().delete_delay, "", ""});
  world.advance(call.now);
  return no_content();
}

http::Response act_on_flow(World& world, const Call& call) {
  const std::string& id = call.captures[0];
  Record* flow = world.find(call.sandbox, kFlows, id);
  if (flow == nullptr) return unknown_id(call, id);
  if (const Refusal refusal = check_parameters(call, {"op", "subOp"})) return *refusal;
  if (!call.body.empty()) return flow_error(call, "FLOW-400", "An action takes no body");
  const std::string op = call.parameter("op").value_or("");
  if (op == "publish" || op == "PUBLISH") return not_yet(call);
  const Action* action = find_action(op);
  if (action == nullptr) {
    return flow_error(call, "FLOW-400", fmt::format("There is no action {}", op));
  }
  if (const auto match = call.header("if-match"); match && Json(*match) != flow->body["etag"]) {
    return flow_error(call, "FLOW-1404-412",
                      fmt::format("The supplied version {} does not match", *match));
  }
  if (const Refusal refusal = check_action(call, *flow, *action)) return *refusal;
  flow->body["state"] = "updating";
  world.touch(*flow, call.now, world.technical_account());
  world.set_transition(
      call.sandbox, *flow,
      {call.now + world.switches().enable_delay / 2, action->to, std::string(action->op)});
  world.advance(call.now);
  return json_reply(200, id_and_etag(*flow));
}

}  // namespace sluice::emulator
