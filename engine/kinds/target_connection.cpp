#include "kinds/fields.hpp"
#include "kinds/flow_service.hpp"

namespace sluice::kinds {

namespace {

Json target_body(const Fields& inputs) {
  Json body = connection_body(inputs);
  body["data"]["schema"] = {{"id", text_of(inputs, "schema.id")},
                            {"version", schema_media_type(text_of(inputs, "schema.version"))}};
  body["params"] = {{"dataSetId", text_of(inputs, "dataset")}};
  return body;
}

/// The platform is not of one mind about some keys, so the first of two spellings counts.
const Json& either(const Json& value, const char* one, const char* other) {
  const Json& first = at_path(value, {one});
  return first.is_null() ? at_path(value, {other}) : first;
}

void put_target(const Json& item, Observed& into) {
  put_connection(item, into);
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
  add_flow_service(kind, {"targetConnections", target_body, put_target, plain_patch});
  return kind;
}

}  // namespace sluice::kinds
