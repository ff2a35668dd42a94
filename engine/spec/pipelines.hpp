#pragma once

// `pipelines:` - each one a source, a target, a mapping and a flow, which become four resources.

#include "spec/pipeline_reader.hpp"

#include <string>
#include <vector>

namespace sluice::spec {

/// The parts of all pipelines and their instances, by address.
std::vector<ReadPart> read_pipelines(const Document& document, const std::string& spec_name,
                                     const DatasetSchemas& dataset_schemas,
                                     const InstancesOf& instances_of, const PartTools& tools);

}  // namespace sluice::spec
