#include "report/text_parts.hpp"

#include "core/value.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace sluice::report {

namespace {

constexpr std::size_t kLongest = 200;  ///< Characters of one value.
constexpr std::size_t kContext = 40;   ///< Characters shown before the place where two values part.

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// The byte at which character `count` of valid UTF-8 begins, or the end.
std::size_t byte_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!continues_character(text[at]) && count-- == 0) return at;
    ++at;
  }
  return text.size();
}

/// `text` from character `from` on, with dots where something was cut off.
std::string cut(std::string_view text, std::size_t from) {
  const std::size_t start = byte_of(text, from);
  const std::string_view tail = text.substr(start);
  const std::size_t end = byte_of(tail, kLongest);
  return fmt::format("{}{}{}", start > 0 ? "..." : "", tail.substr(0, end),
                     end < tail.size() ? "..." : "");
}

/// Quotes inside are escaped, so that a value cannot look like two.
std::string with_escaped_quotes(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

/// What stands for a value: `quotes` around `text`, and `after` them.
struct Rendered {
  std::string text;
  std::string quotes;
  std::string after;

  std::string from(std::size_t start) const { return quotes + cut(text, start) + quotes + after; }
};

Rendered in_quotes(std::string_view text, std::string after = {}) {
  return {harmless(with_escaped_quotes(text)), "\"", std::move(after)};
}

bool is_join(const Json& value) {
  return value.is_object() && value.size() == 1 && value.contains("$join");
}

Rendered rendered(const Json& value) {
  if (value.is_string()) return in_quotes(value.get_ref<const std::string&>());
  if (const auto reference = as_reference(value)) {
    return {"(known after apply: " + harmless(reference->text()) + ")", "", ""};
  }
  if (is_join(value)) {
    std::string text;
    for (const Json& part : value.at("$join")) {
      const auto reference = as_reference(part);
      text += reference          ? "${" + reference->text() + "}"
              : part.is_string() ? part.get<std::string>()
                                 : part.dump();
    }
    return in_quotes(text, " (known after apply)");
  }
  if (value.is_array() && !references_in(value).empty()) {
    std::string text;
    for (const Json& item : value)
      text += (text.empty() ? "" : ", ") + rendered(item).from(0);
    return {"[" + text + "]", "", ""};
  }
  return {harmless(value.dump(-1, ' ', false, Json::error_handler_t::replace)), "", ""};
}

Rendered rendered_row(const Json& row) {
  if (!row.is_object()) return rendered(row);
  const Json source = row.value("source", Json());
  const Json type = row.value("type", Json("attribute"));
  std::string text;
  // A path or an expression reads best bare; a constant is quoted like any value.
  const bool bare = source.is_string() && type != "static" && !source.get<std::string>().empty() &&
                    source.get<std::string>().front() != ' ' &&
                    source.get<std::string>().back() != ' ';
  text += bare ? harmless(source.get<std::string>()) : rendered(source).from(0);
  if (type != "attribute") {
    text += " (" + (type.is_string() ? harmless(type.get<std::string>()) : type.dump()) + ")";
  }
  for (const auto& [key, value] : row.items()) {
    if (key == "source" || key == "type") continue;
    text += ", " + harmless(key) + " " + rendered(value).from(0);
  }
  return {text, "", ""};
}

/// Where two texts part, less some context; 0 while they part early enough to be seen.
std::size_t first_to_show(const std::string& left, const std::string& right) {
  const auto parted = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  const auto same = static_cast<std::size_t>(parted.first - left.begin());
  const std::size_t characters = width(std::string_view(left).substr(0, same));
  return characters + kContext <= kLongest ? 0 : characters - kContext;
}

TwoTexts side_by_side(const Rendered& left, const Rendered& right) {
  const std::size_t start = first_to_show(left.text, right.text);
  return {left.from(start), right.from(start)};
}

const char* code_of(Tone tone) {
  switch (tone) {
    case Tone::bold:
      return "\x1b[1m";
    case Tone::green:
      return "\x1b[32m";
    case Tone::yellow:
      return "\x1b[33m";
    case Tone::red:
      return "\x1b[31m";
    case Tone::magenta:
      return "\x1b[35m";
  }
  return "";
}

}  // namespace

std::string painted(std::string_view text, Tone tone, const Style& style) {
  if (!style.colour) return std::string(text);
  return fmt::format("{}{}\x1b[0m", code_of(tone), text);
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

std::string value_text(const Json& value) {
  return rendered(value).from(0);
}

TwoTexts two_values(const Json& left, const Json& right) {
  return side_by_side(rendered(left), rendered(right));
}

std::string row_text(const Json& row) {
  return rendered_row(row).from(0);
}

TwoTexts two_rows(const Json& left, const Json& right) {
  return side_by_side(rendered_row(left), rendered_row(right));
}

std::string noun(std::string_view kind) {
  std::string result;
  for (const char c : harmless(kind)) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !result.empty()) result += ' ';
    result += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? " and " : ", ";
    result += words[i];
  }
  return result;
}

std::string wrapped(std::string_view prose, std::size_t indent) {
  std::string result;
  std::size_t column = indent;
  const std::string text = harmless(prose);
  for (std::size_t at = text.find_first_not_of(' '); at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = std::string_view(text).substr(at, end - at);
    if (column > indent && column + 1 + width(word) > kColumns) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      result += ' ';
      ++column;
    }
    result += word;
    column += width(word);
    at = text.find_first_not_of(' ', end);
  }
  return result + "\n";
}

std::string utc_text(std::int64_t epoch_ms) {
  constexpr std::int64_t kYear10000 = 253'402'300'800'000;
  if (epoch_ms <= 0 || epoch_ms >= kYear10000) return {};
  const std::time_t seconds = epoch_ms / 1000;
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(seconds));
}

std::string place_text(const Place& place, std::string_view spec, std::string_view environment) {
  std::string result = fmt::format("sandbox {} of {}\n({}, spec {}", harmless(place.sandbox),
                                   harmless(place.org), harmless(place.endpoint), harmless(spec));
  if (!environment.empty()) result += ", environment " + harmless(environment);
  return result + ")";
}

}  // namespace sluice::report
