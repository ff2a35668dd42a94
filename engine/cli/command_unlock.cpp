#include "cli/commands.hpp"
#include "cli/workspace.hpp"

#include <fmt/format.h>

namespace sluice::cli {

ExitCode run_unlock(World& world, const UnlockCommand& command) {
  Workspace workspace(world, command.common, SpecUse::named);
  const auto holder = workspace.store().holder();
  if (!holder) {
    world.print("The state " + workspace.store().path() + " is not locked.\n");
    return ExitCode::done;
  }
  if (holder->id != command.id) {
    throw Fatal(ExitCode::usage,
                "The lock's id is " + report::harmless(holder->id) + ", not " +
                    report::harmless(command.id),
                "Copy it from the message of the command that was refused.");
  }
  // The kernel gives up a lock with the process that held it, so a held lock has a living holder.
  throw Fatal(
      ExitCode::locked,
      fmt::format("The lock is held by a running process: {} by {}, pid {} on {}, since {}",
                  report::harmless(holder->command), report::harmless(holder->who), holder->pid,
                  report::harmless(holder->host), report::harmless(holder->created)),
      "Wait for it, or interrupt it there: it saves what it did and gives the lock up.");
}

}  // namespace sluice::cli
