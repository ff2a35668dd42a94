#include "report/plan_parts.hpp"
#include "report/text_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sluice::report {

namespace {

constexpr std::size_t kFieldIndent = 8;

struct Look {
  std::string_view symbol;
  Tone tone;
  std::string_view legend;
};

/// How an action is shown; a forgotten entry has a word only, since nothing happens to an object.
Look look_of(Action action) {
  switch (action) {
    case Action::create:
      return {"+", Tone::green, "+ create"};
    case Action::update:
      return {"~", Tone::yellow, "~ update"};
    case Action::replace:
      return {"+/-", Tone::magenta, "+/- replace (create first, delete after)"};
    case Action::remove:
      return {"-", Tone::red, "- delete"};
    case Action::forget:
    case Action::noop:
      break;
  }
  return {"", Tone::bold, ""};
}

/// The old object's deletion is shown as a part of its replacement.
bool is_old_half(const Step& step) {
  return step.deposed && step.action == Action::remove && step.reason != Reason::replaced_before;
}

bool is_shown(const Step& step) {
  return step.action != Action::noop && !is_old_half(step);
}

bool deletes_old(const Plan& plan, const Step& replacement) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&replacement](const Step& step) {
    return is_old_half(step) && step.address == replacement.address && step.id == replacement.id;
  });
}

std::string field(std::string_view name, std::string_view value) {
  return fmt::format("{}{}: {}\n", std::string(kFieldIndent, ' '), name, value);
}

std::string heading(const Plan& plan, const Step& step, const Style& style) {
  const Look look = look_of(step.action);
  const std::string address = harmless(step.address.text());
  const std::string what = fmt::format("{}{} {}", action_name(step.action),
                                       step.deposed ? " replaced" : "", noun(step.kind));
  const std::string reason = "(" + reason_text(plan, step) + ")";
  std::string text = std::string(3 - look.symbol.size(), ' ');
  if (!look.symbol.empty()) text += painted(look.symbol, look.tone, style);
  text += " " + painted(address, Tone::bold, style) + "  " + what;
  const bool fits = 4 + width(address) + 2 + width(what) + 1 + width(reason) <= kColumns;
  return text + (fits ? " " : "\n" + std::string(kFieldIndent, ' ')) + reason + "\n";
}

/// What tells people which object it is, when nothing else in the step does.
std::string identity(const Plan& plan, const Step& step) {
  std::string id = harmless(step.id);
  if (step.action == Action::replace && deletes_old(plan, step)) id += "  (deleted afterwards)";
  std::string text = field("id", id);
  const bool renamed = std::any_of(step.changes.begin(), step.changes.end(),
                                   [](const Change& change) { return change.field == "name"; });
  if (!renamed && !step.name.empty()) text += field("name", value_text(step.name));
  return text;
}

std::string step_text(const Plan& plan, const Step& step, const Style& style) {
  std::string text = heading(plan, step, style);
  if (step.action == Action::create) {
    text += created_fields(step.after);
  } else {
    text += identity(plan, step);
    for (const Change& change : step.changes)
      text += change_lines(step, change, style);
  }
  if (!step.note.empty()) {
    text += std::string(kFieldIndent - 2, ' ') + painted("!", Tone::yellow, style) + " " +
            wrapped(step.note, kFieldIndent);
  }
  return text;
}

std::string steps_text(const Plan& plan, const Style& style) {
  std::string legend;
  std::string text;
  for (const Action action : {Action::create, Action::update, Action::replace, Action::remove}) {
    const bool used = std::any_of(plan.steps.begin(), plan.steps.end(), [action](const Step& step) {
      return is_shown(step) && step.action == action;
    });
    if (used) legend += fmt::format("{}{}", legend.empty() ? "" : ", ", look_of(action).legend);
  }
  if (!legend.empty()) text += "Symbols: " + legend + "\n\n";
  for (const Step& step : plan.steps) {
    if (is_shown(step)) text += step_text(plan, step, style) + "\n";
  }
  return text;
}

std::string clashes_text(const Plan& plan, const Style& style) {
  if (plan.clashes.empty()) return {};
  std::string text = painted("Warning:", Tone::yellow, style) +
                     " the platform has objects of the same name already, and this state\n"
                     "does not own them:\n\n";
  for (const NameClash& clash : plan.clashes) {
    text += fmt::format("    {}\n", painted(harmless(clash.address.text()), Tone::bold, style));
    text += field(noun(clash.kind), value_text(clash.name));
    for (const std::string& id : clash.ids)
      text += field("id", harmless(id));
    text += "\n";
  }
  return text +
         wrapped(
             "Apply will refuse this plan, so that nothing is made twice. If these objects are "
             "what the spec means, take them over: `sluice import ADDRESS ID`. If nobody needs "
             "them, "
             "delete them by their ids. If another state manages them, choose another name in "
             "the spec. To make one more of the same name all the same, give "
             "--allow-duplicate-names.",
             0) +
         "\n";
}

std::string no_changes(const Plan& plan) {
  switch (plan.mode) {
    case PlanMode::destroy:
      return "No changes. The state holds nothing to destroy.";
    case PlanMode::refresh_only:
      return plan.refreshed ? "No changes. The platform matches the state."
                            : "No changes. The platform was not read.";
    case PlanMode::normal:
      break;
  }
  return plan.refreshed ? "No changes. The platform matches the spec."
                        : "No changes. The state matches the spec; the platform was not read.";
}

std::string_view opening(PlanMode mode) {
  switch (mode) {
    case PlanMode::destroy:
      return "Sluice will delete from ";
    case PlanMode::refresh_only:
      return "Sluice will only record ";
    case PlanMode::normal:
      break;
  }
  return "Sluice will change ";
}

}  // namespace

std::string plan_text(const Plan& plan, const Style& style) {
  const std::string place = place_text(plan.place, plan.spec_name, plan.environment);
  if (!plan.has_changes()) {
    return drifted_fields(plan, DriftFate::told, style) +
           painted(no_changes(plan), Tone::green, style) + "\nPlanned for " + place + ".\n";
  }
  std::string text = fmt::format("{}{}:\n\n", opening(plan.mode), place);
  if (!plan.refreshed) {
    text += wrapped("The platform was not read: this plan believes what the state says.", 0) + "\n";
  }
  text += drifted_fields(plan, DriftFate::told, style) + steps_text(plan, style) +
          clashes_text(plan, style);
  if (plan.mode == PlanMode::refresh_only) {
    text +=
        wrapped("Apply records this in the state and changes nothing on the platform.", 0) + "\n";
  }
  return text + painted(summary_line(plan), Tone::bold, style) + "\n";
}

std::string import_command(const NameClash& clash) {
  const std::string address = harmless(clash.address.text());
  // The key of an instance stands in quotes, which a shell would take for its own.
  const bool quoted = address.find_first_of("\"[") != std::string::npos;
  return fmt::format("sluice import {}{}{} {}", quoted ? "'" : "", address, quoted ? "'" : "",
                     clash.ids.empty() ? "ID" : harmless(clash.ids.front()));
}

std::string summary_line(const Plan& plan) {
  const PlanCounts counts = count(plan);
  std::string text = fmt::format("Plan: {} to create, {} to update, {} to replace, {} to delete",
                                 counts.create, counts.update, counts.replace, counts.remove);
  if (counts.forget > 0) text += fmt::format(", {} to forget", counts.forget);
  return text + ".";
}

}  // namespace sluice::report
