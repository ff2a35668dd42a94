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

/// An address as it may stand in YAML's flow style.
std::string quoted(const std::string& address) {
  const std::string text = harmless(address);
  return text.find('[') == std::string::npos ? text : "'" + text + "'";
}

/// An address as a shell takes it: the key of an instance stands in quotes, which a shell would
/// take for its own.
std::string shell_word(const std::string& address) {
  return address.find_first_of("\"[") == std::string::npos ? address : "'" + address + "'";
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
  std::string lost;
  for (const NameClash& clash : plan.clashes) {
    if (!clash.lost_create) continue;
    lost += wrapped(fmt::format("An earlier run may have made what is at {}: its create was sent, "
                                "and the answer lost. Choose with `sluice apply --adopt {}=ID`.",
                                harmless(clash.address.text()),
                                shell_word(harmless(clash.address.text()))),
                    0) +
            "\n";
  }
  text += lost;
  const bool are_all_lost = std::all_of(plan.clashes.begin(), plan.clashes.end(),
                                        [](const NameClash& clash) { return clash.lost_create; });
  if (are_all_lost) return text;
  std::string advice = "Apply will refuse this plan, so that nothing is made twice. ";
  if (!importable(plan).empty()) {
    advice +=
        "If these objects are what the spec means, take them over: `sluice import ADDRESS ID`. ";
  }
  advice +=
      "If nobody needs them, delete them by their ids. If another state manages them, choose "
      "another name in the spec. To make one more of the same name all the same, give "
      "--allow-duplicate-names.";
  return text + wrapped(advice, 0) + "\n";
}

std::string unready_text(const Plan& plan, const Style& style) {
  if (plan.unready.empty()) return {};
  std::string text =
      painted("Warning:", Tone::yellow, style) + " the platform has not made ready:\n\n";
  for (const Unready& item : plan.unready) {
    text += fmt::format("    {}\n", painted(harmless(item.address.text()), Tone::bold, style));
    text += std::string(kFieldIndent, ' ') +
            wrapped(fmt::format("{} {}: the platform says that {}", noun(item.kind),
                                harmless(item.id), harmless(item.what)),
                    kFieldIndent);
  }
  return text + "\n";
}

std::string moves_text(const Plan& plan, const Style& style) {
  std::string text;
  for (const Relocation& move : plan.moves) {
    text += fmt::format("    {} was {}\n", painted(harmless(move.to.text()), Tone::bold, style),
                        harmless(move.from.text()));
  }
  return text.empty() ? text
                      : painted("Moved in the spec:", Tone::bold, style) + "\n\n" + text + "\n";
}

std::string kept_text(const Plan& plan, const Style& style) {
  if (plan.kept.empty()) return {};
  std::string text = painted("Kept, on the platform and in the state:", Tone::bold, style) + "\n\n";
  for (const Kept& item : plan.kept) {
    text +=
        fmt::format("    {}  {} {}\n", painted(harmless(item.address.text()), Tone::bold, style),
                    noun(item.kind), value_text(item.name));
    text += std::string(kFieldIndent, ' ') + wrapped(item.because, kFieldIndent);
  }
  return text + "\n";
}

std::string renames_text(const Plan& plan, const Style& style) {
  std::string text;
  for (const Relocation& rename : plan.renames) {
    text +=
        painted("Note:", Tone::yellow, style) + " " +
        wrapped(fmt::format("{} is to go, and {} like it is to be made. If this is a rename, say "
                            "so in the spec, and nothing is replaced:",
                            whole_of(rename.from), whole_of(rename.to)),
                6) +
        fmt::format("        moved: [{{from: {}, to: {}}}]\n\n", quoted(whole_of(rename.from)),
                    quoted(whole_of(rename.to)));
  }
  return text;
}

/// Data that is gone cannot be had back, so it is said where nobody overlooks it.
std::string data_loss_text(const Plan& plan, const Style& style) {
  std::string text;
  for (const Step& step : plan.steps) {
    if (step.action != Action::remove || step.kind != "dataset") continue;
    text +=
        "    " +
        painted(harmless(step.address.text()) + " (" + harmless(step.id) + ")", Tone::red, style) +
        "\n";
  }
  if (text.empty()) return text;
  return painted("The data of these datasets is destroyed for good:", Tone::red, style) + "\n\n" +
         text + "\n";
}

std::string no_changes(const Plan& plan) {
  switch (plan.mode) {
    case PlanMode::destroy:
      return plan.kept.empty() ? "No changes. The state holds nothing to destroy."
                               : "No changes. The state holds nothing that may be destroyed.";
    case PlanMode::refresh_only:
      return plan.refreshed ? "No changes. The platform matches the state."
                            : "No changes. The platform was not read.";
    case PlanMode::normal:
      break;
  }
  if (!plan.unready.empty()) return "No changes. What is not ready is for the platform to do.";
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
    return drifted_fields(plan, DriftFate::told, style) + unready_text(plan, style) +
           kept_text(plan, style) + painted(no_changes(plan), Tone::green, style) +
           "\nPlanned for " + place + ".\n";
  }
  std::string text = fmt::format("{}{}:\n\n", opening(plan.mode), place);
  if (!plan.refreshed) {
    text += wrapped("The platform was not read: this plan believes what the state says.", 0) + "\n";
  }
  text += drifted_fields(plan, DriftFate::told, style) + moves_text(plan, style) +
          steps_text(plan, style) + unready_text(plan, style) + kept_text(plan, style) +
          renames_text(plan, style) + data_loss_text(plan, style) + clashes_text(plan, style);
  if (plan.mode == PlanMode::refresh_only) {
    text +=
        wrapped("Apply records this in the state and changes nothing on the platform.", 0) + "\n";
  }
  return text + painted(summary_line(plan), Tone::bold, style) + "\n";
}

std::string import_command(const NameClash& clash) {
  return fmt::format("sluice import {} {}", shell_word(harmless(clash.address.text())),
                     clash.ids.empty() ? "ID" : harmless(clash.ids.front()));
}

std::vector<const NameClash*> importable(const Plan& plan) {
  std::set<Address> replaced;
  for (const Step& step : plan.steps) {
    if (step.action == Action::replace) replaced.insert(step.address);
  }
  std::vector<const NameClash*> result;
  for (const NameClash& clash : plan.clashes) {
    if (!clash.lost_create && !replaced.contains(clash.address)) result.push_back(&clash);
  }
  return result;
}

std::string summary_line(const Plan& plan) {
  const PlanCounts counts = count(plan);
  std::string text = fmt::format("Plan: {} to create, {} to update, {} to replace, {} to delete",
                                 counts.create, counts.update, counts.replace, counts.remove);
  if (counts.forget > 0) text += fmt::format(", {} to forget", counts.forget);
  if (!plan.moves.empty()) text += fmt::format(", {} moved", plan.moves.size());
  return text + ".";
}

}  // namespace sluice::report
