#include "kinds/fields.hpp"
#include "kinds/flow_service.hpp"

#include <algorithm>
#include <array>

namespace sluice::kinds {

namespace {

/// The transformation that a streaming flow must carry under exactly this name.
constexpr const char* kMapping = "Mapping";

constexpr std::array<std::string_view, 3> kSettledStates = {"enabled", "disabled", "draft"};

Json transformation(const Fields& inputs) {
  return {{"name", kMapping},
          {"params",
           {{"mappingId", text_of(inputs, "mapping.id")},
            {"mappingVersion", inputs.at("mapping.version")}}}};
}

Json flow_body(const Fields& inputs) {
  // `state` is refused on create; a flow that is to be disabled is disabled afterwards.
  Json body = {{"name", text_of(inputs, "name")},
               {"flowSpec",
                {{"id", text_of(inputs, "flow_spec.id")},
                 {"version", text_of(inputs, "flow_spec.version")}}},
               {"sourceConnectionIds", Json::array({inputs.at("source")})},
               {"targetConnectionIds", Json::array({inputs.at("target")})}};
  if (inputs.contains("mapping.id")) {
    body["transformations"] = Json::array({transformation(inputs)});
  }
  if (inputs.contains("description")) body["description"] = inputs.at("description");
  return body;
}

/// The position of the mapping among a flow's transformations, or the one behind the last.
std::size_t mapping_index(const Json& transformations) {
  std::size_t index = 0;
  if (!transformations.is_array()) return index;
  for (const Json& item : transformations) {
    if (text_at(item, "name") == kMapping) return index;
    ++index;
  }
  return index;
}

const Json& only_item(const Json& list) {
  static const Json null;
  return list.is_array() && list.size() == 1 ? list.at(0) : null;
}

/// A source with an account has its inlet there, or none at all.
bool has_account(const Json& item) {
  const Json& sources = at_path(item, {"inheritedAttributes", "sourceConnections"});
  return sources.is_array() && std::any_of(sources.begin(), sources.end(), [](const Json& source) {
           return !at_path(source, {"baseConnection"}).is_null();
         });
}

void put_flow(const Json& item, Observed& into) {
  put(into.fields, "flow_spec.id", at_path(item, {"flowSpec", "id"}));
  put(into.fields, "flow_spec.version", at_path(item, {"flowSpec", "version"}));
  const Json& sources = at_path(item, {"sourceConnectionIds"});
  const Json& targets = at_path(item, {"targetConnectionIds"});
  put(into.fields, "source", only_item(sources));
  put(into.fields, "target", only_item(targets));
  // A flow of somebody else's may have several, or run by a schedule.
  into.attributes["source_ids"] = sources.is_array() ? sources : Json::array();
  into.attributes["target_ids"] = targets.is_array() ? targets : Json::array();
  if (!at_path(item, {"scheduleParams"}).empty()) into.attributes["has_schedule"] = true;
  const Json& transformations = at_path(item, {"transformations"});
  const std::size_t index = mapping_index(transformations);
  into.facts["mapping_index"] = index;
  if (transformations.is_array() && index < transformations.size()) {
    const Json& params = at_path(transformations.at(index), {"params"});
    put(into.fields, "mapping.id", at_path(params, {"mappingId"}));
    if (!at_path(params, {"mappingVersion"}).is_null()) {
      into.fields["mapping.version"] = number_at(params, "mappingVersion");
    }
  }
  const std::string state = text_at(item, "state");
  const bool settled =
      std::find(kSettledStates.begin(), kSettledStates.end(), state) != kSettledStates.end();
  if (settled) into.fields["state"] = state;
  into.attributes["state"] = state;
  into.attributes["has_account"] = has_account(item);
  const std::string inlet_url = text_at(at_path(item, {"options"}), "inletUrl");
  if (!inlet_url.empty()) {
    into.attributes["inlet_url"] = inlet_url;
    into.attributes["webhook_url"] = inlet_url + "?x-adobe-flow-id=" + into.id;
  }
}

Json flow_patch(const Update& update) {
  Json patch = plain_patch(update);
  bool mapping = false;
  bool is_there = true;
  for (const Change& change : update.changes) {
    if (change.field != "mapping.id" && change.field != "mapping.version") continue;
    mapping = true;
    if (change.field == "mapping.id") is_there = !change.before.is_null();
  }
  if (mapping) {
    const std::int64_t index = number_at(update.facts, "mapping_index");
    patch.push_back({{"op", is_there ? "replace" : "add"},
                     {"path", "/transformations/" + std::to_string(index)},
                     {"value", transformation(update.after)}});
  }
  return patch;
}

std::optional<http::Request> action(const std::string& id, const Fields& found,
                                    const Fields& after) {
  const std::string wanted = text_of(after, "state");
  const std::string is = text_of(found, "state");
  if (wanted.empty() || wanted == is) return std::nullopt;
  http::Request request;
  request.method = "POST";
  request.target = kFlowServicePath + std::string("flows/") + encode(id) +
                   "/action?op=" + (wanted == "enabled" ? "enable" : "disable");
  return request;
}

}  // namespace

bool is_transitional(const Observed& object) {
  const std::string state = text_at(object.attributes, "state");
  if (state.empty()) return false;
  if (std::find(kSettledStates.begin(), kSettledStates.end(), state) == kSettledStates.end()) {
    return true;
  }
  // A new flow says that it is enabled before it has been given its inlet.
  return state == "enabled" && !object.attributes.contains("inlet_url") &&
         object.attributes.value("has_account", false) == false;
}

std::string transition_text(const Observed& object) {
  const std::string state = text_at(object.attributes, "state");
  return state == "enabled" ? "it is enabled, and it has no inlet yet" : "it is " + state;
}

namespace {

/// The flows of the HTTP API's raw data say that they support no update of their mapping:
/// `GET /flowSpecs`, `attributes.uiAttributes.apiFeatures.updateSupported`.
FieldRule mapping_rule(const char* field) {
  FieldRule rule{field};
  rule.create_only_when = {"flow_spec.id", kHttpApiFlow};
  return rule;
}

}  // namespace

Kind flow() {
  Kind kind;
  kind.noun = "flow";
  kind.settles = true;
  kind.rules = {"flow",
                "flow",
                {{"name", FieldClass::in_place, Equality::exact},
                 {"description", FieldClass::in_place, Equality::text},
                 {"flow_spec.id", FieldClass::create_only, Equality::exact},
                 {"flow_spec.version", FieldClass::create_only, Equality::version},
                 {"source", FieldClass::create_only, Equality::exact},
                 {"target", FieldClass::create_only, Equality::exact},
                 mapping_rule("mapping.id"),
                 mapping_rule("mapping.version"),
                 {"state", FieldClass::in_place, Equality::if_told}},
                {"id", "inlet_url", "webhook_url", "state"},
                {"source", "target"},
                "It gets a new inlet URL: point the webhook that posts to it at the new one "
                "(`sluice output`)."};
  add_flow_service(kind, {"flows", flow_body, put_flow, flow_patch});
  kind.action_field = "state";
  kind.action = action;
  return kind;
}

}  // namespace sluice::kinds
