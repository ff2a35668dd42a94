#include "spec/variables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <vector>

namespace sluice::spec {

namespace {

constexpr std::size_t kValueMax = 4096;

/// The compiler of patterns recurses with their length.
constexpr std::size_t kPatternMax = 1024;

const Shape& variable_shape() {
  static const Shape shape = {"a variable", {"default", "allowed", "pattern", "description"}};
  return shape;
}

const char* name_of(Origin origin) {
  switch (origin) {
    case Origin::by_default:
      return "its default";
    case Origin::environment:
      return "the environment";
    case Origin::flag:
      return "--var";
  }
  return "";
}

/// A text of a declaration. References would make the order of variables matter.
std::optional<std::string> declared_text(const Entry& entry, Messages& messages) {
  std::optional<std::string> text = raw_text(entry, Breaks::refused, messages);
  if (!text || text->find("${") == std::string::npos) return text;
  messages.error(entry.value->place,
                 fmt::format("{} of a variable holds a reference", shown(entry.key->text)),
                 "A variable is a text of its own; put the reference where the variable is used.");
  return std::nullopt;
}

std::optional<std::regex> compile(const std::string& pattern) {
  if (pattern.size() > kPatternMax) return std::nullopt;
  auto flags = std::regex::ECMAScript;
#ifdef __GLIBCXX__
  // The default matcher takes exponential time for some patterns, and a deep stack for most.
  flags |= std::regex_constants::__polynomial;
#endif
  try {
    return std::regex(pattern, flags);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

class VariableReader {
 public:
  VariableReader(const Options& options, Messages& messages)
      : options_(options), messages_(messages) {}

  std::optional<VariableValue> read(const Entry& variable);

 private:
  std::optional<VariableValue> choose(const Entry& variable, const Entries& entries);
  bool check_text(const VariableValue& value);
  void check_allowed(const VariableValue& value, const Entry& allowed);
  void check_pattern(const VariableValue& value, const Entry& entry);
  void wrong(const VariableValue& value, const std::string& why, const std::string& detail);

  const Options& options_;
  Messages& messages_;
  std::string name_;
  Place place_;  // Of the value in hand, or of the variable when that comes from outside.
};

std::optional<VariableValue> VariableReader::read(const Entry& variable) {
  name_ = variable.key->text;
  if (variable.value->kind == Node::Kind::text) {
    messages_.error(variable.value->place, fmt::format("Variable `{}` is a text", name_),
                    fmt::format("Write `{}: {{default: ...}}`.", name_));
    return std::nullopt;
  }
  const Entries entries = entries_of(*variable.value, variable_shape(), messages_);
  if (const Entry entry = entry_of(entries, "description")) {
    raw_text(entry, Breaks::allowed, messages_);
  }
  std::optional<VariableValue> value = choose(variable, entries);
  if (!value || !check_text(*value)) return std::nullopt;
  if (const Entry allowed = entry_of(entries, "allowed")) check_allowed(*value, allowed);
  if (const Entry pattern = entry_of(entries, "pattern")) check_pattern(*value, pattern);
  return value;
}

std::optional<VariableValue> VariableReader::choose(const Entry& variable, const Entries& entries) {
  place_ = variable.key->place;
  const Entry fallback = entry_of(entries, "default");
  std::optional<std::string> default_text;
  if (fallback) default_text = declared_text(fallback, messages_);
  if (const auto flag = options_.flags.find(name_); flag != options_.flags.end()) {
    return VariableValue{flag->second, Origin::flag};
  }
  if (const auto set = options_.environment.find(name_); set != options_.environment.end()) {
    return VariableValue{set->second, Origin::environment};
  }
  if (fallback) {
    place_ = fallback.value->place;
    if (!default_text) return std::nullopt;
    return VariableValue{*default_text, Origin::by_default};
  }
  messages_.error(place_, fmt::format("Variable `{}` has no value", name_),
                  fmt::format("Give it one with `--var {}=...` or SLUICE_VAR_{}.", name_, name_));
  return std::nullopt;
}

bool VariableReader::check_text(const VariableValue& value) {
  if (value.text.size() > kValueMax) {
    wrong(value, fmt::format("is longer than {} bytes", kValueMax), "Shorten it.");
    return false;
  }
  const bool clean = find_invalid_utf8(value.text) == std::string::npos &&
                     find_control(value.text, Breaks::refused) == std::string::npos;
  if (!clean) wrong(value, "is not plain text", "It must be one line of UTF-8 text without tabs.");
  return clean;
}

void VariableReader::check_allowed(const VariableValue& value, const Entry& allowed) {
  const std::vector<Node>* items = list_of(*allowed.value, "`allowed`", "texts", messages_);
  if (items == nullptr) return;
  std::vector<std::string> texts;
  for (const Node& item : *items) {
    const std::optional<std::string> text = declared_text({allowed.key, &item}, messages_);
    if (!text) return;
    texts.push_back(*text);
  }
  if (std::find(texts.begin(), texts.end(), value.text) != texts.end()) return;
  wrong(value, "is not one of those allowed", messages_.suggestion(value.text, texts));
}

void VariableReader::check_pattern(const VariableValue& value, const Entry& entry) {
  // Not `declared_text`: `${` is part of the language of patterns.
  const std::optional<std::string> pattern = raw_text(entry, Breaks::refused, messages_);
  if (!pattern) return;
  const std::optional<std::regex> regex = compile(*pattern);
  if (!regex) {
    messages_.error(entry.value->place,
                    fmt::format("{} is not a pattern that can be used", shown(*pattern)),
                    fmt::format("A pattern is a regular expression of at most {} bytes, without "
                                "back-references.",
                                kPatternMax));
    return;
  }
  if (!std::regex_match(value.text, *regex)) {
    wrong(value, fmt::format("does not match the pattern {}", shown(*pattern)),
          "The pattern must match the whole value.");
  }
}

void VariableReader::wrong(const VariableValue& value, const std::string& why,
                           const std::string& detail) {
  messages_.error(place_,
                  fmt::format("The value {} of variable `{}`, from {}, {}", shown(value.text),
                              name_, name_of(value.origin), why),
                  detail);
}

}  // namespace

std::map<std::string, VariableValue> read_variables(const Document& document,
                                                    const Options& options, Messages& messages) {
  std::map<std::string, VariableValue> result;
  VariableReader reader(options, messages);
  std::vector<std::string> names;
  for (const auto& [name, entry] : document.variables) {
    names.emplace_back(name);
    if (auto value = reader.read(entry)) result.emplace(name, std::move(*value));
  }
  if (!document.is_whole) return result;
  for (const auto& [name, text] : options.flags) {
    if (document.variables.contains(name)) continue;
    messages.error_outside(
        fmt::format("--var {} names no variable of the spec", shown(name)),
        names.empty() ? "The spec declares no variables." : messages.suggestion(name, names));
  }
  return result;
}

}  // namespace sluice::spec
