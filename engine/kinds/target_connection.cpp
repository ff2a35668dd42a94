#include "kinds/fields.hpp"
#include "kinds/flow_service.hpp"

namespace sluice::kinds {

namespace {

Json to_body(const Fields& inputs) {
  Json body = {{"name", text_of(inputs, "name")},
               {"connectionSpec",
                {{"id", text_of(inputs, "connection_spec.id")},
                 {"version", text_of(inputs, "connection_spec.version")}}},
               {"data",
                {{"schema",
                  {{"id", text_of(inputs, "schema.id")},
                   {"version", schema_media_type(text_of(inputs, "schema.version"))}}}}},
               {"params", {{"dataSetId", text_of(inputs, "dataset")}}}};
  if (inputs.contains("format")) body["data"]["format"] = inputs.at("format");
  if (inputs.contains("description")) body["description"] = inputs.at("description");
  return body;
}

/// The platform is not of one mind about some keys, so the first of two spellings counts.
const Json& either(const Json& value, const char* one, const char* other) {
  const Json& first = at_path(value, {one});
  return first.is_null() ? at_path(value, {other}) : first;
}

void from_item(const Json& item, Observed& into) {
  put(into.fields, "connection_spec.id", at_path(item, {"connectionSpec", "id"}));
  put(into.fields, "connection_spec.version", at_path(item, {"connectionSpec", "version"}));
  put(into.fields, "format", at_path(item, {"data", "format"}));
  const Json& schema = at_path(item, {"data", "schema"});
  put(into.fields, "schema.id", either(schema, "id", "schemaId"));
  const std::string version = schema_version(text_at(schema, "version"));
  if (!version.empty()) into.fields["schema.version"] = version;
  put(into.fields, "dataset", either(at_path(item, {"params"}), "dataSetId", "datasetId"));
}

}  // namespace

Kind target_connection() {
  Kind kind;
  kind.noun = "target connection";
  kind.rules = {"targetConnection",
                "target",
                {{"name", FieldClass::in_place, Equality::exact},
                 {"description", FieldClass::in_place, Equality::text},
                 {"connection_spec.id", FieldClass::create_only, Equality::exact},
                 {"connection_spec.version", FieldClass::create_only, Equality::version},
                 {"format", FieldClass::create_only, Equality::exact},
                 {"schema.id", FieldClass::create_only, Equality::exact},
                 {"schema.version", FieldClass::create_only, Equality::version},
                 {"dataset", FieldClass::create_only, Equality::exact}},
                {"id"},
                {"source", "flow"},
                {}};
  add_flow_service(kind, {"targetConnections", to_body, from_item, plain_patch});
  return kind;
}

}  // namespace sluice::kinds
