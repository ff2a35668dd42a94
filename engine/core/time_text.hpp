#pragma once

// Moments as people and the state file write them.

#include "core/seams.hpp"

#include <string>

namespace sluice {

/// RFC 3339 in UTC with whole seconds: "2026-01-02T03:04:05Z". `since_epoch` counts from
/// 1970-01-01 UTC and is not negative.
std::string utc_text(Millis since_epoch);

}  // namespace sluice
