#pragma once

// Differences that are none: what the platform fills in by itself, spells in another way or puts in
// another order when it tells of an object. Nothing of what it has stored is changed.

#include "emulator/call.hpp"

namespace sluice::emulator {

/// Puts them into the answer to a read; any other answer stays as it is.
void add_phantoms(const Call& call, http::Response& response);

}  // namespace sluice::emulator
