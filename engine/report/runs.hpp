#pragma once

// Flow runs as text and JSON, and what became of them in a few words. Times are RFC 3339 in UTC.

#include "core/json.hpp"
#include "kinds/flow_run.hpp"
#include "report/text.hpp"

#include <string>
#include <vector>

namespace sluice::report {

/// The runs of one pipeline's flow, newest first.
struct PipelineRuns {
  std::string pipeline;  ///< "pipelines.events".
  std::string flow_id;
  std::vector<kinds::FlowRun> runs;
};

/// By pipeline a table of its runs, with the errors of each run under it, and a summary line. What
/// the platform does not tell is "-".
std::string runs_text(const std::vector<PipelineRuns>& pipelines, const Style& style);

/// One run in one line, without a line end: pipeline, start, status, what there is of numbers, and
/// its errors' codes.
std::string run_line(const std::string& pipeline, const kinds::FlowRun& run, const Style& style);

/// What `runs --json` prints: {"format_version", "pipelines": [{"pipeline", "flow_id", "runs"}]},
/// each run with "id", "status" ("waiting", "running", "success", "partial", "failed"),
/// "status_told" as the platform spells it, "went_wrong", "created_at", "started_at",
/// "completed_at", "duration_ms", "records_in", "records_out", "records_failed", "bytes_in",
/// "bytes_out" and "errors": [{"code", "message", "records"}].
Json runs_document(const std::vector<PipelineRuns>& pipelines);

/// A run in that form; null for none.
Json run_object(const kinds::FlowRun* run);

/// One line of `runs --watch --json`: a run in that form, with "format_version", "pipeline" and
/// "flow_id". Without a line end.
std::string run_json(const PipelineRuns& pipeline, const kinds::FlowRun& run);

/// "pipelines.events 9830305a-... (failed, 1 failed record)" for each run that went wrong, a few
/// of them and how many more; empty when there is none.
std::string wrong_runs(const std::vector<PipelineRuns>& pipelines);

/// A status, harmless; "-" when it is not told.
std::string run_status(const kinds::FlowRun& run);

/// When the run began, "-" when that is not told.
std::string began_text(const kinds::FlowRun& run);

}  // namespace sluice::report
