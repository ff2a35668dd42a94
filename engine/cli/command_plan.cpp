#include "cli/commands.hpp"
#include "cli/file_guard.hpp"
#include "cli/open_calls.hpp"
#include "cli/planning.hpp"
#include "report/json.hpp"

namespace sluice::cli {

namespace {

/// Where a plan is written before it takes its place.
std::string beside(const std::string& path) {
  return path + ".tmp";
}

/// A plan names who may read it by being made for its user alone. It takes its place when it is
/// whole, so that a full disk costs no older one.
void save_plan(World& world, const Plan& plan, const std::string& path) {
  const std::string temporary = beside(path);
  const auto good = [&](auto result) {
    const auto* error = std::get_if<store::FileError>(&result);
    if (error == nullptr) return result;
    (void)world.files.remove(temporary);
    throw Fatal(ExitCode::failed, "The plan cannot be saved: " + error->what,
                "Nothing was changed. Give another place than " + path + " with --out.");
  };
  good(world.files.remove(temporary));
  const auto opened = good(world.files.open(temporary, store::OpenMode::create_new));
  const auto& file = std::get<std::unique_ptr<store::File>>(opened);
  good(file->append(plan_to_json(plan).dump(1) + "\n"));
  good(file->sync());
  good(world.files.rename(temporary, path));
  good(world.files.sync_folder(store::folder_of(path)));
}

}  // namespace

ExitCode run_plan(World& world, const PlanCommand& command) {
  const bool needs_spec = !command.what.destroy && !command.what.refresh_only;
  Workspace workspace(world, command.common, needs_spec ? SpecUse::required : SpecUse::optional);
  if (!command.out.empty()) {
    refuse_plan_file(world, command.out, workspace.store().path());
    refuse_plan_file(world, beside(command.out), workspace.store().path());
  }
  State state = workspace.store().read();
  if (!command.out.empty()) refuse_saving(workspace, state);
  const std::size_t open_calls = state.pending.size();
  workspace.warn_of_left_behind(state);
  const http::SessionOptions session = workspace.place(state, {});
  std::unique_ptr<Connection> connection;
  if (command.what.refresh) {
    connection = workspace.connect(session);
    state = looked_up(workspace, *connection, std::move(state));
  } else {
    say_open_calls(workspace, state);
  }
  Plan plan = plan_for(workspace, connection.get(), state, place_of(session), command.what);
  if (!command.out.empty()) save_plan(world, plan, command.out);
  if (command.common.json) {
    Json document = report::plan_document(plan);
    document["open_calls"] = open_calls;
    world.print(report::json_text(document) + "\n");
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
