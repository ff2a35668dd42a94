#pragma once

// Columns of text that line up. Nobody outside of report/ includes this.

#include "report/text_parts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::report {

/// The text must be harmless already.
struct Cell {
  std::string text;
  std::optional<Tone> tone = {};
};

enum class Side { left, right };

/// One line a row, as wide as the widest cell of each column, two spaces between them and none at
/// the end. Each row has as many cells as there are sides.
std::vector<std::string> aligned(const std::vector<Side>& sides,
                                 const std::vector<std::vector<Cell>>& rows, const Style& style);

}  // namespace sluice::report
