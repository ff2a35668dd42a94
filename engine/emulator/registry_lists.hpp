#pragma once

// Schema Registry's filters and pages.

#include "emulator/call.hpp"
#include "emulator/reply.hpp"

#include <vector>

namespace sluice::emulator {

/// Drops what does not fit the call's `property`.
Refusal filter_resources(const Call& call, std::vector<Json>& resources);

/// The page that the call's query asks for, as `results`, `_page` and `_links`. `form` shows one.
http::Response resource_page(const Call& call, std::vector<Json> resources,
                             Json (*form)(const Call&, const Json&));

}  // namespace sluice::emulator
