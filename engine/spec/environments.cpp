#include "spec/environments.hpp"

#include "spec/variables.hpp"

#include <fmt/format.h>

#include <vector>

namespace sluice::spec {

namespace {

/// What the names of the embedded platform's states end in.
constexpr std::string_view kLocal = "local";

ChosenEnvironment read_one(const Document& document, const Entry& entry, Messages& messages) {
  ChosenEnvironment result;
  result.environment.name = entry.key->text;
  const Entries entries = entries_of(*entry.value, shape_of("environment"), messages);
  result.environment.protect = boolean(entry_of(entries, "protect"), false, messages);
  if (const Entry description = entry_of(entries, "description")) {
    raw_text(description, Breaks::allowed, messages);
  }
  const Entry variables = entry_of(entries, "variables");
  if (!variables) return result;
  result.variables = all_entries(*variables.value, "`variables`", messages);
  for (const auto& [name, value] : result.variables) {
    check_declared(document, *value.key, messages);
    declared_text(value, messages);
  }
  return result;
}

}  // namespace

ChosenEnvironment read_environments(const Document& document, const std::string& name,
                                    Messages& messages) {
  ChosenEnvironment chosen;
  std::vector<std::string> names;
  for (const auto& [key, entry] : document.environments) {
    if (key == kLocal) {
      messages.error(entry.key->place, "An environment cannot be called `local`",
                     "The states of the embedded platform are; call it otherwise.");
    }
    names.emplace_back(key);
    ChosenEnvironment one = read_one(document, entry, messages);
    if (key == name) chosen = std::move(one);
  }
  if (name.empty() || !chosen.environment.name.empty() || !document.is_whole) return chosen;
  // The one that is meant may be among those whose keys were refused.
  if (names.empty() && messages.failed()) return chosen;
  messages.error_outside(
      fmt::format("--env {} names no environment of the spec", shown(name)),
      names.empty() ? "The spec declares no environments." : messages.suggestion(name, names));
  return chosen;
}

}  // namespace sluice::spec
