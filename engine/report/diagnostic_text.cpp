#include "report/text_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sluice::report {

namespace {

constexpr std::size_t kExcerptMax = 160;  ///< Characters of a line that are shown.

std::string without_trailing_space(std::string text) {
  text.resize(text.find_last_not_of(" \t") + 1);
  return text;
}

/// A line of somebody's text, character by character, and which of them the caret points at.
struct Excerpt {
  std::vector<std::string> characters;  ///< Harmless, but a tab stays a tab.
  std::size_t caret = 0;
};

Excerpt excerpt_of(const Diagnostic& diagnostic) {
  Excerpt excerpt;
  const auto column = static_cast<std::size_t>(std::max(diagnostic.where.column, 1));
  const std::string_view text = diagnostic.excerpt;
  for (std::size_t at = 0; at < text.size();) {
    if (at < column) excerpt.caret = excerpt.characters.size();
    const bool tab = text[at] == '\t';
    std::string shown = shown_character(text, at);
    excerpt.characters.push_back(tab ? "\t" : std::move(shown));
  }
  if (column > text.size()) excerpt.caret = excerpt.characters.size();
  return excerpt;
}

/// The line and, below it, the caret. Of a long line the part around the caret is shown.
std::string excerpt_text(const Diagnostic& diagnostic, const Style& style) {
  const Excerpt excerpt = excerpt_of(diagnostic);
  const std::size_t size = excerpt.characters.size();
  std::size_t begin = 0;
  if (size > kExcerptMax && excerpt.caret > kExcerptMax / 2) {
    begin = std::min(excerpt.caret - kExcerptMax / 2, size - kExcerptMax);
  }
  const std::size_t end = std::min(begin + kExcerptMax, size);
  std::string line = begin > 0 ? "..." : "";
  std::string below = begin > 0 ? "   " : "";
  for (std::size_t i = begin; i < end; ++i) {
    const std::string& shown = excerpt.characters[i];
    line += shown;
    if (i < excerpt.caret) below += shown == "\t" ? shown : std::string(width(shown), ' ');
  }
  if (end < size) line += "...";
  std::string text =
      without_trailing_space(fmt::format("{:>5} | {}", diagnostic.where.line, line)) + "\n";
  if (diagnostic.where.column > 0) {
    text += "      | " + below + painted("^", Tone::red, style) + "\n";
  }
  return text;
}

std::string place_of(const SourcePos& where) {
  if (where.file.empty() && where.line == 0) return {};
  std::string text = harmless(where.file);
  if (where.line > 0) text += fmt::format(":{}", where.line);
  if (where.line > 0 && where.column > 0) text += fmt::format(":{}", where.column);
  return text + ": ";
}

}  // namespace

std::string diagnostic_text(const Diagnostic& diagnostic, const Style& style) {
  const bool error = diagnostic.severity == Severity::error;
  std::string text =
      place_of(diagnostic.where) +
      painted(error ? "error:" : "warning:", error ? Tone::red : Tone::yellow, style);
  text += without_trailing_space(" " + harmless(diagnostic.summary)) + "\n";
  if (diagnostic.where.line > 0 && !diagnostic.excerpt.empty()) {
    text += excerpt_text(diagnostic, style);
  }
  if (!diagnostic.detail.empty()) {
    text += without_trailing_space("  " + harmless(diagnostic.detail)) + "\n";
  }
  return text;
}

std::string diagnostics_text(const Diagnostics& diagnostics, const Style& style) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics.sorted()) {
    if (!text.empty()) text += "\n";
    text += diagnostic_text(diagnostic, style);
  }
  return text;
}

}  // namespace sluice::report
