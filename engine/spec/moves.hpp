#pragma once

// `moved:` and `removed:` - what became of addresses that earlier versions of the spec had.

#include "spec/document.hpp"
#include "spec/spec.hpp"

#include <vector>

namespace sluice::spec {

/// Puts what the document says into `spec`, whose resources are there. `is_complete` is false when
/// some resources could not be read, so that an address that seems to be missing may be there.
void read_moves(const Document& document, bool is_complete, Spec& spec, Messages& messages);

}  // namespace sluice::spec
