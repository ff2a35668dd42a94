#include "cli/settling.hpp"

#include "cli/system.hpp"
#include "cli/takeover.hpp"
#include "run/apply.hpp"

namespace sluice::cli {

State settle_open_calls(Workspace& workspace, Connection& connection, State state,
                        const std::map<Address, std::string>& adopt) {
  if (state.pending.empty()) return state;
  World& world = workspace.world();
  const Draining draining;
  if (!adopt.empty()) {
    const run::Owners owners = owners_beside(world, workspace.store().path(), state.place);
    for (const auto& [address, id] : adopt)
      refuse_owned(owners, id);
  }
  world.say("An earlier run was cut off; looking what became of its calls.\n");
  run::ApplyOptions options;
  options.settle = workspace.settle();
  options.own_client = connection.remote().session().creator();
  options.adopt = adopt;
  options.interrupted = [] { return caught_signal() != 0; };
  workspace.store().begin(state, {}, state.applied_by);
  run::Ledger ledger(workspace.store(), std::move(state), connection.loop(), world.random);
  for (const std::string& line : run::recover(ledger, connection.remote(), options))
    world.say(report::harmless(line) + "\n");
  State saved = workspace.store().save(ledger.take_state());
  if (caught_signal() != 0) {
    throw Fatal(interrupted_code(), "It was interrupted",
                "What was found out is in the state. Run the command again to go on.");
  }
  return saved;
}

}  // namespace sluice::cli
