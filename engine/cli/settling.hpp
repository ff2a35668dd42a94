#pragma once

// What a command that writes to the state does first: it looks what became of the calls of a run
// that was cut off.

#include "cli/workspace.hpp"
#include "run/apply.hpp"

#include <map>
#include <string>

namespace sluice::cli {

/// How a command finds out what became of calls whose answers were lost, its own and earlier ones:
/// for how long it looks, as which client, and what other states have at `place`. What it refers to
/// must outlive it.
run::ApplyOptions looking_options(Workspace& workspace, Connection& connection, const Place& place);

/// Needs the lock and a `load` before. Looks up every open call of `state` on the platform, says
/// what it found on standard error, saves and returns the state that follows; `state` itself when
/// no call is open. `adopt` names the objects that people chose for lost creates. Throws Fatal as
/// `run::recover` does, and when somebody else owns what was chosen. What only people can tell goes
/// into `unclear`; without one it is Fatal.
State settle_open_calls(Workspace& workspace, Connection& connection, State state,
                        const std::map<Address, std::string>& adopt = {},
                        run::Unclear* unclear = nullptr);

}  // namespace sluice::cli
