#pragma once

// `datasets:` - each one a resource.

#include "spec/part_reader.hpp"

#include <string>
#include <vector>

namespace sluice::spec {

/// One for each entry, by address.
std::vector<ReadPart> read_datasets(const Document& document, const std::string& spec_name,
                                    const PartTools& tools);

}  // namespace sluice::spec
