#pragma once

// What can be brought back of a state that cannot be trusted any more, or that is gone: the newest
// of its copies that reads well, and the journal on top of it. It only looks; `StateStore::recover`
// puts it in place.

#include "core/resource.hpp"
#include "store/files.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sluice::store {

struct Salvage {
  State state;
  std::string source;              ///< The file that it was read from; empty when there was none.
  std::int64_t source_serial = 0;  ///< As in that file.
  std::vector<std::string> aside;  ///< Files that must not be lost when this takes their place.
  std::vector<std::string> gaps;   ///< What is not known any more, in sentences.
  bool is_needed = false;          ///< False when the state and its journal are in order.
};

/// Throws Fatal(state_damaged) when a file cannot be read, when there is nothing to bring back, and
/// when the journal and the state tell two histories, of which only people know the right one. And
/// when a newer program wrote the state, or without a good one the newest backup.
Salvage salvage(Files& files, const std::string& path);

}  // namespace sluice::store
