#pragma once

// How each pipeline is, in one line: its flow, its inlet, its last run, its drift.

#include "core/json.hpp"
#include "core/plan.hpp"
#include "kinds/flow_run.hpp"
#include "report/text.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sluice::report {

struct PipelineStatus {
  std::string pipeline;  ///< "pipelines.events".
  std::string flow_id;   ///< Empty when there is none.
  /// "enabled", "disabled" or what else the platform calls it; "gone" when the state has a flow
  /// that the platform has not; "not created" when the state has none.
  std::string flow;
  /// Whether data can come in. Where it goes is a secret, and is no part of this.
  bool inlet = false;
  std::optional<kinds::FlowRun> last_run;
  /// What differs from the state, each once: "flow.description", or "mapping" for an object that
  /// was deleted.
  std::vector<std::string> drifted;
  std::vector<std::string> deleted;
};

/// What a plan that only refreshes found of drift, put to the pipelines that it is in, which must
/// be named by then. Returns how many objects have drifted that belong to no pipeline.
std::size_t add_drift(const Plan& plan, std::vector<PipelineStatus>& pipelines);

/// A table with a line for each pipeline. `elsewhere` is what `add_drift` gave.
std::string status_text(const std::vector<PipelineStatus>& pipelines, std::size_t elsewhere,
                        const Style& style);

/// What `status --json` prints: {"format_version", "drifted_elsewhere", "pipelines": [...]}, each
/// with "pipeline", "flow_id", "flow", "inlet", "last_run" as in `runs_document`, "drifted" and
/// "deleted".
Json status_document(const std::vector<PipelineStatus>& pipelines, std::size_t elsewhere);

}  // namespace sluice::report
