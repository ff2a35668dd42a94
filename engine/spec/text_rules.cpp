#include "spec/text_rules.hpp"

#include "core/json.hpp"

#include <algorithm>

namespace sluice::spec {

namespace {

constexpr std::size_t kShownMax = 80;

unsigned char byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

bool is_between(unsigned char byte, int low, int high) {
  return byte >= low && byte <= high;
}

/// The length of the well-formed character at `at`, or 0. The ranges of the second byte are those
/// of the Unicode standard's table 3-7: they leave out overlong forms, surrogates and what lies
/// beyond U+10FFFF.
std::size_t character_length(std::string_view text, std::size_t at) {
  const unsigned char first = byte_at(text, at);
  if (first < 0x80) return 1;
  const unsigned char second = byte_at(text, at + 1);
  if (is_between(first, 0xC2, 0xDF)) return is_between(second, 0x80, 0xBF) ? 2 : 0;
  const bool third_continues = is_between(byte_at(text, at + 2), 0x80, 0xBF);
  if (is_between(first, 0xE0, 0xEF)) {
    const int low = first == 0xE0 ? 0xA0 : 0x80;
    const int high = first == 0xED ? 0x9F : 0xBF;
    return is_between(second, low, high) && third_continues ? 3 : 0;
  }
  if (!is_between(first, 0xF0, 0xF4)) return 0;
  const int low = first == 0xF0 ? 0x90 : 0x80;
  const int high = first == 0xF4 ? 0x8F : 0xBF;
  const bool fourth_continues = is_between(byte_at(text, at + 3), 0x80, 0xBF);
  return is_between(second, low, high) && third_continues && fourth_continues ? 4 : 0;
}

bool is_control(std::string_view text, std::size_t at, Breaks breaks) {
  const unsigned char byte = byte_at(text, at);
  if (byte == '\n' || byte == '\t') return breaks == Breaks::refused;
  if (byte == '\r') return breaks != Breaks::also_carriage || byte_at(text, at + 1) != '\n';
  if (byte < 0x20 || byte == 0x7F) return true;
  // U+0080 to U+009F, the second set of control characters.
  return byte == 0xC2 && is_between(byte_at(text, at + 1), 0x80, 0x9F);
}

}  // namespace

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = character_length(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

std::size_t find_control(std::string_view text, Breaks breaks) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_control(text, at, breaks)) return at;
  }
  return std::string_view::npos;
}

bool is_number(std::string_view text) {
  // Without the letters the parser would take spaces and words, too.
  return text.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
         Json::parse(text, nullptr, false).is_number();
}

std::string shown(std::string_view text) {
  std::string result = "`";
  std::size_t at = 0;
  while (at < text.size() && at < kShownMax) {
    const std::size_t length = std::max<std::size_t>(character_length(text, at), 1);
    const bool plain = character_length(text, at) != 0 && !is_control(text, at, Breaks::refused);
    if (plain) {
      result += text.substr(at, length);
    } else {
      result += '?';
    }
    at += length;
  }
  if (at < text.size()) result += "...";
  return result + "`";
}

}  // namespace sluice::spec
