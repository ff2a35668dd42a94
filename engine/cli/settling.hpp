#pragma once

// What a command that writes to the state does first: it looks what became of the calls of a run
// that was cut off.

#include "cli/workspace.hpp"
#include "run/apply.hpp"

#include <map>
#include <string>

namespace sluice::cli {

/// Needs the lock and a `load` before. Looks up every open call of `state` on the platform, says
/// what it found on standard error, saves and returns the state that follows; `state` itself when
/// no call is open. `adopt` names the objects that people chose for lost creates. Throws Fatal as
/// `run::recover` does, and when somebody else owns what was chosen. What only people can tell goes
/// into `unclear`; without one it is Fatal.
State settle_open_calls(Workspace& workspace, Connection& connection, State state,
                        const std::map<Address, std::string>& adopt = {},
                        run::Unclear* unclear = nullptr);

}  // namespace sluice::cli
