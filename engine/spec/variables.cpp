#include "spec/variables.hpp"

#include "core/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <vector>

namespace sluice::spec {

namespace {

constexpr std::size_t kValueMax = 4096;

/// The compiler of patterns recurses with their length.
constexpr std::size_t kPatternMax = 1024;

const char* name_of(Origin origin) {
  switch (origin) {
    case Origin::by_default:
      return "its default";
    case Origin::spec_environment:
      return "the chosen environment";
    case Origin::var_file:
      return "a file of values";
    case Origin::environment:
      return "the environment";
    case Origin::flag:
      return "--var";
  }
  return "";
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

bool looks_like(const std::string& type, const std::string& text) {
  if (type == "boolean") return text == "true" || text == "false";
  return type != "number" || is_number(text);
}

class VariableReader {
 public:
  VariableReader(const ValueSources& sources, const Entries& files, Messages& messages)
      : sources_(sources), files_(files), messages_(messages) {}

  std::optional<VariableValue> read(const Entry& variable);

 private:
  std::optional<VariableValue> choose(const Entries& entries);
  std::optional<VariableValue> choose_in_spec(const Entries& entries);
  std::string read_type(const Entries& entries);
  bool check_text(const VariableValue& value);
  void check_type(const VariableValue& value, const std::string& type);
  void check_allowed(const VariableValue& value, const Entry& allowed);
  void check_pattern(const VariableValue& value, const Entry& entry);
  void wrong(const VariableValue& value, const std::string& why, const std::string& detail);

  const ValueSources& sources_;
  const Entries& files_;
  Messages& messages_;
  std::string name_;
  bool sensitive_ = false;
  Place place_;  // Of the value in hand, or of the variable when that comes from outside.
};

std::optional<VariableValue> VariableReader::read(const Entry& variable) {
  name_ = variable.key->text;
  place_ = variable.key->place;
  if (variable.value->kind == Node::Kind::text) {
    messages_.error(variable.value->place, fmt::format("Variable `{}` is a text", name_),
                    fmt::format("Write `{}: {{default: ...}}`.", name_));
    return std::nullopt;
  }
  const Entries entries = entries_of(*variable.value, shape_of("variable"), messages_);
  if (const Entry entry = entry_of(entries, "description")) {
    raw_text(entry, Breaks::allowed, messages_);
  }
  sensitive_ = boolean(entry_of(entries, "sensitive"), false, messages_);
  const std::string type = read_type(entries);
  std::optional<VariableValue> value = choose(entries);
  if (!value || !check_text(*value)) return std::nullopt;
  value->sensitive = sensitive_;
  check_type(*value, type);
  if (const Entry allowed = entry_of(entries, "allowed")) check_allowed(*value, allowed);
  if (const Entry pattern = entry_of(entries, "pattern")) check_pattern(*value, pattern);
  return value;
}

std::string VariableReader::read_type(const Entries& entries) {
  const Entry entry = entry_of(entries, "type");
  if (!entry) return "string";
  const std::optional<std::string> type = raw_text(entry, Breaks::refused, messages_);
  const std::vector<std::string> known = {"string", "number", "boolean"};
  if (!type || std::find(known.begin(), known.end(), *type) != known.end()) {
    return type.value_or("string");
  }
  messages_.error(entry.value->place, fmt::format("A variable cannot be a {}", shown(*type)),
                  messages_.suggestion(*type, known));
  return "string";
}

std::optional<VariableValue> VariableReader::choose(const Entries& entries) {
  const std::optional<VariableValue> in_spec = choose_in_spec(entries);
  const Options& options = sources_.options;
  if (const auto flag = options.flags.find(name_); flag != options.flags.end()) {
    if (!sensitive_) return VariableValue{flag->second, Origin::flag};
    messages_.error_outside(
        fmt::format("--var {} gives the value of a sensitive variable", shown(name_)),
        fmt::format("It would be seen in the list of processes; set SLUICE_VAR_{} or use "
                    "`--var-file`.",
                    name_));
    return std::nullopt;
  }
  if (const auto set = options.environment.find(name_); set != options.environment.end()) {
    return VariableValue{set->second, Origin::environment};
  }
  if (const Entry entry = entry_of(files_, name_)) {
    place_ = entry.value->place;
    const auto text = raw_text(entry, Breaks::refused, messages_);
    if (!text) return std::nullopt;
    return VariableValue{*text, Origin::var_file};
  }
  const Entry chosen = entry_of(sources_.environment, name_);
  if (const Entry entry = chosen ? chosen : entry_of(entries, "default")) {
    place_ = entry.value->place;
    return in_spec;
  }
  messages_.error(
      place_, fmt::format("Variable `{}` has no value", name_),
      sensitive_ ? fmt::format("Give it one with SLUICE_VAR_{} or `--var-file`.", name_)
                 : fmt::format("Give it one with `--var {}=...` or SLUICE_VAR_{}.", name_, name_));
  return std::nullopt;
}

/// The value that the spec itself gives. A secret may not stand in it, since specs are kept in git.
std::optional<VariableValue> VariableReader::choose_in_spec(const Entries& entries) {
  std::optional<VariableValue> result;
  const Entry fallback = entry_of(entries, "default");
  const Entry chosen = entry_of(sources_.environment, name_);
  for (const Entry& entry : {fallback, chosen}) {
    if (!entry) continue;
    if (sensitive_) {
      messages_.error_without_line(
          entry.key->place,
          fmt::format("The value of sensitive variable `{}` stands in the spec", name_),
          fmt::format("Take it out, and give it with SLUICE_VAR_{} or `--var-file`.", name_));
      continue;
    }
    const bool is_default = entry.value == fallback.value;
    const std::optional<std::string> text = declared_text(entry, messages_);
    result.reset();
    if (text) {
      result = VariableValue{*text, is_default ? Origin::by_default : Origin::spec_environment};
    }
  }
  return result;
}

bool VariableReader::check_text(const VariableValue& value) {
  if (value.text.size() > kValueMax) {
    wrong(value, fmt::format("is longer than {} bytes", kValueMax), "Shorten it.");
    return false;
  }
  const bool clean = find_invalid_utf8(value.text) == std::string::npos &&
                     find_control(value.text, Breaks::refused) == std::string::npos;
  if (!clean) wrong(value, "is not plain text", "It must be one line of UTF-8 text without tabs.");
  const bool can_hide = !sensitive_ || value.text.empty() || value.text.size() >= kSecretBytesMin;
  if (!can_hide) {
    wrong(value, fmt::format("is shorter than {} bytes", kSecretBytesMin),
          "So short a secret stands in ordinary words, and could not be taken out of messages "
          "without them. Use a longer one, or do not call it sensitive.");
  }
  return clean && can_hide;
}

void VariableReader::check_type(const VariableValue& value, const std::string& type) {
  if (looks_like(type, value.text)) return;
  wrong(value, fmt::format("is not a {}", type),
        type == "number" ? "Write it in decimal, such as `12` or `0.5`."
                         : "Write `true` or `false`.");
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
  wrong(value, "is not one of those allowed",
        sensitive_ ? "" : messages_.suggestion(value.text, texts));
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
  const std::string text = sensitive_ ? "" : " " + shown(value.text);
  messages_.error(place_,
                  fmt::format("The value{} of variable `{}`, from {}, {}", text, name_,
                              name_of(value.origin), why),
                  detail);
}

std::vector<std::string> declared_names(const Document& document) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : document.variables)
    names.emplace_back(name);
  return names;
}

std::string advice_for(const Document& document, std::string_view name, const Messages& messages) {
  const std::vector<std::string> names = declared_names(document);
  return names.empty() ? "The spec declares no variables." : messages.suggestion(name, names);
}

Entries entries_of_files(const Document& document, const ValueSources& sources,
                         Messages& messages) {
  Entries result;
  for (const std::optional<Node>& root : sources.value_files) {
    if (!root) continue;
    for (const auto& [name, entry] : all_entries(*root, "a file of values", messages)) {
      check_declared(document, *entry.key, messages);
      result[name] = entry;
    }
  }
  return result;
}

}  // namespace

std::optional<std::string> declared_text(const Entry& entry, Messages& messages) {
  std::optional<std::string> text = raw_text(entry, Breaks::refused, messages);
  if (!text || text->find("${") == std::string::npos) return text;
  messages.error(entry.value->place,
                 fmt::format("{} of a variable holds a reference", shown(entry.key->text)),
                 "A variable is a text of its own; put the reference where the variable is used.");
  return std::nullopt;
}

void check_declared(const Document& document, const Node& name, Messages& messages) {
  if (document.variables.contains(name.text) || !document.is_whole) return;
  messages.error(name.place, fmt::format("There is no variable {}", shown(name.text)),
                 advice_for(document, name.text, messages));
}

std::map<std::string, VariableValue> read_variables(const Document& document,
                                                    const ValueSources& sources,
                                                    Messages& messages) {
  std::map<std::string, VariableValue> result;
  const Entries files = entries_of_files(document, sources, messages);
  VariableReader reader(sources, files, messages);
  for (const auto& [name, entry] : document.variables) {
    if (auto value = reader.read(entry)) result.emplace(name, std::move(*value));
  }
  if (!document.is_whole) return result;
  for (const auto& [name, text] : sources.options.flags) {
    if (document.variables.contains(name)) continue;
    messages.error_outside(fmt::format("--var {} names no variable of the spec", shown(name)),
                           advice_for(document, name, messages));
  }
  return result;
}

}  // namespace sluice::spec
