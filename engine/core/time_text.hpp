#pragma once

// Moments as people and the state file write them.

#include "core/seams.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// RFC 3339 in UTC with whole seconds: "2026-01-02T03:04:05Z". `since_epoch` counts from
/// 1970-01-01 UTC and is not negative.
std::string utc_text(Millis since_epoch);

/// The moment that `utc_text` wrote; nullopt when `text` is anything else.
std::optional<Millis> from_utc_text(std::string_view text);

/// How long something takes, in its largest unit: "40 s", "12 min", "3 h", "5 days".
std::string span_text(Millis span);

}  // namespace sluice
