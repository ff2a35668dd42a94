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

/// Of any other section, whose `ignore` names plain fields.
const Shape& section_lifecycle_shape();

/// Puts what `lifecycle` says into all `parts`, except for `ignore`, which is for the first.
void read_section_lifecycle(const Entry& lifecycle, std::vector<ReadPart>& parts,
                            const PartTools& tools);

}  // namespace sluice::spec
