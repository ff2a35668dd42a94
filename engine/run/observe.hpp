#pragma once

// Reads what a plan needs to know of the platform. Sends nothing but GETs.

#include "core/plan.hpp"
#include "core/resource.hpp"
#include "run/remote.hpp"

namespace sluice::run {

/// Reads every object that the state knows, and lists the names of what is to be created, so that
/// a lost state shows itself as objects that nobody owns. Makes at least one call.
///
/// Throws Fatal when a read fails: a plan on half the truth is worse than none.
ObservedWorld observe(Remote& remote, const std::vector<Resource>& desired, const State& recorded);

/// The desired ones among the recorded objects that are in a transitional state in `world`, though
/// `observe` waits for a minute that they leave it.
std::vector<Unready> unready_in(const Remote& remote, const std::vector<Resource>& desired,
                                const State& recorded, const ObservedWorld& world);

}  // namespace sluice::run
