#pragma once

// The same as `text.hpp`, for programs. Every document is an object that begins with its
// "format_version"; a missing value is null, not an absent key.

#include "core/diagnostics.hpp"
#include "core/plan.hpp"
#include "core/resource.hpp"

namespace sluice::report {

/// What `plan --json` prints: the summary, and each step, drift and clash in full.
Json plan_document(const Plan& plan);

Json state_document(const State& state);

/// What `validate --json` prints: {"format_version", "valid", "diagnostics": [...]}.
Json diagnostics_document(const Diagnostics& diagnostics);

}  // namespace sluice::report
