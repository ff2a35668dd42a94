#pragma once

// Reads a reply's body as JSON within limits, so that a hostile server cannot exhaust memory or the
// stack with it.

#include "core/json.hpp"

#include <optional>
#include <string>

namespace sluice::http {

/// nullopt for anything that is not one whole JSON document of at most 64 levels and a million
/// values, with unique keys and valid UTF-8. Never throws.
std::optional<Json> parse_json(const std::string& text);

}  // namespace sluice::http
