#pragma once

// `lifecycle:` - how a plan may treat resources, whatever their fields are.

#include "spec/part_reader.hpp"

#include <vector>

namespace sluice::spec {

/// Of a pipeline. Its `ignore` names fields as PART.FIELD.
const Shape& pipeline_lifecycle_shape();

/// Puts what `entries` say into the parts of one pipeline.
void read_pipeline_lifecycle(const Entries& entries, std::vector<ReadPart>& parts,
                             const PartTools& tools);

}  // namespace sluice::spec
