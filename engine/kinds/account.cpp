#include "http/json_body.hpp"
#include "kinds/fields.hpp"
#include "kinds/flow_service.hpp"

#include <algorithm>

namespace sluice::kinds {

namespace {

constexpr const char* kParams = "auth.params";

Json auth_body(const Fields& inputs) {
  Json params = Json::object();
  if (inputs.contains(kParams)) params = inputs.at(kParams);
  return {{"specName", text_of(inputs, "auth.spec")}, {"params", std::move(params)}};
}

Json account_body(const Fields& inputs) {
  Json body = connection_body(inputs);
  if (inputs.contains("auth.spec")) body["auth"] = auth_body(inputs);
  return body;
}

/// The inlet is a capability: whoever knows it may send. So it is no field, which would be kept.
void put_account(const Json& item, Observed& into) {
  put_connection(item, into);
  put(into.fields, "auth.spec", at_path(item, {"auth", "specName"}));
  Json params = at_path(item, {"auth", "params"});
  if (!params.is_object()) return;
  const std::string inlet_url = text_at(params, "inletUrl");
  if (!inlet_url.empty()) into.attributes["inlet_url"] = inlet_url;
  params.erase("inletUrl");
  params.erase("inletId");
  into.fields[kParams] = std::move(params);
}

/// Credentials are sent as a whole, since nobody tells which of them are there.
Json account_patch(const Update& update) {
  Json patch = plain_patch(update);
  const bool credentials =
      std::any_of(update.changes.begin(), update.changes.end(), [](const Change& change) {
        return change.field == "secrets_version" || change.field.starts_with(kParams);
      });
  if (credentials && update.after.contains(kParams)) {
    patch.push_back(
        {{"op", "replace"}, {"path", "/auth/params"}, {"value", update.after.at(kParams)}});
  }
  return patch;
}

std::optional<std::string> parse_account_test(const http::Response& response) {
  const std::optional<Json> body = http::parse_json(response.body);
  if (body && at_path(*body, {"result"}) == true) return std::nullopt;
  return body ? body->dump() : "an answer that is no JSON";
}

/// Of the parameters only these are no credentials for certain, so that they are told and, unlike
/// the others, set once. Whatever else there is may be left out or masked.
FieldRule params_rule() {
  FieldRule rule{kParams, FieldClass::in_place, Equality::subset};
  rule.fixed_entries = {"dataType", "authenticationRequired"};
  rule.hides_entries = true;
  return rule;
}

}  // namespace

Kind account() {
  Kind kind;
  kind.noun = "account";
  kind.rules = {
      "account",
      "",
      {{"name", FieldClass::in_place, Equality::exact},
       {"description", FieldClass::in_place, Equality::text},
       {"connection_spec.id", FieldClass::create_only, Equality::exact},
       {"connection_spec.version", FieldClass::create_only, Equality::version},
       {"auth.spec", FieldClass::create_only, Equality::exact},
       params_rule(),
       {"secrets_version", FieldClass::recorded, Equality::exact}},
      {"id", "inlet_url"},
      {},
      "Where the inlet is the account's own, it gets a new URL: point whatever posts to it at "
      "the new one."};
  add_flow_service(kind, {"connections", account_body, put_account, account_patch});
  kind.test = [](const std::string& id) {
    return request("GET", std::string(kFlowServicePath) + "connections/" + encode(id) + "/test");
  };
  kind.parse_test = parse_account_test;
  return kind;
}

}  // namespace sluice::kinds
