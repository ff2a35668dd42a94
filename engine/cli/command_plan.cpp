#include "cli/commands.hpp"
#include "cli/planning.hpp"
#include "report/json.hpp"

namespace sluice::cli {

namespace {

/// A plan names who may read it by being made for its user alone.
void save_plan(World& world, const Plan& plan, const std::string& path) {
  const auto fail = [&path](const store::FileError& error) {
    throw Fatal(ExitCode::failed, "The plan cannot be saved: " + error.what,
                "Nothing was changed. Give another place than " + path + " with --out.");
  };
  auto removed = world.files.remove(path);
  if (const auto* error = std::get_if<store::FileError>(&removed)) fail(*error);
  auto opened = world.files.open(path, store::OpenMode::create_new);
  if (const auto* error = std::get_if<store::FileError>(&opened)) fail(*error);
  const auto& file = std::get<std::unique_ptr<store::File>>(opened);
  auto written = file->append(plan_to_json(plan).dump(1) + "\n");
  if (const auto* error = std::get_if<store::FileError>(&written)) fail(*error);
  auto synced = file->sync();
  if (const auto* error = std::get_if<store::FileError>(&synced)) fail(*error);
}

}  // namespace

ExitCode run_plan(World& world, const PlanCommand& command) {
  const bool needs_spec = !command.what.destroy && !command.what.refresh_only;
  Workspace workspace(world, command.common, needs_spec ? SpecUse::required : SpecUse::optional);
  State state = workspace.store().read();
  workspace.warn_of_left_behind(state);
  const http::SessionOptions session = workspace.place(state, {});
  std::unique_ptr<Connection> connection;
  if (command.what.refresh) {
    connection = workspace.connect(session);
    state = looked_up(workspace, *connection, std::move(state));
  }
  Plan plan = plan_for(workspace, connection.get(), state, place_of(session), command.what);
  if (!command.out.empty()) save_plan(world, plan, command.out);
  if (command.common.json) {
    world.print(report::plan_document(plan).dump(2) + "\n");
  } else {
    world.print(report::plan_text(plan, workspace.style_out()));
    if (!command.out.empty() && plan.has_changes()) {
      const std::string local = command.common.local ? " --local" : "";
      world.say("Saved. Carry it out with `sluice apply " + command.out + local + "`.\n");
    }
  }
  const bool changes = plan.has_changes();
  world.leave(std::move(plan));
  world.leave(std::move(state));
  return command.detailed_exitcode && changes ? ExitCode::changes : ExitCode::done;
}

}  // namespace sluice::cli
