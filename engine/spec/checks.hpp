#pragma once

// What must hold between the resources of a spec, whatever sections they come from.

#include "spec/part_reader.hpp"

#include <vector>

namespace sluice::spec {

/// Reports two resources of one kind with one name. An object whose creation was not confirmed is
/// found by its name.
void check_names(const std::vector<ReadPart>& parts, Messages& messages);

/// Reports a loop of references, which makes an order impossible.
void check_order(const std::vector<ReadPart>& parts, Messages& messages);

}  // namespace sluice::spec
