#include "spec/messages.hpp"

#include "spec/text_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::spec {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// A longer line is shown nowhere in full, and columns in it are left in bytes.
constexpr std::size_t kLineMax = 500;

/// A file that is not a spec at all must not cost more than a screenful of scrolling.
constexpr int kErrorsMax = 1000;

/// Guessing costs time that grows with the number of names, so only the first errors get it.
constexpr int kSuggestionsMax = 100;
constexpr std::size_t kGuessedWordMax = 64;
constexpr std::size_t kListedMax = 12;

/// Words whose length alone makes them too different are left out, which keeps the search short.
std::string guess(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > kGuessedWordMax) return {};
  const std::size_t slack = std::max<std::size_t>(1, word.size() / 3);
  std::vector<std::string> candidates;
  std::copy_if(known.begin(), known.end(), std::back_inserter(candidates),
               [&](const std::string& candidate) {
                 return candidate.size() + slack >= word.size() &&
                        candidate.size() <= word.size() + slack;
               });
  return nearest(std::string(word), candidates);
}

}  // namespace

Messages::Messages(const std::vector<Source>& sources, const std::vector<Source>& var_files,
                   Diagnostics& into)
    : sources_(sources), var_files_(var_files), into_(into) {
}

bool Messages::is_private(int file) const {
  return static_cast<std::size_t>(file) >= sources_.size() || source(file).is_private;
}

const Source& Messages::source(int file) const {
  const auto at = static_cast<std::size_t>(file);
  return at >= sources_.size() ? var_files_.at(at - sources_.size()) : sources_.at(at);
}

std::string_view Messages::text(int file) const {
  std::string_view text = source(file).text;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

SourcePos Messages::position(const Place& place) const {
  SourcePos result{source(place.file).name, place.line, place.column};
  const auto before = static_cast<std::size_t>(std::max(place.column - 1, 0));
  if (place.line == 0 || before > kLineMax) return result;
  const std::string_view line =
      text(place.file).substr(static_cast<std::size_t>(place.offset) - before, before);
  result.column -= static_cast<int>(std::count_if(line.begin(), line.end(), is_continuation));
  return result;
}

std::string Messages::position_text(const Place& place) const {
  const SourcePos at = position(place);
  return fmt::format("{}:{}:{}", at.file, at.line, at.column);
}

void Messages::error(const Place& place, std::string summary, std::string detail) {
  add({Severity::error, position(place), std::move(summary), std::move(detail), excerpt(place)});
}

void Messages::error_without_line(const Place& place, std::string summary, std::string detail) {
  add({Severity::error, position(place), std::move(summary), std::move(detail), {}});
}

void Messages::error_outside(std::string summary, std::string detail) {
  add({Severity::error, {}, std::move(summary), std::move(detail), {}});
}

std::string Messages::suggestion(std::string_view word,
                                 const std::vector<std::string>& known) const {
  std::string result;
  const std::string near = errors_ < kSuggestionsMax ? guess(word, known) : std::string();
  if (!near.empty()) result = "Did you mean " + shown(near) + "?";
  if (known.empty() || known.size() > kListedMax) return result;
  result += result.empty() ? "Expected one of " : " Expected one of ";
  for (const std::string& candidate : known) {
    if (&candidate != &known.front()) result += ", ";
    result += shown(candidate);
  }
  return result + ".";
}

std::string Messages::excerpt(const Place& place) const {
  if (place.line == 0 || is_private(place.file)) return {};
  std::string_view line = text(place.file);
  line.remove_prefix(static_cast<std::size_t>(place.offset - (place.column - 1)));
  line = line.substr(0, std::min(line.find('\n'), kLineMax + 1));
  if (line.ends_with('\r')) line.remove_suffix(1);
  // A terminal would obey what a damaged line holds.
  const bool clean = find_invalid_utf8(line) == std::string_view::npos &&
                     find_control(line, Breaks::allowed) == std::string_view::npos;
  return clean && line.size() <= kLineMax ? std::string(line) : std::string();
}

void Messages::add(Diagnostic diagnostic) {
  if (errors_ < kErrorsMax && !seen_.emplace(diagnostic.where, diagnostic.summary).second) return;
  ++errors_;
  if (errors_ < kErrorsMax) into_.add(std::move(diagnostic));
  if (errors_ == kErrorsMax) {
    into_.error({}, fmt::format("There are {} errors or more, too many to list", kErrorsMax),
                "Mend those above and check again.");
  }
}

}  // namespace sluice::spec
