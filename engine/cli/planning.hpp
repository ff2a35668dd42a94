#pragma once

// Makes a plan the way every command does that needs one.

#include "cli/workspace.hpp"
#include "core/plan.hpp"

namespace sluice::cli {

/// Reads what the selection needs, and plans. `connection` may be null for a plan that does not
/// refresh. Throws Fatal with what is wrong; says warnings.
///
/// The plan has a fresh id, and a fresh lineage when `state` has none yet.
Plan plan_for(Workspace& workspace, Connection* connection, const State& state, const Place& place,
              const PlanSelection& what);

/// Brings a copy of the state up to what an interrupted run did, with one look each, and says what
/// was found. Writes nothing.
State looked_up(Workspace& workspace, Connection& connection, State state);

/// Reads a saved plan. Throws Fatal(usage) when the file is none.
Plan read_plan_file(World& world, const std::string& path);

/// Throws Fatal(conflict) that names the same-named objects, if there are any but those that a lost
/// create may have made.
void refuse_clashes(const Plan& plan);

/// The secrets that the plan's requests need, from the spec's variables or, where no spec was read,
/// from SLUICE_VAR_<name>; the redactor knows them from then on. Throws Fatal(failed) for one that
/// is not known.
std::map<std::string, std::string> secrets_for(World& world, const spec::Spec* spec,
                                               const Plan& plan);

/// Throws Fatal(failed) when the plan deletes more than `ceiling` objects; a negative one is that
/// of the environment: 10 in CI, where nobody looks on, else none.
void refuse_deletions(const Environment& environment, int ceiling, const Plan& plan);

}  // namespace sluice::cli
