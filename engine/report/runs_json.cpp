#include "core/time_text.hpp"
#include "report/json.hpp"
#include "report/runs.hpp"

namespace sluice::report {

namespace {

constexpr int kRunsFormatVersion = 1;

Json told(const std::optional<std::int64_t>& number) {
  return number ? Json(*number) : Json();
}

Json told(std::string_view text) {
  return text.empty() ? Json() : Json(text);
}

Json time_told(const std::optional<std::int64_t>& moment) {
  return moment ? Json(sluice::utc_text(Millis(*moment))) : Json();
}

}  // namespace

Json run_object(const kinds::FlowRun* run) {
  if (run == nullptr) return {};
  Json errors = Json::array();
  for (const kinds::RunError& error : run->errors) {
    errors.push_back({{"code", told(error.code)},
                      {"message", told(error.message)},
                      {"records", told(error.records)}});
  }
  return {{"id", told(run->id)},
          {"status", told(kinds::status_name(run->status))},
          {"status_told", told(run->status_word)},
          {"went_wrong", kinds::went_wrong(*run)},
          {"created_at", time_told(run->created_at)},
          {"started_at", time_told(run->started_at)},
          {"completed_at", time_told(run->completed_at)},
          {"duration_ms", told(run->duration_ms())},
          {"records_in", told(run->records_in)},
          {"records_out", told(run->records_out)},
          {"records_failed", told(run->records_failed)},
          {"bytes_in", told(run->bytes_in)},
          {"bytes_out", told(run->bytes_out)},
          {"errors", std::move(errors)}};
}

Json runs_document(const std::vector<PipelineRuns>& pipelines) {
  Json list = Json::array();
  for (const PipelineRuns& pipeline : pipelines) {
    Json runs = Json::array();
    for (const kinds::FlowRun& run : pipeline.runs)
      runs.push_back(run_object(&run));
    list.push_back({{"pipeline", pipeline.pipeline},
                    {"flow_id", pipeline.flow_id},
                    {"runs", std::move(runs)}});
  }
  return {{"format_version", kRunsFormatVersion}, {"pipelines", std::move(list)}};
}

std::string run_json(const PipelineRuns& pipeline, const kinds::FlowRun& run) {
  Json line = run_object(&run);
  line["format_version"] = kRunsFormatVersion;
  line["pipeline"] = pipeline.pipeline;
  line["flow_id"] = pipeline.flow_id;
  return json_text(line, -1);
}

}  // namespace sluice::report
