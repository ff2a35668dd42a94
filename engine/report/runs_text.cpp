#include "core/time_text.hpp"
#include "report/runs.hpp"
#include "report/table.hpp"

#include <fmt/format.h>

#include <array>

namespace sluice::report {

namespace {

using Number = std::optional<std::int64_t>;

constexpr std::size_t kNamedWrong = 5;
constexpr std::size_t kErrorIndent = 8;

std::string number_text(const Number& number) {
  return number ? std::to_string(*number) : "-";
}

/// "512 B", "23.4 KiB".
std::string size_text(const Number& bytes) {
  constexpr std::array<const char*, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (!bytes) return "-";
  if (*bytes < 1024) return fmt::format("{} B", *bytes);
  auto amount = static_cast<double>(*bytes) / 1024;
  std::size_t unit = 0;
  // What would be written as 1024.0 is one of the next unit.
  while (amount >= 1023.95 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", amount, kUnits.at(unit));
}

/// "40.0s", "2m 05s", "1h 02m".
std::string duration_text(const Number& duration_ms) {
  if (!duration_ms) return "-";
  const std::int64_t seconds = *duration_ms / 1000;
  if (seconds < 60) return fmt::format("{}.{}s", seconds, *duration_ms % 1000 / 100);
  if (seconds < 3600) return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h {:02}m", seconds / 3600, seconds % 3600 / 60);
}

std::optional<Tone> tone_of(const kinds::FlowRun& run) {
  if (run.status == kinds::RunStatus::failed) return Tone::red;
  if (kinds::went_wrong(run)) return Tone::yellow;
  if (run.status == kinds::RunStatus::success) return Tone::green;
  return std::nullopt;
}

std::vector<Cell> row_of(const kinds::FlowRun& run) {
  const bool fails = run.records_failed.value_or(0) > 0;
  return {{began_text(run)},
          {duration_text(run.duration_ms())},
          {run_status(run), tone_of(run)},
          {number_text(run.records_in)},
          {number_text(run.records_out)},
          {number_text(run.records_failed), fails ? std::optional(Tone::red) : std::nullopt},
          {size_text(run.bytes_in)},
          {size_text(run.bytes_out)}};
}

std::string errors_text(const kinds::FlowRun& run) {
  std::string text;
  for (const kinds::RunError& error : run.errors) {
    std::string line = error.code;
    if (error.records) {
      line += fmt::format("{}({})", line.empty() ? "" : " ",
                          counted(static_cast<std::size_t>(*error.records), "record"));
    }
    if (!error.message.empty()) line += (line.empty() ? "" : ": ") + error.message;
    text += std::string(kErrorIndent - 2, ' ') + wrapped(line, kErrorIndent);
  }
  return text;
}

/// "failed, 1 failed record".
std::string fault_of(const kinds::FlowRun& run) {
  std::string text = run_status(run);
  if (run.records_failed.value_or(0) > 0) {
    text += ", " + counted(static_cast<std::size_t>(*run.records_failed), "failed record");
  }
  return text;
}

std::string summary_of(const std::vector<PipelineRuns>& pipelines, const Style& style) {
  std::size_t all = 0;
  std::size_t wrong = 0;
  for (const PipelineRuns& pipeline : pipelines) {
    all += pipeline.runs.size();
    for (const kinds::FlowRun& run : pipeline.runs)
      wrong += kinds::went_wrong(run) ? 1U : 0U;
  }
  if (all == 0) return {};
  const std::string shown = counted(all, "run") + " shown";
  if (wrong == 0) return painted(shown + ", none of them with failures.", Tone::bold, style) + "\n";
  return painted(fmt::format("{}, {} of them failed or with failed records.", shown, wrong),
                 Tone::bold, style) +
         "\n";
}

}  // namespace

std::string run_status(const kinds::FlowRun& run) {
  const std::string_view name = kinds::status_name(run.status);
  if (!name.empty()) return std::string(name);
  return run.status_word.empty() ? "-" : harmless(run.status_word);
}

std::string began_text(const kinds::FlowRun& run) {
  const Number began = run.began_at();
  return began ? sluice::utc_text(Millis(*began)) : "-";
}

std::string runs_text(const std::vector<PipelineRuns>& pipelines, const Style& style) {
  const std::vector<Side> sides = {Side::left,  Side::right, Side::left,  Side::right,
                                   Side::right, Side::right, Side::right, Side::right};
  std::vector<std::vector<Cell>> rows = {{{"STARTED"},
                                          {"TOOK"},
                                          {"STATUS"},
                                          {"IN"},
                                          {"OUT"},
                                          {"FAILED"},
                                          {"BYTES IN"},
                                          {"BYTES OUT"}}};
  for (const PipelineRuns& pipeline : pipelines) {
    for (const kinds::FlowRun& run : pipeline.runs)
      rows.push_back(row_of(run));
  }
  const std::vector<std::string> lines = aligned(sides, rows, style);
  std::string text;
  std::size_t line = 1;
  for (const PipelineRuns& pipeline : pipelines) {
    text += painted(harmless(pipeline.pipeline), Tone::bold, style);
    if (pipeline.runs.empty()) {
      text += ": no runs. A new flow has none until data has come in.\n\n";
      continue;
    }
    text += "\n  " + lines.front() + "\n";
    for (const kinds::FlowRun& run : pipeline.runs)
      text += "  " + lines[line++] + "\n" + errors_text(run);
    text += "\n";
  }
  const std::string summary = summary_of(pipelines, style);
  // Nothing stands behind the last empty line then.
  if (summary.empty() && !text.empty()) text.pop_back();
  return text + summary;
}

std::string run_line(const std::string& pipeline, const kinds::FlowRun& run, const Style& style) {
  const std::optional<Tone> tone = tone_of(run);
  const std::string status = run_status(run);
  std::string line = fmt::format("{} {} {}", painted(harmless(pipeline), Tone::bold, style),
                                 began_text(run), tone ? painted(status, *tone, style) : status);
  const auto add = [&line](bool told, const std::string& text) {
    if (told) line += ", " + text;
  };
  add(run.records_in.has_value(), number_text(run.records_in) + " in");
  add(run.records_out.has_value(), number_text(run.records_out) + " out");
  add(run.records_failed.has_value(), number_text(run.records_failed) + " failed");
  add(run.bytes_in.has_value(), size_text(run.bytes_in) + " in");
  add(run.bytes_out.has_value(), size_text(run.bytes_out) + " out");
  add(run.duration_ms().has_value(), "took " + duration_text(run.duration_ms()));
  for (const kinds::RunError& error : run.errors)
    add(true, harmless(error.code.empty() ? error.message : error.code));
  return line;
}

std::string wrong_runs(const std::vector<PipelineRuns>& pipelines) {
  std::vector<std::string> names;
  std::size_t more = 0;
  for (const PipelineRuns& pipeline : pipelines) {
    for (const kinds::FlowRun& run : pipeline.runs) {
      if (!kinds::went_wrong(run)) continue;
      if (names.size() == kNamedWrong) {
        ++more;
        continue;
      }
      names.push_back(fmt::format("{} {} ({})", harmless(pipeline.pipeline),
                                  run.id.empty() ? began_text(run) : harmless(run.id),
                                  fault_of(run)));
    }
  }
  if (more > 0) names.push_back(fmt::format("{} more", more));
  return joined(names);
}

}  // namespace sluice::report
