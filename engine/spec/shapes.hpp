#pragma once

// The maps of the language whose keys the language itself chooses, all in one place, so that a test
// can hold them against docs/spec.schema.json. What their values mean is not known here.

#include <string>
#include <string_view>
#include <vector>

namespace sluice::spec {

/// A map of the language: how messages call it and the keys that it may have.
struct Shape {
  std::string name;  ///< Of its definition in docs/spec.schema.json.
  std::string what;  ///< With its article: "a source".
  std::vector<std::string> keys;
};

/// Every map. Some keys are only for catalogues that have a certain kind.
const std::vector<Shape>& all_shapes();

/// The map of this name. Asserts that there is one.
const Shape& shape_of(std::string_view name);

}  // namespace sluice::spec
