#pragma once

// The one spelling of the JSON value type. Objects keep their keys sorted, so the same value is
// always written as the same bytes.

#include <nlohmann/json.hpp>

namespace sluice {

using Json = nlohmann::json;

}  // namespace sluice
