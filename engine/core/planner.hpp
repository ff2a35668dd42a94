#pragma once

// Works out the steps from desired, recorded and observed. Pure: no clock, no environment, no
// network; the same input gives the same plan, byte for byte, whatever the order of declaration.

#include "core/kind_rules.hpp"
#include "core/plan.hpp"

#include <optional>
#include <set>
#include <vector>

namespace sluice {

struct PlanOptions {
  PlanMode mode = PlanMode::normal;
  bool refreshed = true;  ///< False: `observed` is empty and the state is believed.
  /// Empty: everything. Else these and what they need, what must be replaced together with them,
  /// and for those that are removed, what is built on them.
  std::set<Address> targets;
  std::set<Address> replace;     ///< To be replaced though nothing forces it.
  std::set<Address> let_go;      ///< Recorded, not wanted, and to be left on the platform.
  bool allow_data_loss = false;  ///< Objects may go though data goes with them.
  bool allow_breaking = false;   ///< What breaks others may be done, by replacing.
  bool hold_old = false;         ///< What is replaced, now or before, stays for a later apply.
};

/// Every id that the state owns, deposed ones included, must have been looked up in `observed` when
/// `options.refreshed`; asserts that.
///
/// Errors: a dependency loop, a target or replacement that names nothing, a recorded kind that is
/// not known, a protected resource that would be destroyed, data that would go with its object,
/// what the platform never takes back, a change that breaks what is built on the object. The plan's
/// id, spec hash, outputs and place are the caller's to fill.
std::optional<Plan> make_plan(const std::vector<Resource>& desired, const State& recorded,
                              const ObservedWorld& observed, const Catalogue& catalogue,
                              const PlanOptions& options, Diagnostics& diagnostics);

}  // namespace sluice
