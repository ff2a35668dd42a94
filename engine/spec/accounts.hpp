#pragma once

// `accounts:` - base connections, for the sources that need one. The only place of a spec where a
// secret may be used.

#include "spec/part_reader.hpp"

#include <vector>

namespace sluice::spec {

/// One for each entry, by address. `spec`, whose name and variables are there, gets the secrets
/// that they use; the fields hold only the names of those.
std::vector<ReadPart> read_accounts(const Document& document, Spec& spec, const PartTools& tools);

}  // namespace sluice::spec
