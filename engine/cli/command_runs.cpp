#include "cli/commands.hpp"
#include "cli/pipelines.hpp"
#include "cli/planning.hpp"
#include "cli/system.hpp"
#include "core/time_text.hpp"
#include "report/json.hpp"
#include "report/runs.hpp"
#include "run/runs.hpp"

#include <fmt/format.h>

#include <set>

namespace sluice::cli {

namespace {

using Runs = std::vector<report::PipelineRuns>;

http::Task<http::Done> pause_for(http::EventLoop& loop, Millis duration) {
  co_await loop.sleep(duration);
  co_return http::Done{};
}

class RunsReader {
 public:
  RunsReader(World& world, const RunsCommand& command)
      : world_(world),
        command_(command),
        workspace_(world, command.common, SpecUse::optional),
        style_(workspace_.style_out()) {
    const State state = workspace_.store().read();
    connection_ = workspace_.connect(workspace_.place(state, {}));
    flows_ = with_flows(pipelines_of(looked_up(workspace_, *connection_, state), workspace_.spec()),
                        command.pipeline);
  }

  bool has_flows() const { return !flows_.empty(); }

  ExitCode run() {
    const Runs runs = read();
    if (command_.common.json) {
      world_.print(report::json_text(report::runs_document(runs)) + "\n");
    } else if (runs.empty()) {
      world_.print("There are no flows yet: nothing has been applied.\n");
    } else {
      world_.print(report::runs_text(runs, style_));
    }
    const std::string wrong = report::wrong_runs(runs);
    if (!command_.fail_on_errors || wrong.empty()) return ExitCode::done;
    throw Fatal(ExitCode::failed, "Runs failed or have failed records: " + wrong,
                "Their errors are shown with them.");
  }

  /// Goes on until it is interrupted, or until nobody reads any more.
  ExitCode watch() {
    const Draining draining;
    http::EventLoop& loop = connection_->loop();
    loop.set_end_of_turn([&loop] {
      if (caught_signal() != 0) loop.hurry();
      return false;
    });
    const bool redraws =
        world_.out_is_terminal && !command_.common.json && world_.environment.get("TERM") != "dumb";
    if (!redraws) world_.say(introduction() + "\n");
    try {
      // A stream that cannot be written is an error, which whoever ran the command finds.
      while (caught_signal() == 0 && world_.out) {
        const Runs runs = read();
        if (redraws) {
          redraw(runs);
        } else {
          print_news(runs);
        }
        world_.out.flush();
        loop.spawn(pause_for(loop, std::chrono::seconds(command_.interval_seconds)));
        loop.run();
      }
    } catch (const Fatal&) {
      // An interrupted read gives up sooner than it would.
      if (caught_signal() == 0) throw;
    }
    return caught_signal() == 0 ? ExitCode::done : interrupted_code();
  }

 private:
  Runs read() {
    std::set<std::string> ids;
    for (const PipelineFlow& flow : flows_)
      ids.insert(flow.flow_id);
    const run::RunsByFlow runs = run::read_runs(connection_->remote(), ids, command_.limit);
    Runs result;
    for (const PipelineFlow& flow : flows_)
      result.push_back({flow.pipeline, flow.flow_id, runs.at(flow.flow_id)});
    return result;
  }

  std::string introduction() const {
    return fmt::format("Watching {} flow{}, every {}s. Ctrl-C ends it.", flows_.size(),
                       flows_.size() == 1 ? "" : "s", command_.interval_seconds);
  }

  void redraw(const Runs& runs) {
    world_.print("\x1b[H\x1b[2J" + introduction() + " Read at " + utc_text(world_.clock.wall()) +
                 ".\n\n" + report::runs_text(runs, style_));
  }

  /// Runs that were not there the last time, or not as they are now, the oldest first.
  void print_news(const Runs& runs) {
    std::set<std::string> now;
    for (const report::PipelineRuns& pipeline : runs) {
      for (auto run = pipeline.runs.rbegin(); run != pipeline.runs.rend(); ++run) {
        const std::string json = report::run_json(pipeline, *run);
        now.insert(json);
        if (seen_.contains(json)) continue;
        world_.print(
            (command_.common.json ? json : report::run_line(pipeline.pipeline, *run, style_)) +
            "\n");
      }
    }
    seen_ = std::move(now);
  }

  World& world_;
  const RunsCommand& command_;
  Workspace workspace_;
  report::Style style_;
  std::unique_ptr<Connection> connection_;
  std::vector<PipelineFlow> flows_;
  std::set<std::string> seen_;  ///< What the last reading gave, as JSON.
};

}  // namespace

ExitCode run_runs(World& world, const RunsCommand& command) {
  RunsReader reader(world, command);
  return command.watch && reader.has_flows() ? reader.watch() : reader.run();
}

}  // namespace sluice::cli
