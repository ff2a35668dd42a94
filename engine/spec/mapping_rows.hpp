#pragma once

// The rows of a mapping: where each field of the schema gets its value from.

#include "spec/part_reader.hpp"

namespace sluice::spec {

/// The rows keyed by destination, as the field "rows" of a mapping set holds them. Wrong rows are
/// reported and left out.
Json read_rows(const Node& list, const PartTools& tools);

}  // namespace sluice::spec
