#pragma once

// `schemas:` - each one a schema, and as far as it has them a field group, identities and the
// switch that makes it part of the profile. Each of these is an object of its own on the platform.

#include "spec/part_reader.hpp"

#include <string>
#include <vector>

namespace sluice::spec {

/// By address.
std::vector<ReadPart> read_schemas(const Document& document, const std::string& spec_name,
                                   const PartTools& tools);

}  // namespace sluice::spec
