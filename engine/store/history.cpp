#include "store/history.hpp"

#include <cassert>

namespace sluice::store {

namespace {

/// A run's own save leaves its mark in the state. A newer state without it came from elsewhere.
bool holds_run_of(const State& state, const JournalRecord& begin) {
  State after = state;
  fold(after, begin);
  return after == state;
}

}  // namespace

Relation relation(const State& state, const JournalRecord& begin) {
  assert(begin.type == JournalRecord::Type::begin);
  if (!state.lineage.empty() && state.lineage != begin.lineage) return Relation::foreign;
  if (state.serial == begin.serial) return Relation::goes_on;
  if (state.serial < begin.serial) return Relation::older;
  return holds_run_of(state, begin) ? Relation::holds : Relation::apart;
}

}  // namespace sluice::store
