#include "cli/commands.hpp"
#include "cli/system.hpp"
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
  if (holder->id.empty()) {
    throw Fatal(ExitCode::locked, "The lock's file does not tell which run holds it",
                "Wait for that run to end, and run the command that was refused again.");
  }
  if (holder->id != command.id) {
    throw Fatal(ExitCode::usage,
                "The lock's id is " + report::harmless(holder->id) + ", not " +
                    report::harmless(command.id),
                "Copy it from the message of the command that was refused.");
  }
  const std::string who =
      fmt::format("{} by {}, pid {} on {}, {}", report::harmless(holder->command),
                  report::harmless(holder->who), holder->pid, report::harmless(holder->host),
                  report::harmless(store::held_since(*holder, world.clock.wall())));
  if (holder->host == world.host && is_process_alive(holder->pid)) {
    throw Fatal(ExitCode::locked, "The lock is held by a running process: " + who,
                "Wait for it, or interrupt it there: it saves what it did and gives the lock up.");
  }
  // The kernel gives up a lock with the process that held it, but that of another machine, across a
  // network file system, may never hear of the end.
  if (!workspace.store().remove_lock(holder->id)) {
    throw Fatal(ExitCode::locked, "The lock went to another run just now",
                "Nothing was removed. Run the command that was refused again.");
  }
  world.print(fmt::format(
      "Removed the lock of {}: {}\n"
      "If that run lives after all, it sends and saves nothing more, and leaves what it knows in "
      "{}.rescue.json. The next `sluice apply` looks what became of its calls.\n",
      workspace.store().path(), who, workspace.store().path()));
  return ExitCode::done;
}

}  // namespace sluice::cli
