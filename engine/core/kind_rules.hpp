#pragma once

// The shape of what the planner and the spec reader must know about a kind of resource. `kinds/`
// fills the table; `cli/` hands it to whoever needs it. Nothing here knows the platform's HTTP.

#include "core/json.hpp"

#include <map>
#include <string>
#include <vector>

namespace sluice {

/// What a change of a field means.
enum class FieldClass {
  in_place,     ///< The object is updated.
  create_only,  ///< The object must be replaced.
  write_only,   ///< Sent on create, not reliably told back: never compared.
};

/// How two values of a field are found equal.
enum class Equality {
  exact,
  text,     ///< Absent, null and "" are the same.
  version,  ///< "1" and "1.0" are the same.
  keyed,    ///< An object of entries; each entry is compared and reported by itself.
  if_told,  ///< As `exact`, but a field that the platform does not tell back is not a change.
};

struct FieldRule {
  std::string name;  ///< As in a resource's `fields`: "description", "connection_spec.id".
  FieldClass field_class = FieldClass::in_place;
  Equality equality = Equality::exact;

  /// False when a field that is missing from a reply may still be set on the platform.
  bool is_told() const {
    return field_class != FieldClass::write_only && equality != Equality::if_told;
  }
};

/// One kind: "sourceConnection", "targetConnection", "mappingSet", "flow".
struct KindRules {
  std::string kind;
  std::string
      part;  ///< As in the address: "source" of a pipeline, "fields" of a schema; may be empty.
  std::vector<FieldRule> fields;           ///< Every field that can be managed.
  std::vector<std::string> attributes;     ///< What a reference may ask for: "id", "inlet_url".
  std::vector<std::string> replaced_with;  ///< Parts that must be replaced together with this one.
  std::string replacement_note;            ///< What people must do after a replacement.

  const FieldRule* field(const std::string& name) const;
};

/// What a `connector:` in a spec stands for. Each map goes into the fields of that part, below
/// whatever the spec itself says.
struct ConnectorPreset {
  std::string name;
  std::map<std::string, Json> source;
  std::map<std::string, Json> target;
  std::map<std::string, Json> flow;
  std::map<std::string, Json> account = {};  ///< Empty for a connector that needs none.
};

struct Catalogue {
  std::map<std::string, KindRules> kinds;  ///< By kind.
  std::vector<ConnectorPreset> presets;

  /// Asserts that the kind is known.
  const KindRules& rules(const std::string& kind) const;
  const ConnectorPreset* preset(const std::string& name) const;
};

}  // namespace sluice
