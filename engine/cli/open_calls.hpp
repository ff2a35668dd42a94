#pragma once

// What commands that settle nothing say of the calls that an earlier run left open.

#include "cli/workspace.hpp"

namespace sluice::cli {

/// Says on standard error how many calls are open and what settles them, if any are. Where another
/// run holds the lock now, names it: the calls may be its own. Writes nothing.
void say_open_calls(Workspace& workspace, const State& state);

/// Throws Fatal(failed) when the next command that takes the lock would raise the state's serial
/// before it does anything else, since a plan that is saved now would be stale by then: calls of an
/// earlier run are open, or it did not save what it did.
void refuse_saving(Workspace& workspace, const State& state);

}  // namespace sluice::cli
