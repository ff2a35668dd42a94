#pragma once

// The shape of what the planner and the spec reader must know about a kind of resource. `kinds/`
// fills the table; `cli/` hands it to whoever needs it. Nothing here knows the platform's HTTP.

#include "core/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// What a change of a field means.
enum class FieldClass {
  in_place,     ///< The object is updated.
  create_only,  ///< The object must be replaced.
  write_only,   ///< Sent on create, not reliably told back: never compared.
  additive,     ///< It grows in place; taking something out breaks what is built on the object.
  recorded,     ///< Known to the state alone: what is wanted is compared with what was recorded.
};

/// How two values of a field are found equal.
enum class Equality {
  exact,
  text,     ///< Absent, null and "" are the same.
  version,  ///< "1" and "1.0" are the same.
  keyed,    ///< An object of entries; each entry is compared and reported by itself.
  if_told,  ///< As `exact`, but a field that the platform does not tell back is not a change.
  subset,   ///< An object or a list: what is wanted must be there, and more may be.
};

/// A field with a certain value.
struct FieldCondition {
  std::string field;
  Json value;
};

struct FieldRule {
  std::string name;  ///< As in a resource's `fields`: "description", "connection_spec.id".
  FieldClass field_class = FieldClass::in_place;
  Equality equality = Equality::exact;
  /// Entries of the field that can only be set on create, though others can be changed.
  std::vector<std::string> fixed_entries = {};
  /// Keys of an entry of an additive field that break what is built on it when they change.
  std::vector<std::string> breaking_keys = {};
  /// Replies may leave entries out, or mask them, so that such an entry is compared with what was
  /// recorded.
  bool hides_entries = false;
  /// The field can only be set on create where another field is as said here.
  std::optional<FieldCondition> create_only_when = {};

  /// False when a field that is missing from a reply may still be set on the platform.
  bool is_told() const {
    return field_class != FieldClass::write_only && field_class != FieldClass::recorded &&
           equality != Equality::if_told;
  }
};

/// One kind: "sourceConnection", "mappingSet", "dataset".
struct KindRules {
  std::string kind;
  /// As in the address: "source" of a pipeline, "fields" of a schema; may be empty.
  std::string part;
  std::vector<FieldRule> fields;           ///< Every field that can be managed.
  std::vector<std::string> attributes;     ///< What a reference may ask for: "id", "inlet_url".
  std::vector<std::string> replaced_with;  ///< Parts that must be replaced together with this one.
  std::string replacement_note;            ///< What people must do after a replacement.
  std::string creation_note = {};          ///< What people must know before it is made.
  bool holds_data = false;                 ///< Deleting the object destroys what people sent to it.
  bool is_permanent = false;               ///< The platform never takes it back.
  bool unique_names = false;  ///< The platform has no two of one name, so a new one needs another.
  /// A field that is true of one part of a whole at most, so that one gives it up before another
  /// takes it; empty where there is none.
  std::string sole_field = {};

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
  bool takes_mapping = true;  ///< False where what is sent has the form of the schema already.
};

struct Catalogue {
  std::map<std::string, KindRules> kinds;  ///< By kind.
  std::vector<ConnectorPreset> presets;

  /// Asserts that the kind is known.
  const KindRules& rules(const std::string& kind) const;
  const ConnectorPreset* preset(const std::string& name) const;
};

}  // namespace sluice
