#pragma once

// The calls that every service has for a collection of objects: one is made by a POST to it, and
// read and deleted by its id.

#include "kinds/kind.hpp"

#include <string>

namespace sluice::kinds {

/// Fills in `create`, with the body that `to_body` makes of the inputs, `read` and `remove`. `base`
/// is the collection's path.
void add_collection(Kind& kind, const std::string& base, Json (*to_body)(const Fields& inputs));

}  // namespace sluice::kinds
