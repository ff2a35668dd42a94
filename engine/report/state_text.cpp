#include "report/plan_parts.hpp"
#include "report/text_parts.hpp"

#include <fmt/format.h>

namespace sluice::report {

namespace {

std::string line(std::string_view name, std::string_view value) {
  return fmt::format("  {}: {}\n", name, value);
}

std::string pending_text(const State& state, const Style& style) {
  if (state.pending.empty()) return {};
  std::string text = "\n" + painted("Calls whose outcome is not known", Tone::yellow, style) +
                     " (the next apply looks them up first):\n";
  for (const auto& [op, intent] : state.pending) {
    text += fmt::format("  {} {}", harmless(intent.action), harmless(intent.address.text()));
    if (!intent.id.empty()) text += ", id " + harmless(intent.id);
    if (!intent.name.empty()) text += ", name " + value_text(intent.name);
    if (!intent.since.empty()) text += ", since " + harmless(intent.since);
    text += "\n";
  }
  return text;
}

std::string deposed_text(const Deposed& deposed) {
  std::string text = fmt::format("        replaced, not deleted yet: {} {}\n", noun(deposed.kind),
                                 harmless(deposed.id));
  if (!deposed.since.empty()) text += "          since: " + harmless(deposed.since) + "\n";
  if (!deposed.reason.empty()) text += "          reason: " + harmless(deposed.reason) + "\n";
  return text;
}

}  // namespace

std::string record_text(const Record& record, const Style& style) {
  std::string text =
      fmt::format("    {}  {}\n", painted(harmless(record.address.text()), Tone::bold, style),
                  noun(record.kind));
  const std::string indent(8, ' ');
  if (!record.id.empty()) text += indent + "id: " + harmless(record.id) + "\n";
  if (!record.name.empty() && !record.inputs.contains("name")) {
    text += indent + "name: " + value_text(record.name) + "\n";
  }
  text += created_fields(record.inputs);
  for (const auto& [name, value] : record.facts.items()) {
    text += fmt::format("{}{}: {}  (told by the platform)\n", indent, harmless(name),
                        value_text(value));
  }
  if (!record.depends_on.empty()) {
    std::vector<std::string> needs;
    for (const Address& need : record.depends_on)
      needs.push_back(harmless(need.text()));
    text += indent + "built on: " + wrapped(joined(needs), indent.size() + 10);
  }
  if (record.protect) text += indent + "protected: a plan that would destroy it is refused\n";
  for (const Deposed& deposed : record.deposed)
    text += deposed_text(deposed);
  return text;
}

std::string state_text(const State& state, const Style& style) {
  if (state.lineage.empty()) return "There is no state yet: nothing has been applied.\n";
  std::string text =
      painted("State of " + harmless(state.spec_name), Tone::bold, style) +
      (state.environment.empty() ? "" : ", environment " + harmless(state.environment)) + "\n";
  text += line("place",
               "sandbox " + harmless(state.place.sandbox) + " of " + harmless(state.place.org));
  text += line("endpoint", harmless(state.place.endpoint));
  text += line("lineage", harmless(state.lineage));
  text += line("serial", std::to_string(state.serial));
  if (!state.applied_plan.empty()) text += line("last plan applied", harmless(state.applied_plan));
  if (!state.applied_by.empty()) text += line("applied by", harmless(state.applied_by));
  text += pending_text(state, style);
  if (state.records.empty()) return text + "\nIt holds no resources.\n";
  for (const auto& [address, record] : state.records)
    text += "\n" + record_text(record, style);
  return text;
}

}  // namespace sluice::report
