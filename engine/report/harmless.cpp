#include "report/json.hpp"
#include "report/text_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice::report {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// What a terminal obeys or shows as nothing: controls, line separators, marks that turn the
// direction of writing, invisible characters that make two names look alike.
constexpr std::array kHidden = {
    Range{0x00, 0x1F},     Range{0x7F, 0x9F},     Range{0xAD, 0xAD},     Range{0x61C, 0x61C},
    Range{0x180E, 0x180E}, Range{0x200B, 0x200B}, Range{0x200E, 0x200F}, Range{0x2028, 0x202E},
    Range{0x2060, 0x206F}, Range{0xFEFF, 0xFEFF}, Range{0xFFF9, 0xFFFB}, Range{0xE0000, 0xE007F}};

bool is_hidden(char32_t point) {
  return std::any_of(kHidden.begin(), kHidden.end(), [point](const Range& range) {
    return point >= range.first && point <= range.last;
  });
}

struct Character {
  std::size_t bytes = 1;
  char32_t point = 0;
  bool valid = false;
};

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// The UTF-8 character at `at`. A byte that begins none, overlong forms and surrogates included,
/// is one invalid byte.
Character character_at(std::string_view text, std::size_t at) {
  const unsigned lead = byte_at(text, at);
  if (lead < 0x80) return {1, lead, true};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + bytes > text.size()) return {};
  char32_t point = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const unsigned next = byte_at(text, at + i);
    if ((next & 0xC0U) != 0x80U) return {};
    point = (point << 6U) | (next & 0x3FU);
  }
  const bool overlong = (bytes == 3 && point < 0x800) || (bytes == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (overlong || surrogate || point > 0x10FFFF) return {};
  return {bytes, point, true};
}

std::string escaped(std::string_view bytes) {
  if (bytes == "\n") return "\\n";
  if (bytes == "\r") return "\\r";
  if (bytes == "\t") return "\\t";
  std::string result;
  for (std::size_t at = 0; at < bytes.size(); ++at)
    result += fmt::format("\\x{:02x}", byte_at(bytes, at));
  return result;
}

/// "##[error]" and "##vso[...]" are commands to some CI systems wherever they stand in a line.
bool begins_command(std::string_view text) {
  if (!text.starts_with("##")) return false;
  text.remove_prefix(2);
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto end = std::find_if_not(text.begin(), text.end(), is_letter);
  return end != text.end() && *end == '[';
}

/// As JSON writes a character beyond U+FFFF, too.
std::string json_escape(char32_t point) {
  const auto number = static_cast<std::uint32_t>(point);
  if (number < 0x10000) return fmt::format("\\u{:04x}", number);
  const std::uint32_t rest = number - 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10U), 0xDC00 + (rest & 0x3FFU));
}

}  // namespace

std::string json_text(const Json& document, int indent) {
  const std::string text = document.dump(indent, ' ', false, Json::error_handler_t::replace);
  const std::string_view rest = text;
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    // Below U+0020 there are only the breaks between lines: the document's own are escaped.
    const bool is_plain = character.point < 0x7F
                              ? text[at] != '#' || !begins_command(rest.substr(at))
                              : !is_hidden(character.point);
    if (is_plain) {
      result.append(text, at, character.bytes);
    } else {
      result += json_escape(character.point);
    }
    at += character.bytes;
  }
  return result;
}

std::string shown_character(std::string_view text, std::size_t& at) {
  const Character character = character_at(text, at);
  const std::string_view bytes = text.substr(at, character.bytes);
  const bool shown =
      character.valid && !is_hidden(character.point) && !begins_command(text.substr(at));
  // Of a command only its first byte is escaped, which a "#" of one byte always is.
  at += character.bytes;
  return shown ? std::string(bytes) : escaped(bytes);
}

std::string harmless(std::string_view text) {
  std::string result;
  const std::size_t start = text.find_first_not_of(' ');
  for (std::size_t at = 0; at < text.size();) {
    if (at == start && text.substr(at).starts_with("::")) {
      result += escaped(text.substr(at, 1));
      ++at;
    } else {
      result += shown_character(text, at);
    }
  }
  return result;
}

}  // namespace sluice::report
