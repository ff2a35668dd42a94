#include "spec/shapes.hpp"

#include <algorithm>
#include <cassert>

namespace sluice::spec {

const std::vector<Shape>& all_shapes() {
  static const std::vector<Shape> shapes = {
      {"spec",
       "a spec",
       {"sluice", "name", "platform", "variables", "environments", "accounts", "datasets",
        "schemas", "defaults", "pipelines", "moved", "removed", "outputs"}},
      {"platform", "`platform`", {"endpoint", "ims", "sandbox"}},
      {"variable",
       "a variable",
       {"type", "default", "allowed", "pattern", "sensitive", "description"}},
      {"environment", "an environment", {"variables", "protect", "description"}},
      {"account",
       "an account",
       {"connector", "name", "description", "connection_spec", "auth", "secrets_version",
        "lifecycle"}},
      {"auth", "`auth`", {"spec", "params"}},
      {"dataset",
       "a dataset",
       {"name", "description", "schema", "profile", "error_diagnostics", "lifecycle"}},
      {"schema",
       "a schema",
       {"title", "description", "class", "field_groups", "fields", "profile", "lifecycle"}},
      {"field",
       "a field of a schema",
       {"type", "title", "description", "format", "enum", "minimum", "maximum", "pattern",
        "properties", "items", "identity"}},
      {"identity", "`identity`", {"namespace", "primary"}},
      {"section_lifecycle", "`lifecycle`", {"protect", "ignore", "allow_data_loss"}},
      {"defaults", "`defaults`", {"source", "target", "mapping", "flow", "lifecycle"}},
      {"defaults_mapping", "`mapping` of `defaults`", {"name"}},
      {"pipeline", "a pipeline", {"for_each", "source", "target", "mapping", "flow", "lifecycle"}},
      {"source",
       "a source",
       {"connector", "name", "description", "format", "connection_spec", "provider_id", "account"}},
      {"target",
       "a target",
       {"name", "description", "dataset", "schema", "format", "connection_spec"}},
      {"mapping", "a mapping", {"name", "rows"}},
      {"row",
       "a mapping row",
       {"source", "expression", "static", "destination", "name", "description"}},
      {"flow", "a flow", {"name", "description", "state", "flow_spec"}},
      {"pipeline_lifecycle", "`lifecycle`", {"protect", "ignore"}},
      // Messages call it by the key that it stands under.
      {"versioned", "", {"id", "version"}},
      {"move", "a move", {"from", "to"}},
      {"removal", "a removal", {"address", "destroy"}},
      {"output", "an output", {"value", "sensitive", "description"}},
  };
  return shapes;
}

const Shape& shape_of(std::string_view name) {
  const std::vector<Shape>& shapes = all_shapes();
  const auto found = std::find_if(shapes.begin(), shapes.end(),
                                  [name](const Shape& shape) { return shape.name == name; });
  assert(found != shapes.end());
  return *found;
}

}  // namespace sluice::spec
