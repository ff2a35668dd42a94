#pragma once

// A store over a disk in memory, and records to put into it.

#include "core/fatal.hpp"
#include "store/state_json.hpp"
#include "store/state_store.hpp"
#include "support/memory_files.hpp"
#include "support/sim_clock.hpp"
#include "unit/store/samples.hpp"

#include <functional>
#include <optional>

namespace sluice::test {

using namespace sluice::store;

inline const LockHolder kMe = {
    "lock-1", "apply", "ann@host", "host", 4711, "sluice apply", "2026-01-02T03:04:05Z", ""};

struct Fixture {
  MemoryFiles files;
  SimClock clock;
  StateStore store{files, clock, kPath, kTool};

  void put_state(const State& state) { files.put(kPath, state_to_text(state, kTool)); }
  void put_journal(const JournalRecord& begin, const JournalRecord& then) {
    files.put(kPath + ".journal", to_line(begin, 0) + to_line(then, 0));
  }
};

inline std::optional<Fatal> fatal_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Fatal& fatal) {
    return fatal;
  }
  return std::nullopt;
}

inline JournalRecord begin_of(const State& state) {
  JournalRecord record;
  record.lineage = state.lineage;
  record.serial = state.serial;
  record.plan_id = "plan-2";
  record.who = "bob@host";
  return record;
}

inline JournalRecord created(std::string_view where) {
  JournalRecord record;
  record.type = JournalRecord::Type::recorded;
  record.record = sample_record(where, "new-1");
  return record;
}

/// A state that was saved at serials 1 to 3, an object more each time.
struct Lived : Fixture {
  explicit Lived(bool is_locked = true) {
    live();
    if (is_locked) store.lock(kMe, Millis(0));
  }

  void live() {
    StateStore past(files, clock, kPath, kTool);
    past.lock(kMe, Millis(0));
    newest = past.load();
    newest.lineage = sample_state().lineage;
    for (const char* where : {"datasets.a", "datasets.b", "datasets.c"}) {
      past.begin(newest, {}, "ann@host");
      past.append(created(where));
      fold(newest, created(where));
      newest = past.save(newest);
    }
  }

  State newest;
};

}  // namespace sluice::test
