#pragma once

// `lifecycle:` - how a plan may treat resources, whatever their fields are.

#include "spec/part_reader.hpp"

#include <vector>

namespace sluice::spec {

/// Puts what `entries` say into the parts of one pipeline. Its `ignore` names fields as PART.FIELD.
void read_pipeline_lifecycle(const Entries& entries, std::vector<ReadPart>& parts,
                             const PartTools& tools);

/// Puts what the `lifecycle` of any other section says into all `parts`, except for `ignore`, which
/// names plain fields of the first.
void read_section_lifecycle(const Entry& lifecycle, std::vector<ReadPart>& parts,
                            const PartTools& tools);

}  // namespace sluice::spec
