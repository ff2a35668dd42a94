#include "spec/interpolation.hpp"

#include "spec/later_features.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::spec {

namespace {

constexpr std::string_view kOpen = "${";
constexpr std::string_view kEscapedOpen = "$${";
constexpr const char* kForms =
    "`${...}` holds `var.NAME` or `pipelines.KEY.PART.ATTRIBUTE` and nothing else; `$${` is a "
    "literal `${`.";

std::vector<std::string> words_of(const std::string& inner) {
  std::vector<std::string> words(1);
  for (const char c : inner) {
    if (c == '.') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

const KindRules* rules_of_part(const Catalogue& catalogue, const std::string& part) {
  const auto found = std::find_if(catalogue.kinds.begin(), catalogue.kinds.end(),
                                  [&part](const auto& kind) { return kind.second.part == part; });
  return found == catalogue.kinds.end() ? nullptr : &found->second;
}

std::vector<std::string> parts_of(const Catalogue& catalogue) {
  std::vector<std::string> result;
  for (const auto& [kind, rules] : catalogue.kinds)
    result.push_back(rules.part);
  return result;
}

std::vector<std::string> keys_of(const Entries& entries) {
  std::vector<std::string> result;
  for (const auto& [key, entry] : entries)
    result.emplace_back(key);
  return result;
}

/// Puts a text behind the pieces so far, so that no two texts stand side by side.
void append(std::vector<Json>& pieces, const std::string& text) {
  if (text.empty()) return;
  if (pieces.empty() || !pieces.back().is_string()) {
    pieces.emplace_back(text);
  } else {
    pieces.back().get_ref<std::string&>() += text;
  }
}

Json joined(const std::vector<Json>& pieces) {
  if (pieces.empty()) return "";
  if (pieces.size() == 1) return pieces.front();
  return {{"$join", pieces}};
}

}  // namespace

Interpolator::Interpolator(const Document& document,
                           const std::map<std::string, VariableValue>& variables,
                           const Catalogue& catalogue, Messages& messages)
    : document_(document), variables_(variables), catalogue_(catalogue), messages_(messages) {
}

std::optional<std::string> Interpolator::known_text(const Entry& entry, Breaks breaks) const {
  const std::optional<std::vector<Json>> found = pieces(entry, breaks);
  if (!found) return std::nullopt;
  if (found->empty()) return std::string();
  for (const Json& piece : *found) {
    if (piece.is_string()) continue;
    messages_.error(entry.value->place,
                    fmt::format("{} refers to {}, which is not known when a plan is made",
                                shown(entry.key->text), shown(as_reference(piece)->text())),
                    "Only variables may be used here.");
    return std::nullopt;
  }
  return found->front().get<std::string>();
}

std::optional<Json> Interpolator::output_value(const Entry& entry) const {
  const std::optional<std::vector<Json>> found = pieces(entry, Breaks::refused);
  if (!found) return std::nullopt;
  return joined(*found);
}

std::optional<Json> Interpolator::value(const Entry& entry, Breaks breaks) const {
  const std::optional<std::vector<Json>> found = pieces(entry, breaks);
  if (!found) return std::nullopt;
  for (const Json& piece : *found) {
    const auto reference = as_reference(piece);
    if (!reference || reference->attribute == "id" || reference->attribute == "version") continue;
    messages_.error(entry.value->place,
                    fmt::format("{} refers to {}, which a plan cannot know", shown(entry.key->text),
                                shown(reference->text())),
                    "Only ids and versions may be used here; outputs may use the rest.");
    return std::nullopt;
  }
  return joined(*found);
}

/// The text cut at its references: strings, and reference values between them.
std::optional<std::vector<Json>> Interpolator::pieces(const Entry& entry, Breaks breaks) const {
  const std::optional<std::string> text = raw_text(entry, breaks, messages_);
  if (!text) return std::nullopt;
  std::vector<Json> result;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t dollar = std::min(rest.find('$'), rest.size());
    append(result, std::string(rest.substr(0, dollar)));
    rest.remove_prefix(dollar);
    if (rest.starts_with(kEscapedOpen)) {
      append(result, std::string(kOpen));
      rest.remove_prefix(kEscapedOpen.size());
    } else if (rest.starts_with(kOpen)) {
      const std::size_t close = rest.find('}');
      if (close == std::string_view::npos) {
        messages_.error(entry.value->place, "A `${` is never closed",
                        "Close it with `}`, or write `$${` for a literal `${`.");
        return std::nullopt;
      }
      const std::optional<Json> found =
          reference(*entry.value, std::string(rest.substr(kOpen.size(), close - kOpen.size())));
      if (!found) return std::nullopt;
      if (found->is_string()) {
        append(result, found->get_ref<const std::string&>());
      } else {
        result.push_back(*found);
      }
      rest.remove_prefix(close + 1);
    } else if (!rest.empty()) {
      append(result, "$");
      rest.remove_prefix(1);
    }
  }
  return result;
}

/// What stands for `${inner}`: a variable's text, or a reference value.
std::optional<Json> Interpolator::reference(const Node& node, const std::string& inner) const {
  const std::vector<std::string> words = words_of(inner);
  std::optional<std::string> feature = instead_of_reference(words.front());
  const std::string name = feature ? words.front() : "for_each";
  if (!feature && words.front() == "pipelines" && inner.find('[') != std::string::npos) {
    feature = "Refer to a pipeline by its key: `${pipelines.events.flow.id}`.";
  }
  if (feature) {
    messages_.error(node.place,
                    fmt::format("{} in {}", not_in_this_version(name), shown("${" + inner + "}")),
                    *feature);
    return std::nullopt;
  }
  const bool is_plain =
      std::all_of(words.begin(), words.end(), [](const std::string& word) { return is_key(word); });
  if (is_plain && words.front() == "var" && words.size() == 2) return variable(node, words[1]);
  if (is_plain && words.front() == "pipelines" && words.size() == 4) {
    return attribute(node, words);
  }
  std::string detail = kForms;
  if (is_plain && words.front() != "var" && words.front() != "pipelines") {
    const std::string near = nearest(words.front(), {"pipelines", "var"});
    if (!near.empty()) detail = fmt::format("Did you mean `{}`? {}", near, kForms);
  }
  messages_.error(node.place, fmt::format("{} is not a reference", shown("${" + inner + "}")),
                  detail);
  return std::nullopt;
}

std::optional<Json> Interpolator::variable(const Node& node, const std::string& name) const {
  const auto found = variables_.find(name);
  if (found != variables_.end() && found->second.sensitive) {
    messages_.error(node.place, fmt::format("Variable `{}` is sensitive and used here", name),
                    "A sensitive variable may be used only in an account's `auth.params`, where "
                    "it stands alone.");
    return std::nullopt;
  }
  if (found != variables_.end()) return Json(found->second.text);
  // One that is declared but has no value has been reported where it is declared.
  if (!document_.variables.contains(name) && document_.is_whole) {
    const std::vector<std::string> known = keys_of(document_.variables);
    messages_.error(
        node.place, fmt::format("There is no variable {}", shown(name)),
        known.empty() ? "Declare it in `variables`." : messages_.suggestion(name, known));
  }
  return std::nullopt;
}

std::optional<Json> Interpolator::attribute(const Node& node,
                                            const std::vector<std::string>& words) const {
  const std::string& key = words[1];
  const std::string& part = words[2];
  const std::string& name = words[3];
  if (!document_.pipelines.contains(key)) {
    if (document_.is_whole) {
      messages_.error(node.place, fmt::format("There is no pipeline {}", shown(key)),
                      messages_.suggestion(key, keys_of(document_.pipelines)));
    }
    return std::nullopt;
  }
  const KindRules* rules = rules_of_part(catalogue_, part);
  if (rules == nullptr) {
    messages_.error(node.place, fmt::format("{} is not a part of a pipeline", shown(part)),
                    messages_.suggestion(part, parts_of(catalogue_)));
    return std::nullopt;
  }
  const auto& attributes = rules->attributes;
  if (std::find(attributes.begin(), attributes.end(), name) == attributes.end()) {
    messages_.error(node.place,
                    fmt::format("{} is not an attribute of a pipeline's {}", shown(name), part),
                    messages_.suggestion(name, attributes));
    return std::nullopt;
  }
  return reference_value({{"pipelines", key, {}, part}, name});
}

}  // namespace sluice::spec
