// A run is stopped at each of its operations, by a failure, a kill or a power loss. Whatever the
// moment, the next reader finds what was acknowledged, and no state that there never was.

#include "core/fatal.hpp"
#include "store/state_json.hpp"
#include "store/state_store.hpp"
#include "support/memory_files.hpp"
#include "support/sim_clock.hpp"
#include "unit/store/samples.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>
#include <vector>

using namespace sluice;
using namespace sluice::store;
using namespace sluice::test;

namespace {

constexpr int kSeeds = 6;

std::vector<JournalRecord> sample_records() {
  std::vector<JournalRecord> records(4);
  records[0].type = records[1].type = JournalRecord::Type::intent;
  records[0].intent = sample_intent("op-2", "pipelines.new.flow");
  records[1].intent = sample_intent("op-3", "pipelines.new.source");
  records[2].type = JournalRecord::Type::recorded;
  records[2].op = "op-2";
  records[2].record = sample_record("pipelines.new.flow", "new-1");
  records[3].type = JournalRecord::Type::removed;
  records[3].address = address("datasets.events");
  records[3].id = "id of datasets.events";
  return records;
}

/// A state that the first run ever starts from: nothing of it is on the disk.
State first_state() {
  State state = sample_state();
  state.serial = 0;
  state.records.clear();
  state.pending.clear();
  return state;
}

/// What a run has come to. `states` are those that a reader may find, in order; it must find none
/// before `acknowledged`.
struct Run {
  State start;
  std::vector<State> states;
  std::size_t acknowledged = 0;
  std::string old_text;  // Of the state's file before; empty when there was none.
};

Run prepare_run(MemoryFiles& files, bool first) {
  Run run;
  run.start = first ? first_state() : sample_state();
  run.states = {first ? State{} : run.start};
  if (!first) {
    run.old_text = state_to_text(run.start, kTool);
    files.put(kPath, run.old_text);
  }
  State state = run.start;
  state.applied_plan = "plan-2";
  state.applied_by = "bob@host";
  run.states.push_back(state);
  for (const JournalRecord& record : sample_records()) {
    fold(state, record);
    run.states.push_back(state);
  }
  ++state.serial;
  run.states.push_back(state);
  return run;
}

void carry_out(MemoryFiles& files, Run& run) {
  SimClock clock;
  StateStore store(files, clock, kPath, kTool);
  store.lock({}, Millis(0));
  store.load();
  State state = run.start;
  store.begin(state, "plan-2", "bob@host");
  run.acknowledged = 1;
  const std::vector<JournalRecord> records = sample_records();
  for (std::size_t i = 0; i < records.size(); ++i) {
    store.append(records[i]);
    fold(state, records[i]);
    if (i % 2 == 0) continue;
    store.sync();
    run.acknowledged = i + 2;
  }
  store.save(state);
  run.acknowledged = run.states.size() - 1;
}

/// What is wrong with the disk after the run, or an empty text. `thorough` has a next run go on.
std::string judge(MemoryFiles& files, const Run& run, bool thorough) {
  files.restart();
  SimClock clock;
  try {
    StateStore store(files, clock, kPath, kTool);
    State found = store.read();
    const auto from = run.states.begin() + std::ptrdiff_t(run.acknowledged);
    if (std::find(from, run.states.end(), found) == run.states.end()) {
      return "a state that was not, or no longer, to be found";
    }
    if (run.acknowledged + 1 == run.states.size() && !run.old_text.empty()) {
      const std::string* backup = files.bytes(kPath + ".backup/0000000004.json");
      if (backup == nullptr || *backup != run.old_text) return "no backup of the old state";
    }
    if (run.acknowledged + 1 == run.states.size()) {
      const std::string* backup = files.bytes(
          kPath + (run.old_text.empty() ? ".backup/0000000001.json" : ".backup/0000000005.json"));
      if (backup == nullptr || *backup != *files.bytes(kPath)) return "no backup of the new state";
    }
    if (!thorough) return {};
    store.lock({}, Millis(0));
    State loaded = store.load();
    const std::int64_t serial = loaded.serial;
    loaded.serial = found.serial;
    if (loaded != found) return "load and read differ";
    loaded.serial = serial;
    store.begin(loaded, "plan-3", "cy@host");
    const State saved = store.save(loaded);
    if (store.read() != saved) return "the next run could not save";
  } catch (const Fatal& fatal) {
    return fatal.what();
  }
  return {};
}

using Faults = MemoryFiles::Faults;

/// Dies at each operation, and at the end, and loses power as often as there are seeds. Gives the
/// first problem.
std::string first_problem(bool first, Faults faults, int seeds) {
  for (int die_at = 1;; ++die_at) {
    bool whole = false;
    for (int seed = 0; seed <= seeds; ++seed) {
      MemoryFiles files;
      Run run = prepare_run(files, first);
      files.faults = faults;
      files.faults.die_at = die_at;
      try {
        carry_out(files, run);
        whole = true;
      } catch (const ProcessDied&) {
      }
      SeededRandom random(static_cast<std::uint64_t>(die_at * 1000 + seed));
      if (seed > 0) files.lose_power(random);
      const std::string problem = judge(files, run, seed <= 1);
      if (!problem.empty()) {
        return "operation " + std::to_string(die_at) + ", seed " + std::to_string(seed) + ": " +
               problem;
      }
    }
    if (whole) return {};
  }
}

/// False when the next run loads what a dead one left before it comes to its `die_at`th operation.
bool dies_loading(MemoryFiles& files, int die_at) {
  files.restart();
  files.faults.die_at = die_at;
  SimClock clock;
  try {
    StateStore store(files, clock, kPath, kTool);
    store.lock({}, Millis(0));
    store.load();
  } catch (const ProcessDied&) {
    return true;
  }
  return false;
}

/// What the next run may have saved of what it found.
void add_loaded(Run& run) {
  const std::size_t count = run.states.size();
  if (run.acknowledged + 1 == count) return;
  for (std::size_t i = run.acknowledged; i < count; ++i) {
    // Two more when the dead run had a backup made already, which is not to look newer.
    for (const int more : {1, 2}) {
      State state = run.states[i];
      state.serial = run.start.serial + more;
      run.states.push_back(state);
    }
  }
}

/// A run is killed at each operation, and the next one, beginning with another each time, at each
/// third that it takes to load what is left, by a loss of power. Gives the first problem.
std::string first_problem_of_next(bool first, int seeds) {
  for (int die_at = 1;; ++die_at) {
    bool whole = false;
    for (int next = 1 + die_at % 3;; next += 3) {
      bool loaded = false;
      for (int seed = 1; seed <= seeds; ++seed) {
        MemoryFiles files;
        Run run = prepare_run(files, first);
        files.faults.die_at = die_at;
        try {
          carry_out(files, run);
          whole = true;
        } catch (const ProcessDied&) {
        }
        loaded = !dies_loading(files, next);
        add_loaded(run);
        SeededRandom random(static_cast<std::uint64_t>(die_at * 10'000 + next * 100 + seed));
        files.lose_power(random);
        const std::string problem = judge(files, run, true);
        if (!problem.empty()) return fmt::format("operations {}, {}: {}", die_at, next, problem);
      }
      if (loaded) break;
    }
    if (whole) return {};
  }
}

/// What the disk may hold after a loss of power, each once.
std::set<std::map<std::string, std::string>> outcomes(const MemoryFiles& files) {
  std::set<std::map<std::string, std::string>> result;
  EveryLuck luck;
  do {
    MemoryFiles lost(files);
    lost.lose_power(luck, MemoryFiles::Sectors());
    result.insert(lost.content());
  } while (luck.next());
  return result;
}

/// Loses power at each operation, and at the end, in every way there is. Gives the first problem,
/// and adds up the ways.
std::string first_problem_of_all(bool first, Faults faults, std::size_t& ways) {
  for (int die_at = 1;; ++die_at) {
    MemoryFiles files;
    Run run = prepare_run(files, first);
    files.faults = faults;
    files.faults.die_at = die_at;
    bool whole = false;
    try {
      carry_out(files, run);
      whole = true;
    } catch (const ProcessDied&) {
    }
    for (const auto& outcome : outcomes(files)) {
      ++ways;
      MemoryFiles left;
      for (const auto& [path, bytes] : outcome)
        left.put(path, bytes);
      const std::string problem = judge(left, run, true);
      if (!problem.empty()) return "operation " + std::to_string(die_at) + ": " + problem;
    }
    if (whole) return {};
  }
}

}  // namespace

TEST_CASE("crash: a kill at any operation leaves an old or the new state and every record") {
  CHECK(first_problem(true, {}, 0) == "");
  CHECK(first_problem(false, {}, 0) == "");
}

TEST_CASE("crash: so does a power loss at any operation") {
  CHECK(first_problem(true, {}, kSeeds) == "");
  CHECK(first_problem(false, {}, kSeeds) == "");
}

TEST_CASE("crash: so does a kill, and a power loss while the next run loads what is left") {
  CHECK(first_problem_of_next(true, 2) == "");
  CHECK(first_problem_of_next(false, 2) == "");
}

TEST_CASE("crash: so does a power loss at any operation, in every way that a disk may lose it") {
  std::size_t ways = 0;
  CHECK(first_problem_of_all(true, {}, ways) == "");
  CHECK(first_problem_of_all(false, {}, ways) == "");
  MESSAGE("power losses of two runs, all ways: ", ways);
}

TEST_CASE("crash: all ways of a power loss catch a sync that is left out, without any luck") {
  // Each of the first four; with a later one, the ways are too many to be tried every time.
  for (int sync = 1; sync <= 4; ++sync) {
    Faults faults;
    faults.lying_sync = sync;
    std::size_t ways = 0;
    CHECK_MESSAGE(first_problem_of_all(false, faults, ways) != "", "sync ", sync);
  }
}

TEST_CASE("crash: the check catches a state that is written in place") {
  Faults faults;
  faults.copies_names = true;
  CHECK(first_problem(false, faults, 0) != "");
}

TEST_CASE("crash: the check catches every sync that is left out, but that of the emptied journal") {
  MemoryFiles files;
  Run run = prepare_run(files, false);
  carry_out(files, run);
  std::set<int> harmless;
  for (int sync = 1; sync <= files.syncs(); ++sync) {
    Faults faults;
    faults.lying_sync = sync;
    const bool caught =
        first_problem(false, faults, kSeeds) != "" || first_problem(true, faults, kSeeds) != "";
    if (!caught) harmless.insert(sync);
  }
  // A journal that comes back after the save is known by its serial and left alone.
  CHECK(harmless == std::set<int>{files.syncs()});
}

TEST_CASE("crash: an operation that fails is told, or made good, and loses nothing") {
  for (const int code : {EIO, ENOSPC, EDQUOT, EACCES, EROFS, EMFILE}) {
    for (const bool first : {true, false}) {
      for (int fail_at = 1;; ++fail_at) {
        MemoryFiles files;
        Run run = prepare_run(files, first);
        files.faults.fail_at = fail_at;
        files.faults.code = code;
        bool told = false;
        std::string text;
        try {
          carry_out(files, run);
        } catch (const Fatal& fatal) {
          told = true;
          text = fatal.what();
          CHECK(fatal.code() == ExitCode::state_damaged);
          CHECK_MESSAGE(text.find(std::generic_category().message(code)) != std::string::npos,
                        text);
          CHECK_MESSAGE(text.find(" state") != std::string::npos, text);
          CHECK(fatal.diagnostic().detail != "");
        }
        const bool reached = files.operations() >= fail_at;
        const std::string problem = judge(files, run, code == ENOSPC);
        CHECK_MESSAGE(problem == "", "operation ", fail_at, " with ", code, ": ", problem);
        if (!reached) break;
        CHECK_MESSAGE((told || code == ENOSPC || code == EDQUOT), "operation ", fail_at);
      }
    }
  }
}

TEST_CASE("crash: a failed sync is never trusted again, and what it lost is in the saved state") {
  MemoryFiles files;
  Run run = prepare_run(files, false);
  SimClock clock;
  SeededRandom random(1);
  {
    StateStore store(files, clock, kPath, kTool);
    store.lock({}, Millis(0));
    State state = store.load();
    store.begin(state, "plan-2", "bob@host");
    const JournalRecord record = sample_records()[0];
    store.append(record);
    fold(state, record);
    // The lock is looked at before.
    files.faults.fail_at = files.operations() + 2;
    CHECK_THROWS_AS(store.sync(), Fatal);
    CHECK_THROWS_AS(store.sync(), Fatal);
    CHECK_THROWS_AS(store.append(record), Fatal);
    store.save(state);
  }
  files.lose_power(random);
  const State found = StateStore(files, clock, kPath, kTool).read();
  CHECK(found.pending.contains("op-2"));
  CHECK(found.serial == 5);
}
