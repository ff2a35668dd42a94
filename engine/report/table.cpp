#include "report/table.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sluice::report {

namespace {

std::string aligned_row(const std::vector<Side>& sides, const std::vector<std::size_t>& widths,
                        const std::vector<Cell>& row, const Style& style) {
  std::string line;
  std::string gap;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Cell& cell = row[i];
    const std::string pad(widths[i] - width(cell.text), ' ');
    const std::string text = cell.tone ? painted(cell.text, *cell.tone, style) : cell.text;
    if (sides[i] == Side::right) gap += pad;
    // Blanks wait for what stands behind them, so that a line never ends with one.
    if (!cell.text.empty()) line += std::exchange(gap, {}) + text;
    gap += sides[i] == Side::left ? pad + "  " : "  ";
  }
  return line;
}

}  // namespace

std::vector<std::string> aligned(const std::vector<Side>& sides,
                                 const std::vector<std::vector<Cell>>& rows, const Style& style) {
  std::vector<std::size_t> widths(sides.size(), 0);
  for (const std::vector<Cell>& row : rows) {
    assert(row.size() == sides.size());
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i].text));
  }
  std::vector<std::string> lines;
  for (const std::vector<Cell>& row : rows)
    lines.push_back(aligned_row(sides, widths, row, style));
  return lines;
}

}  // namespace sluice::report
