#pragma once

// `pipelines:` - each one a source, a target, a mapping and a flow, which become four resources.

#include "spec/part_reader.hpp"

#include <vector>

namespace sluice::spec {

/// The resources of all pipelines and their instances, by address. Checks that the names of one
/// kind differ, since they are how an object is found whose creation was not confirmed, and that no
/// loop of references makes an order impossible.
std::vector<Resource> read_pipelines(const Document& document, const std::string& spec_name,
                                     const InstancesOf& instances_of, const PartTools& tools);

}  // namespace sluice::spec
