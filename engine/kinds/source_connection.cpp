#include "kinds/fields.hpp"
#include "kinds/flow_service.hpp"

namespace sluice::kinds {

namespace {

Json source_body(const Fields& inputs) {
  Json body = connection_body(inputs);
  if (inputs.contains("provider_id")) body["providerId"] = inputs.at("provider_id");
  if (inputs.contains("account")) body["baseConnectionId"] = inputs.at("account");
  return body;
}

void put_source(const Json& item, Observed& into) {
  put_connection(item, into);
  const std::string account = text_at(item, "baseConnectionId");
  if (!account.empty()) into.fields["account"] = account;
  // What a spec does not describe, for those who take over what others made.
  const Json& params = at_path(item, {"params"});
  if (!params.empty()) into.attributes["has_params"] = true;
}

}  // namespace

Kind source_connection() {
  Kind kind;
  kind.noun = "source connection";
  kind.rules = {"sourceConnection",
                "source",
                {{"name", FieldClass::in_place, Equality::exact},
                 {"description", FieldClass::in_place, Equality::text},
                 {"connection_spec.id", FieldClass::create_only, Equality::exact},
                 {"connection_spec.version", FieldClass::create_only, Equality::version},
                 {"provider_id", FieldClass::write_only, Equality::exact},
                 {"format", FieldClass::create_only, Equality::exact},
                 {"account", FieldClass::create_only, Equality::exact}},
                {"id"},
                {"target", "flow"},
                {}};
  add_flow_service(kind, {"sourceConnections", source_body, put_source, plain_patch});
  return kind;
}

}  // namespace sluice::kinds
