#include "kinds/fields.hpp"
#include "kinds/flow_service.hpp"

namespace sluice::kinds {

namespace {

Json to_body(const Fields& inputs) {
  Json body = {{"name", text_of(inputs, "name")},
               {"connectionSpec",
                {{"id", text_of(inputs, "connection_spec.id")},
                 {"version", text_of(inputs, "connection_spec.version")}}},
               {"data", {{"format", text_of(inputs, "format")}}}};
  if (inputs.contains("description")) body["description"] = inputs.at("description");
  if (inputs.contains("provider_id")) body["providerId"] = inputs.at("provider_id");
  return body;
}

void from_item(const Json& item, Observed& into) {
  put(into.fields, "connection_spec.id", at_path(item, {"connectionSpec", "id"}));
  put(into.fields, "connection_spec.version", at_path(item, {"connectionSpec", "version"}));
  put(into.fields, "format", at_path(item, {"data", "format"}));
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
                 {"format", FieldClass::create_only, Equality::exact}},
                {"id"},
                {"target", "flow"},
                {}};
  add_flow_service(kind, {"sourceConnections", to_body, from_item, plain_patch});
  return kind;
}

}  // namespace sluice::kinds
