#include "cli/commands.hpp"
#include "cli/planning.hpp"
#include "report/json.hpp"

namespace sluice::cli {

namespace {

void show_plan(World& world, const ShowCommand& command) {
  const Plan plan = read_plan_file(world, command.plan_file);
  if (command.common.json) {
    world.print(report::json_text(report::plan_document(plan)) + "\n");
    return;
  }
  world.print(
      report::plan_text(plan, style_for(world, command.common.no_color, world.out_is_terminal)));
}

}  // namespace

ExitCode run_show(World& world, const ShowCommand& command) {
  if (!command.plan_file.empty()) {
    show_plan(world, command);
    return ExitCode::done;
  }
  Workspace workspace(world, command.common, SpecUse::named);
  const State state = workspace.store().read();
  if (command.common.json) {
    world.print(report::json_text(report::state_document(state)) + "\n");
  } else {
    world.print(report::state_text(state, workspace.style_out()));
  }
  return ExitCode::done;
}

}  // namespace sluice::cli
