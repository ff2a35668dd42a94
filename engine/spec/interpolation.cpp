#include "spec/interpolation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::spec {

namespace {

constexpr std::string_view kOpen = "${";
constexpr std::string_view kEscapedOpen = "$${";

/// Where the `}` of a reference is; an instance's key may hold one, too.
std::size_t find_close(std::string_view text) {
  bool is_quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') is_quoted = !is_quoted;
    if (text[at] == '}' && !is_quoted) return at;
  }
  return text.find('}');
}

/// Most texts are what they say, and need not be cut into pieces.
bool is_literal(const Entry& entry) {
  return entry.value->kind == Node::Kind::text && entry.value->text.find('$') == std::string::npos;
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
  if (is_literal(entry)) return raw_text(entry, breaks, messages_);
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

std::optional<std::string> Interpolator::secret(const Entry& entry) const {
  constexpr std::string_view kVariable = "${var.";
  const std::string& text = entry.value->text;
  if (!text.starts_with(kVariable) || !text.ends_with('}')) return std::nullopt;
  const std::string name = text.substr(kVariable.size(), text.size() - kVariable.size() - 1);
  const auto found = variables_.find(name);
  if (found == variables_.end() || !found->second.sensitive) return std::nullopt;
  return name;
}

std::optional<Json> Interpolator::output_value(const Entry& entry) const {
  const std::optional<std::vector<Json>> found = pieces(entry, Breaks::refused);
  if (!found) return std::nullopt;
  return joined(*found);
}

std::optional<Json> Interpolator::value(const Entry& entry, Breaks breaks) const {
  if (is_literal(entry)) {
    std::optional<std::string> text = raw_text(entry, breaks, messages_);
    if (!text) return std::nullopt;
    return Json(std::move(*text));
  }
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
      const std::size_t close = find_close(rest);
      if (close == std::string_view::npos) {
        messages_.error(entry.value->place, "A `${` is never closed",
                        "Close it with `}`, or write `$${` for a literal `${`.");
        return std::nullopt;
      }
      const std::optional<Json> found =
          reference(*entry.value, std::string(rest.substr(kOpen.size(), close - kOpen.size())));
      if (!found) return std::nullopt;
      if (found->is_string()) {
        const auto& said = found->get_ref<const std::string&>();
        if (!charge(entry, said.size())) return std::nullopt;
        append(result, said);
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

/// False when there is too much; the first time it is reported.
bool Interpolator::charge(const Entry& entry, std::size_t bytes) const {
  const bool was_within = *bytes_made_ <= Limits::kTextBytes;
  *bytes_made_ += bytes;
  if (*bytes_made_ <= Limits::kTextBytes) return true;
  if (was_within) {
    messages_.error(entry.value->place,
                    fmt::format("With its references filled in, the spec has more than {} MiB of "
                                "text",
                                Limits::kTextBytes >> 20U),
                    "Split it into several specs.");
  }
  return false;
}

}  // namespace sluice::spec
