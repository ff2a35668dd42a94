#include "core/diagnostics.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace sluice {

namespace {

// Two neighbours that changed places are one edit, as fingers make it.
std::size_t edit_distance(const std::string& left, const std::string& right) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> last;
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    before = std::exchange(last, std::exchange(row, std::vector(right.size() + 1, i)));
    for (std::size_t j = 1; j < row.size(); ++j) {
      const std::size_t substituted = last[j - 1] + (left[i - 1] == right[j - 1] ? 0U : 1U);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
      const bool is_swapped =
          i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (is_swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) ++errors_;
  list_.push_back(std::move(diagnostic));
}

void Diagnostics::error(SourcePos where, std::string summary, std::string detail) {
  add({Severity::error, std::move(where), std::move(summary), std::move(detail), {}});
}

void Diagnostics::warning(SourcePos where, std::string summary, std::string detail) {
  add({Severity::warning, std::move(where), std::move(summary), std::move(detail), {}});
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> result = list_;
  std::stable_sort(result.begin(), result.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.where < b.where; });
  return result;
}

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  // A third of the word may be wrong; beyond that a guess confuses more than it helps.
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string result;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best) {
      best = distance;
      result = candidate;
    }
  }
  return result;
}

}  // namespace sluice
