#pragma once

// Objects of the same names as those that a plan makes. Sends nothing but GETs.

#include "core/plan.hpp"
#include "run/remote.hpp"

namespace sluice::run {

enum class Making {
  all,
  replacements,  ///< Which names these take is known only once there is a plan.
};

/// Objects on the platform that have the name of something which `plan` makes, and which `state`
/// does not own, ids in order; of replacements, those that `plan.clashes` does not have already.
/// Throws Fatal when a read fails.
std::vector<NameClash> find_namesakes(Remote& remote, const State& state, const Plan& plan,
                                      Making which);

/// Marks those of the plan's clashes whose object a create may have made that is still open.
void mark_lost_creates(const State& state, Plan& plan);

}  // namespace sluice::run
