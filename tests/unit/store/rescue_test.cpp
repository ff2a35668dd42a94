// A run whose state or lock somebody took away or replaced while it was at work.

#include "store/rescue.hpp"

#include "unit/store/store_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::store;
using namespace sluice::test;

namespace {

const std::string kRescue = kPath + ".rescue.json";
const std::string kBackup = kPath + ".backup/0000000005.json";

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

State state_in(const std::string* text) {
  REQUIRE(text != nullptr);
  std::string problem;
  const auto state = state_from_text(*text, problem);
  REQUIRE_MESSAGE(state, problem);
  return *state;
}

/// Another state of the same lineage, with an object that nobody else knows.
State newcomer(std::int64_t serial) {
  State state = sample_state();
  fold(state, created("datasets.theirs"));
  state.serial = serial;
  return state;
}

/// A disk on which something happens to the state right before the run looks at it for the last
/// time, when all is ready to be put in its place.
class LateFiles final : public MemoryFiles {
 public:
  FileResult<std::optional<std::string>> read(const std::string& path,
                                              std::uint64_t size_max) override {
    const bool is_ready = path == kPath && bytes(kPath + ".tmp") != nullptr;
    if (is_ready && happens) std::exchange(happens, {})();
    return MemoryFiles::read(path, size_max);
  }
  std::function<void()> happens;
};

/// A run that has made datasets.new on the sample's state.
template <class Disk>
struct Running {
  explicit Running(bool is_first = false) {
    if (!is_first) files.put(kPath, state_to_text(sample_state(), kTool));
    store.lock(kMe, Millis(0));
    state = store.load();
    if (is_first) state.lineage = "l-1";
    store.begin(state, "plan-2", "bob@host");
    note("datasets.new");
    store.sync();
    journal = *files.bytes(kPath + ".journal");
  }

  void note(std::string_view where) {
    store.append(created(where));
    fold(state, created(where));
  }

  Fatal refused() {
    const auto fatal = fatal_of([this] { store.save(state); });
    REQUIRE(fatal);
    CHECK(fatal->code() == ExitCode::state_damaged);
    CHECK(says(fatal->diagnostic().detail, kRescue));
    CHECK(says(fatal->diagnostic().detail, kPath + ".journal"));
    CHECK(files.bytes(kPath + ".tmp") == nullptr);
    CHECK(files.bytes(kRescue + ".tmp") == nullptr);
    return *fatal;
  }

  Disk files;
  SimClock clock;
  StateStore store{files, clock, kPath, kTool};
  State state;
  std::string journal;
};

}  // namespace

TEST_CASE("rescue: a state that others changed during a run is not overwritten") {
  const std::string theirs = state_to_text(newcomer(5), kTool);
  std::string edited = state_to_text(sample_state(), kTool);
  edited.back() = ' ';  // One byte does it.
  for (const std::string& there : {theirs, edited, std::string()}) {
    Running<MemoryFiles> f;
    f.files.put(kPath, there);
    const Fatal fatal = f.refused();
    CHECK(fatal.what() == std::string("The state state/x.json was changed by others during this "
                                      "run, and was not overwritten"));
    CHECK(*f.files.bytes(kPath) == there);
    CHECK(*f.files.bytes(kPath + ".journal") == f.journal);
    const State rescued = state_in(f.files.bytes(kRescue));
    CHECK(rescued.records == f.state.records);
    // No plan that was made on the one fits the other.
    CHECK(rescued.serial == (there == theirs ? 6 : 5));
    CHECK(f.files.bytes(kBackup) == nullptr);
  }
}

TEST_CASE("rescue: a state that was taken away is not put back, and one that came is not lost") {
  Running<MemoryFiles> gone;
  gone.files.forget(kPath + ".backup");
  gone.files.remove(kPath);
  CHECK(says(gone.refused().what(), "was taken away by others"));
  CHECK(gone.files.bytes(kPath) == nullptr);

  Running<MemoryFiles> come(true);
  const std::string theirs = state_to_text(newcomer(5), kTool);
  come.files.put(kPath, theirs);
  come.refused();
  CHECK(*come.files.bytes(kPath) == theirs);
}

TEST_CASE("rescue: the last look comes right before the state is put in place") {
  Running<LateFiles> f;
  const std::string theirs = state_to_text(newcomer(5), kTool);
  f.files.happens = [&] { f.files.put(kPath, theirs); };
  f.refused();
  CHECK_FALSE(f.files.happens);
  CHECK(*f.files.bytes(kPath) == theirs);
  CHECK(state_in(f.files.bytes(kRescue)).records == f.state.records);

  Running<LateFiles> unlocked;
  unlocked.files.happens = [&] { unlocked.files.remove(kPath + ".lock"); };
  const std::string before = *unlocked.files.bytes(kPath);
  unlocked.refused();
  CHECK(*unlocked.files.bytes(kPath) == before);
}

TEST_CASE("rescue: it is the way on, moved into the state's place") {
  Running<MemoryFiles> f;
  f.files.put(kPath, state_to_text(newcomer(5), kTool));
  f.refused();
  f.files.rename(kRescue, kPath);
  StateStore next(f.files, f.clock, kPath, kTool);
  f.files.remove(kPath + ".lock");
  next.lock(kMe, Millis(0));
  CHECK(next.load().records == f.state.records);
  CHECK(*f.files.bytes(kPath + ".journal") == "");
}

TEST_CASE("rescue: no rescue file of other content is written over") {
  MemoryFiles files;
  const auto written = [&files](std::string_view text) {
    return std::get<std::string>(write_rescue(files, kPath, text));
  };
  CHECK(written("a") == kRescue);
  CHECK(written("a") == kRescue);
  CHECK(written("b") == kPath + ".rescue-2.json");
  CHECK(*files.bytes(kRescue) == "a");
  // Another run is at it, or died at it.
  files.put(kPath + ".rescue-3.json.tmp", "half");
  CHECK(written("c") == kPath + ".rescue-4.json");
  CHECK(*files.bytes(kPath + ".rescue-3.json.tmp") == "half");
  CHECK(is_rescue_of(kPath + ".rescue-4.json", kPath));
  CHECK_FALSE(is_rescue_of("state/y.json", kPath));
}

TEST_CASE("rescue: it is there as a whole or not at all, and on the disk when it is told of") {
  for (int die_at = 1;; ++die_at) {
    SeededRandom random(static_cast<std::uint64_t>(die_at));
    MemoryFiles files;
    files.faults.die_at = die_at;
    bool is_told = false;
    try {
      is_told = !std::holds_alternative<FileError>(write_rescue(files, kPath, "the state"));
    } catch (const ProcessDied&) {
    }
    files.lose_power(random);
    const std::string* left = files.bytes(kRescue);
    CHECK((left == nullptr || *left == "the state"));
    if (!is_told) continue;
    CHECK(left != nullptr);
    break;
  }
}

TEST_CASE("rescue: where there is no room for it, that is said, and the journal is kept") {
  Running<MemoryFiles> f;
  f.files.put(kPath, state_to_text(newcomer(5), kTool));
  f.files.remove(kPath + ".reserve");
  f.files.room = 10;
  const auto fatal = fatal_of([&f] { f.store.save(f.state); });
  REQUIRE(fatal);
  CHECK(says(fatal->what(), "no file could be made beside it: cannot write " + kRescue));
  CHECK(says(fatal->diagnostic().detail, "state/x.json.journal still tells what was done"));
  CHECK(*f.files.bytes(kPath + ".journal") == f.journal);
}

TEST_CASE("rescue: a state that was changed while somebody thought is not begun on") {
  Fixture f;
  f.put_state(sample_state());
  f.store.lock(kMe, Millis(0));
  const State state = f.store.load();
  f.put_state(newcomer(5));
  const auto fatal = fatal_of([&] { f.store.begin(state, "plan-2", "bob@host"); });
  REQUIRE(fatal);
  CHECK(fatal->code() == ExitCode::conflict);
  CHECK(f.files.bytes(kPath + ".journal") == nullptr);
}

TEST_CASE("backups: two states of one serial are both kept") {
  Fixture f;
  f.files.put(kBackup, state_to_text(newcomer(5), kTool));
  State other = sample_state();
  other.serial = 5;
  f.put_state(other);
  const std::string theirs = *f.files.bytes(kBackup);
  const std::string text = *f.files.bytes(kPath);
  f.store.lock(kMe, Millis(0));
  f.store.save(f.store.load());
  CHECK(*f.files.bytes(kBackup) == theirs);
  const std::string* beside = f.files.bytes(kBackup + "." + sha256_hex(text).substr(0, 8));
  REQUIRE(beside != nullptr);
  CHECK(*beside == text);
}

TEST_CASE("lock: whoever removes its file stops the run that holds it, and touches no journal") {
  for (const bool is_replaced : {false, true}) {
    Running<MemoryFiles> f;
    f.files.remove(kPath + ".lock");
    StateStore other(f.files, f.clock, kPath, kTool);
    if (is_replaced) {
      other.lock(kMe, Millis(0));
      CHECK(other.load().records == f.state.records);
      CHECK(*f.files.bytes(kPath + ".journal") == "");
    }
    const std::string journal = *f.files.bytes(kPath + ".journal");
    const std::string saved = *f.files.bytes(kPath);
    for (const auto& fatal : {fatal_of([&] { f.store.append(created("datasets.late")); }),
                              fatal_of([&] { f.store.sync(); })}) {
      REQUIRE(fatal);
      CHECK(fatal->code() == ExitCode::state_damaged);
      CHECK(fatal->what() == std::string("The lock of the state state/x.json was lost: "
                                         "state/x.json.lock was removed or replaced during this "
                                         "run"));
    }
    // What is answered all the same is in the rescue file.
    fold(f.state, created("datasets.late"));
    CHECK(says(f.refused().what(), "since its lock was lost"));
    CHECK(state_in(f.files.bytes(kRescue)).records == f.state.records);
    CHECK(*f.files.bytes(kPath + ".journal") == journal);
    CHECK(*f.files.bytes(kPath) == saved);
  }
}

TEST_CASE("lock: once lost it stays lost, also when a file is put there again") {
  Running<MemoryFiles> f;
  f.files.rename(kPath + ".lock", "state/elsewhere");
  CHECK(fatal_of([&] { f.store.sync(); }));
  f.files.rename("state/elsewhere", kPath + ".lock");
  CHECK(fatal_of([&] { f.store.sync(); }));
  CHECK(says(f.refused().what(), "since its lock was lost"));
}

TEST_CASE("lock: who waits for a file that was removed takes the new one") {
  Fixture f;
  f.store.lock(kMe, Millis(0));
  /// A disk on which the lock's file is removed when somebody else has opened it.
  class Removing final : public Clock {
   public:
    explicit Removing(MemoryFiles& files) : files_(files) {}
    Millis monotonic() const override { return now_; }
    Millis wall() const override { return now_; }
    void wait(Millis duration) override {
      now_ += duration;
      files_.remove(kPath + ".lock");
    }

   private:
    MemoryFiles& files_;
    Millis now_{0};
  };
  Removing clock(f.files);
  StateStore second(f.files, clock, kPath, kTool);
  second.lock(kMe, Millis(1000));
  CHECK(fatal_of([&] { StateStore(f.files, f.clock, kPath, kTool).lock(kMe, Millis(0)); }));
}
