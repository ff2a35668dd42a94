#include "report/plan_parts.hpp"
#include "report/text_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace sluice::report {

namespace {

constexpr std::size_t kDriftIndent = 8;

bool is_gone(const Step& step) {
  return step.action == Action::forget && step.reason == Reason::gone;
}

std::string gone_text(const Plan& plan, const Style& style) {
  std::string text;
  for (const Step& step : plan.steps) {
    if (!is_gone(step)) continue;
    if (text.empty()) {
      text =
          painted("Deleted outside of the spec since the last apply:", Tone::bold, style) + "\n\n";
    }
    text += fmt::format(
        "    {}\n{}{} {}, id {}\n", painted(harmless(step.address.text()), Tone::bold, style),
        std::string(kDriftIndent, ' '), noun(step.kind), value_text(step.name), harmless(step.id));
  }
  return text.empty() ? text : text + "\n";
}

}  // namespace

std::string drifted_fields(const Plan& plan, DriftFate fate, const Style& style) {
  if (plan.drift.empty()) return {};
  std::string text =
      painted("Changed outside of the spec since the last apply:", Tone::bold, style) + "\n\n";
  std::optional<std::pair<Address, std::string>> last;
  for (const Drift& drift : plan.drift) {
    const std::pair object(drift.address, drift.deposed);
    if (last != object) {
      if (last) text += "\n";
      text += "    " + painted(harmless(drift.address.text()), Tone::bold, style) + "\n";
      if (!drift.deposed.empty()) {
        text += fmt::format("{}what was replaced, id {}\n", std::string(kDriftIndent, ' '),
                            harmless(drift.deposed));
      }
      const std::string when = utc_text(drift.updated_at);
      const std::string by = drift.updated_by.empty() ? "" : " by " + harmless(drift.updated_by);
      if (!when.empty() || !by.empty()) {
        text += fmt::format("{}last changed{}{}\n", std::string(kDriftIndent, ' '), by,
                            when.empty() ? "" : " at " + when);
      }
      last = object;
    }
    text += drift_lines(drift, fate == DriftFate::told ? drift_fate(plan, drift) : "", style);
  }
  return text + "\n";
}

bool has_drift(const Plan& plan) {
  return !plan.drift.empty() || std::any_of(plan.steps.begin(), plan.steps.end(), is_gone);
}

std::string drift_text(const Plan& plan, const Style& style) {
  const std::string place = place_text(plan.place, plan.spec_name, plan.environment);
  if (plan.steps.empty()) {
    return "No drift: the state holds nothing that could have changed.\nLooked at " + place + ".\n";
  }
  if (!has_drift(plan)) {
    return painted("No drift. The platform matches the state.", Tone::green, style) +
           "\nLooked at " + place + ".\n";
  }
  std::set<std::pair<Address, std::string>> changed;
  for (const Drift& drift : plan.drift)
    changed.emplace(drift.address, drift.deposed);
  const auto gone = std::count_if(plan.steps.begin(), plan.steps.end(), is_gone);
  const std::string summary = fmt::format(
      "Drift: {} of {} changed, {} deleted.", counted(plan.drift.size(), "field"),
      counted(changed.size(), "object"), counted(static_cast<std::size_t>(gone), "object"));
  return "Drift in " + place + ":\n\n" + drifted_fields(plan, DriftFate::untold, style) +
         gone_text(plan, style) + painted(summary, Tone::bold, style) + "\n";
}

}  // namespace sluice::report
