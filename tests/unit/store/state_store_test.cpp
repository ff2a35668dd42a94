#include "store/state_store.hpp"

#include "core/time_text.hpp"
#include "unit/store/store_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::store;
using namespace sluice::test;

TEST_CASE("StateStore: without files there is an empty state, and reading leaves none") {
  Fixture f;
  CHECK(f.store.read() == State{});
  CHECK_FALSE(f.store.holder());
  CHECK(std::get<std::vector<std::string>>(f.files.list("state")).empty());
}

TEST_CASE("StateStore: a save raises the serial, tells of the run, and is read back") {
  Fixture f;
  f.store.lock(kMe, Millis(0));
  State state = f.store.load();
  state.lineage = "l-1";
  f.store.begin(state, "plan-2", "bob@host");
  f.store.append(created("datasets.new"));
  fold(state, created("datasets.new"));
  f.store.sync();
  const State saved = f.store.save(state);
  CHECK(saved.serial == 1);
  CHECK(saved.applied_plan == "plan-2");
  CHECK(saved.applied_by == "bob@host");
  CHECK(saved.records == state.records);
  CHECK(f.store.read() == saved);
  CHECK(*f.files.bytes(kPath) == state_to_text(saved, kTool));
  CHECK(*f.files.bytes(kPath + ".journal") == "");
  CHECK(f.files.bytes(kPath + ".tmp") == nullptr);

  State empty = saved;
  empty.records.clear();
  f.store.begin(empty, "plan-3", "bob@host");
  CHECK(f.store.save(empty).serial == 2);
  CHECK(f.store.read().lineage == "l-1");
}

TEST_CASE("StateStore: the last ten states are kept, and what others put beside them") {
  Fixture f;
  f.put_state(sample_state());
  f.files.put(kPath + ".backup/notes.txt", "mine");
  f.files.put(kPath + ".backup/0000000001.json.bak", "mine");
  f.store.lock(kMe, Millis(0));
  State state = f.store.load();
  for (int i = 0; i < 12; ++i)
    state = f.store.save(state);
  const auto names = std::get<std::vector<std::string>>(f.files.list(kPath + ".backup"));
  REQUIRE(names.size() == 12);
  CHECK(names[0] == "0000000001.json.bak");
  CHECK(names[1] == "0000000007.json");
  CHECK(names[10] == "0000000016.json");
  CHECK(names[11] == "notes.txt");
  CHECK(*f.files.bytes(kPath + ".backup/0000000016.json") == *f.files.bytes(kPath));
}

TEST_CASE("StateStore: a state that people put there is kept as well, before it is replaced") {
  Fixture f;
  f.put_state(sample_state());
  const std::string theirs = *f.files.bytes(kPath);
  f.store.lock(kMe, Millis(0));
  f.store.save(f.store.load());
  CHECK(*f.files.bytes(kPath + ".backup/0000000004.json") == theirs);
}

TEST_CASE("StateStore: a state that is gone is not begun anew") {
  Fixture f;
  f.store.lock(kMe, Millis(0));
  f.store.save(f.store.load());
  f.files.remove(kPath);
  for (const auto& fatal : {fatal_of([&] { f.store.read(); }), fatal_of([&] { f.store.load(); })}) {
    REQUIRE(fatal);
    CHECK(fatal->code() == ExitCode::state_damaged);
    CHECK(fatal->what() == std::string("The state state/x.json is gone, and state/x.json.backup/ "
                                       "has states that were there"));
  }
  f.files.rename(kPath + ".backup/0000000001.json", kPath + ".backup/notes.txt");
  CHECK(f.store.load() == State{});
}

TEST_CASE("StateStore: a first run that died between its backup and its state is read") {
  for (const bool is_of_run : {true, false}) {
    CAPTURE(is_of_run);
    Fixture f;
    State first;
    first.lineage = "l-1";
    first.place = sample_state().place;
    const JournalRecord begin = begin_of(first);
    fold(first, begin);
    fold(first, created("datasets.new"));
    if (!is_of_run) first.applied_plan = "another";
    first.serial = 2;
    f.files.put(kPath + ".backup/0000000002.json", state_to_text(first, kTool));
    f.put_journal(begin, created("datasets.new"));
    const auto fatal = fatal_of([&] { f.store.read(); });
    CHECK(fatal.has_value() != is_of_run);
    if (is_of_run) {
      CHECK(f.store.read().records == first.records);
      CHECK(first.records.size() == 1);
    } else {
      REQUIRE(fatal);
      CHECK(fatal->code() == ExitCode::state_damaged);
      CHECK(fatal->what() == std::string("The state state/x.json is gone, and state/x.json.backup/ "
                                         "has states that were there"));
    }
  }
}

TEST_CASE("StateStore: what a dead run left is read, and saved by the next load") {
  for (const bool torn : {false, true}) {
    Fixture f;
    f.put_state(sample_state());
    f.put_journal(begin_of(sample_state()), created("datasets.new"));
    if (torn) *f.files.bytes(kPath + ".journal") += "{\"type\":\"rem";
    f.files.put(kPath + ".tmp", "half a sta");
    State expected = sample_state();
    fold(expected, begin_of(expected));
    fold(expected, created("datasets.new"));
    CHECK(f.store.read() == expected);
    f.store.lock(kMe, Millis(0));
    ++expected.serial;
    CHECK(f.store.load() == expected);
    CHECK(expected.pending.size() == 1);
    CHECK(*f.files.bytes(kPath + ".journal") == "");
    CHECK(f.store.read() == expected);
  }
}

TEST_CASE("StateStore: a journal that the state holds already is not applied again") {
  Fixture f;
  State state = sample_state();
  const JournalRecord begin = begin_of(state);
  // The run removed later what the journal says it had made.
  fold(state, begin);
  ++state.serial;
  f.put_state(state);
  f.put_journal(begin, created("datasets.new"));
  CHECK(f.store.read() == state);
  f.store.lock(kMe, Millis(0));
  CHECK(f.store.load() == state);
  CHECK(*f.files.bytes(kPath + ".journal") == "");
}

TEST_CASE("StateStore: a journal that does not belong to the state stops every command") {
  const State state = sample_state();
  JournalRecord other = begin_of(state);
  other.lineage = "l-2";
  JournalRecord newer = begin_of(state);
  newer.serial = 5;
  JournalRecord elsewhere = begin_of(state);
  elsewhere.serial = 3;
  const std::string start = "The state state/x.json cannot be trusted: state/x.json.journal ";
  struct Row {
    JournalRecord first;
    bool has_state;
    std::string summary;
  };
  for (const Row& row : std::initializer_list<Row>{
           {other, true,
            "belongs to another state, of lineage l-2 and not "
            "11111111-2222-4333-8444-555555555555"},
           {newer, true, "goes on from serial 5, and the state has serial 4"},
           {elsewhere, true, "goes on from serial 3, and the state has serial 4"},
           {newer, false, "goes on from serial 5, and there is no state"},
           {created("datasets.a"), true, "does not start with the beginning of a run"}}) {
    Fixture f;
    if (row.has_state) f.put_state(state);
    f.put_journal(row.first, created("datasets.new"));
    const std::string journal = *f.files.bytes(kPath + ".journal");
    f.store.lock(kMe, Millis(0));
    for (const auto& fatal :
         {fatal_of([&] { f.store.read(); }), fatal_of([&] { f.store.load(); })}) {
      REQUIRE(fatal);
      CHECK(fatal->code() == ExitCode::state_damaged);
      CHECK(fatal->what() == start + row.summary);
    }
    CHECK(*f.files.bytes(kPath + ".journal") == journal);
  }
}

TEST_CASE("StateStore: a damaged state or journal is refused by name") {
  Fixture f;
  f.files.put(kPath, "");
  auto fatal = fatal_of([&] { f.store.read(); });
  REQUIRE(fatal);
  CHECK(fatal->code() == ExitCode::state_damaged);
  CHECK(fatal->what() == std::string("The state state/x.json cannot be trusted: it is empty"));
  CHECK(fatal->diagnostic().detail ==
        "Nothing was changed. `sluice state recover` brings the newest good copy back.");

  // What is whole is not to be recovered from.
  f.files.put(kPath, R"({"format": 2, "tool": "sluice 9.1.0"})");
  fatal = fatal_of([&] { f.store.read(); });
  REQUIRE(fatal);
  CHECK(fatal->code() == ExitCode::state_damaged);
  CHECK(fatal->what() ==
        std::string("The state state/x.json cannot be trusted: it was written by a newer sluice "
                    "9.1.0 (format 2); this one reads format 1"));
  CHECK(fatal->diagnostic().detail ==
        "Nothing was changed. Run the command with that version or a later one.");

  f.put_state(sample_state());
  f.put_journal(begin_of(sample_state()), created("datasets.new"));
  f.files.bytes(kPath + ".journal")->front() = '[';
  fatal = fatal_of([&] { f.store.read(); });
  REQUIRE(fatal);
  CHECK(fatal->what() == std::string("The journal state/x.json.journal cannot be trusted: its line "
                                     "1 is damaged, and it is not the last"));
}

TEST_CASE("StateStore: a held lock is waited for, and then its holder is named") {
  Fixture f;
  StateStore second(f.files, f.clock, kPath, kTool);
  CHECK_FALSE(second.holder());
  f.store.lock(kMe, Millis(0));
  REQUIRE(second.holder());
  CHECK(second.holder()->id == "lock-1");
  CHECK(second.holder()->pid == 4711);

  const auto fatal = fatal_of([&] { second.lock({}, Millis(500)); });
  REQUIRE(fatal);
  CHECK(f.clock.monotonic() == Millis(500));
  CHECK(fatal->code() == ExitCode::locked);
  CHECK(fatal->what() == std::string("The state state/x.json is locked by another run"));
  CHECK(fatal->diagnostic().detail ==
        "`sluice apply` of ann@host holds it (process 4711 on host, since 2026-01-02T03:04:05Z; "
        "lock lock-1). Wait for it to end, or let --lock-timeout wait. The lock of a run that died "
        "is free at once, so this run is alive; only a network file system may keep a dead run's "
        "lock, and then `sluice unlock lock-1` helps. Do not delete the lock's file: a run that "
        "lost its lock cannot save the state.");
}

TEST_CASE("StateStore: a lock is free as soon as its holder is gone, whatever its file says") {
  Fixture f;
  {
    StateStore first(f.files, f.clock, kPath, kTool);
    LockHolder in_ci = kMe;
    in_ci.job_url = "https://ci.example/7";
    first.lock(in_ci, Millis(0));
    const auto fatal = fatal_of([&] { f.store.lock(kMe, Millis(0)); });
    REQUIRE(fatal);
    CHECK(fatal->diagnostic().detail.find("Its CI job: https://ci.example/7. ") !=
          std::string::npos);
    *f.files.bytes(kPath + ".lock") = "";
    const auto unknown = fatal_of([&] { f.store.lock(kMe, Millis(0)); });
    REQUIRE(unknown);
    CHECK(unknown->diagnostic().detail ==
          "The lock's file does not tell which run that is. Wait for it to end, or let "
          "--lock-timeout wait. The lock of a run that died is free at once, so this run is "
          "alive.");
  }
  CHECK_FALSE(f.store.holder());
  f.store.lock(kMe, Millis(0));
  CHECK(f.files.bytes(kPath + ".lock")->find("lock-1") != std::string::npos);
}

TEST_CASE("StateStore: on a full disk the reserve makes room for what was done") {
  Fixture f;
  f.store.lock(kMe, Millis(0));
  State state = f.store.load();
  state.lineage = "l-1";
  f.store.begin(state, "plan-2", "bob@host");
  f.files.room = 10;  // Less than a record, so a part of it is written.
  CHECK_FALSE(f.store.reserve_used());
  f.store.append(created("datasets.new"));
  fold(state, created("datasets.new"));
  CHECK(f.store.reserve_used());
  f.store.sync();
  CHECK(f.store.read().records == state.records);
  CHECK(f.store.save(state).serial == 1);

  f.files.room = 1U << 20U;
  f.store.begin(f.store.read(), "plan-3", "bob@host");
  CHECK_FALSE(f.store.reserve_used());
  f.files.room = 0;
  f.store.append(created("datasets.two"));
  f.files.room = 0;
  const auto fatal = fatal_of([&] { f.store.append(created("datasets.three")); });
  REQUIRE(fatal);
  CHECK(fatal->code() == ExitCode::state_damaged);
  CHECK(fatal->what() == std::string("The journal could not be written: cannot write "
                                     "state/x.json.journal: No space left on device"));
  CHECK(f.store.read().records.contains(address("datasets.two")));
}

TEST_CASE("StateStore: without room for the reserve no run starts") {
  Fixture f;
  f.store.lock(kMe, Millis(0));
  const State state = f.store.load();
  f.files.room = 1000;
  const auto fatal = fatal_of([&] { f.store.begin(state, "plan-2", "bob@host"); });
  REQUIRE(fatal);
  CHECK(fatal->what() == std::string("The run cannot start: cannot set space aside in "
                                     "state/x.json.reserve: No space left on device"));
}

TEST_CASE("StateStore: read beside a run that saves gives one state, never a mixture") {
  // Whenever the journal is about to be read, another run saves and starts a new journal.
  class BusyFiles final : public MemoryFiles {
   public:
    FileResult<std::optional<std::string>> read(const std::string& path,
                                                std::uint64_t size_max) override {
      if (path.ends_with(".journal") && saves_left > 0) {
        --saves_left;
        State state = sample_state();
        state.serial = 10 - saves_left;
        put(kPath, state_to_text(state, kTool));
        put(path, to_line(begin_of(state), 0) + to_line(created("datasets.new"), 0));
      }
      return MemoryFiles::read(path, size_max);
    }
    int saves_left = 3;
  };
  BusyFiles files;
  SimClock clock;
  files.put(kPath, state_to_text(sample_state(), kTool));
  const State found = StateStore(files, clock, kPath, kTool).read();
  CHECK(found.serial == 10);
  CHECK(found.records.contains(address("datasets.new")));
}

TEST_CASE("StateStore: the holder of a lock is shown with the time that it has held it") {
  LockHolder holder = kMe;
  const Millis created = *from_utc_text(holder.created);
  CHECK(held_since(holder, created + std::chrono::minutes(12)) ==
        "since 2026-01-02T03:04:05Z, for 12 min");
  // Of another machine, whose clock is ahead.
  CHECK(held_since(holder, created - Millis(1000)) == "since 2026-01-02T03:04:05Z");
  holder.created = "yesterday";
  CHECK(held_since(holder, created) == "since yesterday");

  Fixture f;
  holder.created = utc_text(f.clock.wall());
  f.store.lock(holder, Millis(0));
  f.clock.wait(std::chrono::hours(3));
  StateStore second(f.files, f.clock, kPath, kTool);
  const auto fatal = fatal_of([&] { second.lock(kMe, Millis(0)); });
  REQUIRE(fatal);
  CHECK(fatal->diagnostic().detail.find("Z, for 3 h; lock lock-1)") != std::string::npos);
}

TEST_CASE("time_text: moments are read as they are written, and spans in their largest unit") {
  for (const char* text : {"1970-01-01T00:00:00Z", "2026-02-28T23:59:59Z"})
    CHECK(utc_text(from_utc_text(text).value()) == text);
  for (const char* text :
       {"", "2026-02-30T00:00:00Z", "2026-02-28T24:00:00Z", "2026-2-28T00:00:00Z",
        "2026-02-28T00:00:00", "2026-02-28T00:00:00Zulu", "1969-12-31T23:59:59Z"})
    CHECK_FALSE(from_utc_text(text));
  CHECK(span_text(Millis(59'999)) == "59 s");
  CHECK(span_text(std::chrono::minutes(59)) == "59 min");
  CHECK(span_text(std::chrono::minutes(60)) == "1 h");
  CHECK(span_text(std::chrono::hours(47)) == "47 h");
  CHECK(span_text(std::chrono::hours(72)) == "3 days");
}

TEST_CASE("StateStore: who has unlocked keeps nobody out, and needs lock and load to write again") {
  Fixture f;
  f.store.lock(kMe, Millis(0));
  State state = f.store.load();
  state.lineage = "l-1";
  f.store.begin(state, "plan-1", "ann@host");
  f.store.save(state);
  f.store.unlock();
  CHECK_FALSE(f.store.holder());
  {
    StateStore other(f.files, f.clock, kPath, kTool);
    other.lock(kMe, Millis(0));
    CHECK(fatal_of([&] { f.store.lock(kMe, Millis(0)); })->code() == ExitCode::locked);
    other.save(other.load());
  }
  f.store.lock(kMe, Millis(0));
  CHECK(f.store.save(f.store.load()).serial == 3);
}

TEST_CASE("StateStore: a lock's file is removed for the holder that it names, and no other") {
  Fixture f;
  f.store.lock(kMe, Millis(0));
  StateStore second(f.files, f.clock, kPath, kTool);
  CHECK_FALSE(second.remove_lock("lock-2"));
  CHECK(second.holder());
  CHECK(second.remove_lock("lock-1"));
  CHECK_FALSE(second.holder());
  CHECK_FALSE(second.remove_lock("lock-1"));
  second.lock(kMe, Millis(0));
  // Who lives after all does nothing more.
  const State state = f.store.load();
  CHECK(fatal_of([&] { f.store.begin(state, {}, "ann@host"); }));
}

TEST_CASE("StateStore: an older state that was put back is told of, with what it lacks") {
  Fixture f;
  f.store.lock(kMe, Millis(0));
  State state = f.store.load();
  state.lineage = "l-1";
  state = f.store.save(state);
  CHECK_FALSE(f.store.left_behind(state));
  const std::string first = *f.files.bytes(kPath);
  fold(state, created("datasets.new"));
  state = f.store.save(state);
  CHECK_FALSE(f.store.left_behind(state));

  f.files.put(kPath, first);
  for (const bool is_locked : {false, true}) {
    const State old = is_locked ? f.store.load() : f.store.read();
    const auto left = f.store.left_behind(old);
    REQUIRE(left);
    CHECK(left->backup == kPath + ".backup/0000000002.json");
    CHECK(left->serial == 2);
    // The object, and the one that it had taken the place of.
    REQUIRE(left->objects.size() == 2);
    CHECK(left->objects[0] == std::pair{address("datasets.new"), std::string("new-1")});
  }
  State other = f.store.read();
  other.lineage = "l-2";
  CHECK_FALSE(f.store.left_behind(other));
  // Who goes on has decided.
  const State saved = f.store.save(f.store.load());
  CHECK(saved.serial == 3);
  CHECK_FALSE(f.store.left_behind(saved));
}
