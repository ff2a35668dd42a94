#include "spec/yaml_words.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace sluice::spec {

namespace {

constexpr std::string_view kPlainMarks = " _-./()";
constexpr std::array<std::string_view, 9> kOtherWords = {"null", "true", "false", "yes", "no",
                                                         "on",   "off",  "y",     "n"};

/// What many readers of YAML take for line breaks, or do not take at all, quoted or not.
constexpr std::array<std::string_view, 4> kNeverRaw = {"\u2028", "\u2029", "\uFFFE", "\uFFFF"};

std::string small_letters(std::string_view text) {
  std::string result;
  for (const char c : text)
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

/// True for a text that every reader of YAML takes for this text, whatever stands around it. There
/// are more such texts; the others get quotes, which are never wrong.
bool is_plain_text(std::string_view text) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (text.empty() || (!is_word(text.front()) && text.front() != '_')) return false;
  const bool plain = std::all_of(text.begin(), text.end(), [&is_word](char c) {
    return is_word(c) || kPlainMarks.find(c) != std::string_view::npos;
  });
  if (!plain || text.back() == ' ') return false;
  // Not a number in any spelling, be it octal, with underscores, or of days and hours.
  const bool counts = std::isdigit(static_cast<unsigned char>(text.front())) != 0;
  const std::string small = small_letters(text);
  return !counts && std::find(kOtherWords.begin(), kOtherWords.end(), small) == kOtherWords.end();
}

/// In a spec `${` begins a reference.
std::string escaped(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with("${")) result += '$';
    result += text[at];
  }
  return result;
}

}  // namespace

void put_word(YAML::Emitter& out, std::string_view text, YAML::EMITTER_MANIP where) {
  out << where;
  if (!is_plain_text(text)) out << YAML::DoubleQuoted;
  const bool needs_escapes =
      std::any_of(kNeverRaw.begin(), kNeverRaw.end(), [text](std::string_view character) {
        return text.find(character) != std::string_view::npos;
      });
  if (needs_escapes) out << YAML::EscapeNonAscii;
  out << std::string(text);
}

void put_key(YAML::Emitter& out, std::string_view key) {
  put_word(out, key, YAML::Key);
}

void put_text(YAML::Emitter& out, std::string_view text) {
  put_word(out, escaped(text), YAML::Value);
}

}  // namespace sluice::spec
