#include "report/status.hpp"

#include "report/runs.hpp"
#include "report/table.hpp"

#include <algorithm>
#include <set>

namespace sluice::report {

namespace {

constexpr int kStatusFormatVersion = 1;
constexpr std::size_t kFieldsShown = 3;

/// "pipelines.events" of one of its parts; empty for what is in no pipeline.
std::string pipeline_of(Address address) {
  if (address.section != "pipelines") return {};
  address.part.clear();
  return address.text();
}

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

Cell flow_cell(const PipelineStatus& pipeline) {
  if (pipeline.flow == "enabled") return {pipeline.flow, Tone::green};
  if (pipeline.flow == "gone") return {pipeline.flow, Tone::red};
  return {harmless(pipeline.flow), Tone::yellow};
}

Cell run_cell(const PipelineStatus& pipeline) {
  const bool is_there = !pipeline.flow_id.empty() && pipeline.flow != "gone";
  if (!pipeline.last_run) return {is_there ? "none" : "-"};
  const kinds::FlowRun& run = *pipeline.last_run;
  std::string text = run_status(run);
  if (run.began_at()) text += " " + began_text(run);
  if (run.records_failed.value_or(0) > 0) {
    text += ", " + std::to_string(*run.records_failed) + " failed";
  }
  if (!kinds::went_wrong(run)) return {std::move(text)};
  return {std::move(text), Tone::red};
}

Cell drift_cell(const PipelineStatus& pipeline) {
  std::vector<std::string> words;
  for (const std::string& part : pipeline.deleted)
    words.push_back(harmless(part) + " deleted");
  for (const std::string& field : pipeline.drifted)
    words.push_back(harmless(field));
  if (words.empty()) return {pipeline.flow_id.empty() ? "-" : "none"};
  if (words.size() > kFieldsShown) {
    const std::size_t more = words.size() - kFieldsShown;
    words.resize(kFieldsShown);
    words.push_back(std::to_string(more) + " more");
  }
  return {joined(words), Tone::yellow};
}

}  // namespace

std::size_t add_drift(const Plan& plan, std::vector<PipelineStatus>& pipelines) {
  std::set<Address> elsewhere;
  const auto find = [&pipelines, &elsewhere](const Address& address) -> PipelineStatus* {
    const std::string name = pipeline_of(address);
    const auto found =
        std::find_if(pipelines.begin(), pipelines.end(),
                     [&name](const PipelineStatus& pipeline) { return pipeline.pipeline == name; });
    if (found != pipelines.end()) return &*found;
    elsewhere.insert(address);
    return nullptr;
  };
  for (const Drift& drift : plan.drift) {
    PipelineStatus* pipeline = find(drift.address);
    const std::string which = drift.deposed.empty() ? "" : "replaced ";
    if (pipeline != nullptr) {
      add_once(pipeline->drifted, which + drift.address.part + "." + drift.field);
    }
  }
  for (const Step& step : plan.steps) {
    if (step.action != Action::forget || step.reason != Reason::gone) continue;
    PipelineStatus* pipeline = find(step.address);
    if (pipeline != nullptr) add_once(pipeline->deleted, step.address.part);
  }
  return elsewhere.size();
}

std::string status_text(const std::vector<PipelineStatus>& pipelines, std::size_t elsewhere,
                        const Style& style) {
  std::string text;
  if (pipelines.empty()) {
    text = "There are no pipelines.\n";
  } else {
    std::vector<std::vector<Cell>> rows = {
        {{"PIPELINE"}, {"FLOW"}, {"INLET"}, {"LAST RUN"}, {"DRIFT"}}};
    for (const PipelineStatus& pipeline : pipelines) {
      rows.push_back({{harmless(pipeline.pipeline), Tone::bold},
                      flow_cell(pipeline),
                      {pipeline.inlet ? "yes" : "no"},
                      run_cell(pipeline),
                      drift_cell(pipeline)});
    }
    for (const std::string& line : aligned(std::vector<Side>(5, Side::left), rows, style))
      text += line + "\n";
  }
  if (elsewhere > 0) {
    text += "\nDrift in " + counted(elsewhere, "object") +
            " outside of pipelines; `sluice drift` shows it.\n";
  }
  return text;
}

Json status_document(const std::vector<PipelineStatus>& pipelines, std::size_t elsewhere) {
  Json list = Json::array();
  for (const PipelineStatus& pipeline : pipelines) {
    list.push_back({{"pipeline", pipeline.pipeline},
                    {"flow_id", pipeline.flow_id.empty() ? Json() : Json(pipeline.flow_id)},
                    {"flow", pipeline.flow},
                    {"inlet", pipeline.inlet},
                    {"last_run", run_object(pipeline.last_run ? &*pipeline.last_run : nullptr)},
                    {"drifted", pipeline.drifted},
                    {"deleted", pipeline.deleted}});
  }
  return {{"format_version", kStatusFormatVersion},
          {"drifted_elsewhere", elsewhere},
          {"pipelines", std::move(list)}};
}

}  // namespace sluice::report
