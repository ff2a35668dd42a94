#include "cli/commands.hpp"
#include "cli/pipelines.hpp"
#include "cli/planning.hpp"
#include "core/planner.hpp"
#include "report/json.hpp"
#include "report/status.hpp"
#include "run/observe.hpp"
#include "run/runs.hpp"

namespace sluice::cli {

namespace {

/// Whether the source has an account with an inlet, which its flow has not then.
bool has_inlet(const Observed& flow, const ObservedWorld& observed) {
  const auto named = [&observed](const Observed* object, const char* field) -> const Observed* {
    if (object == nullptr) return nullptr;
    const auto id = object->fields.find(field);
    if (id == object->fields.end() || !id->second.is_string()) return nullptr;
    const auto found = observed.objects.find(id->second.get<std::string>());
    return found == observed.objects.end() ? nullptr : &found->second;
  };
  const Observed* account = named(named(&flow, "source"), "account");
  return account != nullptr && account->attributes.contains("inlet_url");
}

/// What the platform says of the flow; its drift and its runs are not looked at yet.
report::PipelineStatus status_of(const PipelineFlow& pipeline, const ObservedWorld& observed) {
  report::PipelineStatus status;
  status.pipeline = pipeline.pipeline;
  status.flow_id = pipeline.flow_id;
  const auto flow = observed.objects.find(pipeline.flow_id);
  if (pipeline.flow_id.empty()) {
    status.flow = "not created";
  } else if (flow == observed.objects.end()) {
    status.flow = "gone";
  } else {
    status.flow = flow->second.attributes.value("state", "");
    status.inlet =
        flow->second.attributes.contains("inlet_url") || has_inlet(flow->second, observed);
  }
  return status;
}

Plan refresh_plan(const Workspace& workspace, const State& state, const ObservedWorld& observed) {
  const std::vector<Resource> nothing;
  PlanOptions options;
  options.mode = PlanMode::refresh_only;
  Diagnostics diagnostics;
  // The spec's part in it are the fields that people may change by hand.
  auto plan = make_plan(workspace.spec() ? workspace.spec()->spec.resources : nothing, state,
                        observed, workspace.registry().catalogue(), options, diagnostics);
  if (!plan) throw Fatal(ExitCode::failed, diagnostics.sorted());
  return std::move(*plan);
}

}  // namespace

/// Read-only by construction, as `drift` is.
ExitCode run_status(World& world, const StatusCommand& command) {
  Workspace workspace(world, command.common, SpecUse::optional);
  State state = workspace.store().read();
  const std::size_t open_calls = state.pending.size();
  const auto connection = workspace.connect(workspace.place(state, {}));
  state = looked_up(workspace, *connection, std::move(state));
  const ObservedWorld observed = run::observe(connection->remote(), {}, state);

  std::vector<report::PipelineStatus> pipelines;
  std::set<std::string> flows;
  for (const PipelineFlow& pipeline : pipelines_of(state, workspace.spec())) {
    pipelines.push_back(status_of(pipeline, observed));
    if (observed.objects.contains(pipeline.flow_id)) flows.insert(pipeline.flow_id);
  }
  const std::size_t elsewhere =
      report::add_drift(refresh_plan(workspace, state, observed), pipelines);
  const run::RunsByFlow runs = run::read_runs(connection->remote(), flows, 1);
  for (report::PipelineStatus& pipeline : pipelines) {
    const auto found = runs.find(pipeline.flow_id);
    if (found != runs.end() && !found->second.empty()) pipeline.last_run = found->second.front();
  }
  if (command.common.json) {
    Json document = report::status_document(pipelines, elsewhere);
    document["open_calls"] = open_calls;
    world.print(report::json_text(document) + "\n");
  } else {
    world.print(report::status_text(pipelines, elsewhere, workspace.style_out()));
  }
  return ExitCode::done;
}

}  // namespace sluice::cli
