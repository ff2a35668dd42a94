#pragma once

// How a state and a journal stand to each other.

#include "core/resource.hpp"
#include "store/journal.hpp"

namespace sluice::store {

enum class Relation {
  goes_on,  ///< The journal's run began on this state.
  holds,    ///< The state was saved by that run or a later one, and has all of the journal.
  foreign,  ///< They are of two lineages.
  older,    ///< The run began on a later state of the lineage.
  apart,    ///< The state is newer than the run's start, and yet knows nothing of the run.
};

/// How the state stands to the journal that starts with `begin`, which must be of that type.
Relation relation(const State& state, const JournalRecord& begin);

}  // namespace sluice::store
