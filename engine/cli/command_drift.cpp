#include "cli/commands.hpp"
#include "cli/planning.hpp"
#include "report/json.hpp"

namespace sluice::cli {

/// Read-only by construction: it plans a refresh and carries nothing out, takes no lock and writes
/// no file.
ExitCode run_drift(World& world, const DriftCommand& command) {
  Workspace workspace(world, command.common, SpecUse::optional);
  State state = workspace.store().read();
  const std::size_t open_calls = state.pending.size();
  const http::SessionOptions session = workspace.place(state, {});
  const auto connection = workspace.connect(session);
  state = looked_up(workspace, *connection, std::move(state));
  PlanSelection refresh;
  refresh.refresh_only = true;
  const Plan plan = plan_for(workspace, connection.get(), state, place_of(session), refresh);
  if (command.common.json) {
    Json document = report::drift_document(plan);
    document["open_calls"] = open_calls;
    world.print(report::json_text(document) + "\n");
  } else {
    world.print(report::drift_text(plan, workspace.style_out()));
  }
  return report::has_drift(plan) ? ExitCode::changes : ExitCode::done;
}

}  // namespace sluice::cli
