#pragma once

// Whether a plan that was made earlier may still be carried out. The state tells a part of it; the
// platform the rest.

#include "core/plan.hpp"
#include "run/remote.hpp"

namespace sluice::run {

/// Throws Fatal(conflict) when the state is not the one that the plan was made on, or has seen this
/// very plan already.
void refuse_stale(const Plan& plan, const State& state);

/// Reads every object that the plan would change, and lists the names of what it would create.
/// Throws Fatal(conflict) that names each managed field that moved since, with both values, and
/// Fatal when a read fails. Adds to `plan.clashes` what the names show.
void preflight(Remote& remote, const State& state, Plan& plan);

}  // namespace sluice::run
