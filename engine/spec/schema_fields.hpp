#pragma once

// `fields:` of a schema - what a field group is made of, and which of its fields are identities.

#include "spec/part_reader.hpp"

#include <string>
#include <vector>

namespace sluice::spec {

/// A field that says who an event is about.
struct IdentityField {
  std::string path;  ///< With dots.
  std::string name_space;
  bool primary = false;
  Place place;  ///< Of its `identity`.
};

struct SchemaFields {
  /// By path, "person.email", and "orders[]" for what a list holds; each without those below it.
  Json properties = Json::object();
  std::vector<IdentityField> identities;
};

/// Wrong fields are reported and left out.
SchemaFields read_schema_fields(const Node& fields, const PartTools& tools);

}  // namespace sluice::spec
