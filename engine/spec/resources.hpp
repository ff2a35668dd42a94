#pragma once

// The sections that make resources, put together.

#include "spec/part_reader.hpp"

#include <vector>

namespace sluice::spec {

/// Fills in the resources of `spec`, by address, and the secrets that they use; its name and
/// variables are there. Checks what must hold between resources: that the names of one kind differ,
/// and that no loop of references makes an order impossible.
void read_resources(const Document& document, const InstancesOf& instances_of,
                    const PartTools& tools, Spec& spec);

}  // namespace sluice::spec
