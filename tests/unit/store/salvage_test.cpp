#include "store/salvage.hpp"

#include "unit/store/store_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::store;
using namespace sluice::test;

namespace {

const std::string kJournal = kPath + ".journal";

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("recover: a state in order is left alone") {
  Lived f;
  const std::string before = *f.files.bytes(kPath);
  const StateStore::Recovered done = f.store.recover();
  CHECK_FALSE(done.was_needed);
  CHECK(done.state == f.newest);
  CHECK(*f.files.bytes(kPath) == before);
}

TEST_CASE("recover: an empty, cut, edited or missing state comes back whole, and newer") {
  const std::string good = [] {
    Lived f;
    return *f.files.bytes(kPath);
  }();
  std::string edited = good;
  edited.replace(edited.find("new-1"), 5, "new-2");
  for (const std::string& text :
       {std::string(), good.substr(0, good.size() / 2), edited, std::string(200, '\0')}) {
    Lived f;
    f.files.put(kPath, text);
    const StateStore::Recovered done = f.store.recover();
    CHECK(done.was_needed);
    CHECK(done.source == kPath + ".backup/0000000003.json");
    CHECK(done.gaps.empty());
    CHECK(done.state.records == f.newest.records);
    CHECK(done.state.serial == 4);
    CHECK(f.store.read() == done.state);
    REQUIRE(done.aside.size() == 1);
    REQUIRE(f.files.bytes(done.aside[0]) != nullptr);
    CHECK(*f.files.bytes(done.aside[0]) == text);
  }
  Lived f;
  f.files.remove(kPath);
  const StateStore::Recovered done = f.store.recover();
  CHECK(done.state.records == f.newest.records);
  CHECK(done.aside.empty());
}

TEST_CASE("recover: what a killed run did goes on top, as far as its lines can be read") {
  for (const bool is_journal_cut : {false, true}) {
    Lived f;
    const JournalRecord begin = begin_of(f.newest);
    f.files.put(kJournal, to_line(begin, 0) + to_line(created("datasets.lost"), 0) +
                              to_line(created("datasets.kept"), 0));
    if (is_journal_cut) (*f.files.bytes(kJournal))[to_line(begin, 0).size() + 3] = '#';
    f.files.put(kPath, "");
    CHECK(fatal_of([&] { f.store.load(); }));
    const StateStore::Recovered done = f.store.recover();
    CHECK(done.state.records.contains(address("datasets.c")));
    CHECK(done.state.records.contains(address("datasets.kept")));
    CHECK(done.state.records.contains(address("datasets.lost")) != is_journal_cut);
    CHECK(done.aside.size() == (is_journal_cut ? 2 : 1));
    CHECK(done.gaps.size() == (is_journal_cut ? 1 : 0));
    CHECK(*f.files.bytes(kJournal) == "");
    CHECK(f.store.read() == done.state);
  }
}

TEST_CASE("recover: a journal finds the state that it goes on from, and the older one is kept") {
  Lived f;
  f.files.put(kJournal, to_line(begin_of(f.newest), 0) + to_line(created("datasets.d"), 0));
  const std::string older = *f.files.bytes(kPath + ".backup/0000000002.json");
  f.files.put(kPath, older);
  CHECK(fatal_of([&] { f.store.load(); }));
  const StateStore::Recovered done = f.store.recover();
  CHECK(done.source == kPath + ".backup/0000000003.json");
  CHECK(done.state.records.contains(address("datasets.c")));
  CHECK(done.state.records.contains(address("datasets.d")));
  REQUIRE(done.aside.size() == 1);
  CHECK(*f.files.bytes(done.aside[0]) == older);
}

TEST_CASE("recover: a save that was cut off behind its backup is taken as it is") {
  Lived f;
  // The run of the newest backup ended before its state was in place.
  State before = f.newest;
  --before.serial;
  before.records.erase(address("datasets.c"));
  JournalRecord begin = begin_of(before);
  begin.plan_id = f.newest.applied_plan;
  begin.who = f.newest.applied_by;
  f.files.put(kJournal, to_line(begin, 0) + to_line(created("datasets.c"), 0));
  f.files.put(kPath, "cut");
  CHECK(f.store.recover().state.records == f.newest.records);
}

TEST_CASE("recover: what nobody knows any more is said") {
  Lived f;
  f.files.remove(kPath + ".backup/0000000003.json");
  std::string& text = *f.files.bytes(kPath);
  text.replace(text.find("new-1"), 5, "new-2");
  const StateStore::Recovered done = f.store.recover();
  CHECK(done.source == kPath + ".backup/0000000002.json");
  REQUIRE(done.gaps.size() == 1);
  CHECK(done.gaps[0] == "Of the runs between serial 2 and serial 3 nothing is known.");
  // A plan that was made on the lost state of serial 3 must not fit this one.
  CHECK(done.state.serial == 4);
}

TEST_CASE("recover: two histories are for people to choose from") {
  for (const bool is_foreign : {true, false}) {
    Lived f;
    JournalRecord begin = begin_of(f.newest);
    if (is_foreign) {
      begin.lineage = "l-2";
    } else {
      begin.serial = 1;
    }
    f.files.put(kJournal, to_line(begin, 0) + to_line(created("datasets.d"), 0));
    const std::string state = *f.files.bytes(kPath);
    const auto fatal = fatal_of([&] { f.store.recover(); });
    REQUIRE(fatal);
    CHECK(fatal->code() == ExitCode::state_damaged);
    CHECK(holds(fatal->what(), "tells of another history"));
    CHECK(*f.files.bytes(kPath) == state);
  }
}

TEST_CASE("recover: a journal that the newest backup knows nothing of is no ground to go back on") {
  Lived f;
  JournalRecord begin = begin_of(f.newest);
  begin.serial = 1;
  f.files.put(kJournal, to_line(begin, 0) + to_line(created("datasets.d"), 0));
  f.files.put(kPath, "cut");
  const auto fatal = fatal_of([&] { f.store.recover(); });
  REQUIRE(fatal);
  CHECK(holds(fatal->what(), "another history than state/x.json.backup/0000000003.json"));
  CHECK(*f.files.bytes(kPath) == "cut");
}

TEST_CASE("recover: what went on from an older state that people put back is the newest") {
  Lived f;
  f.files.put(kPath, *f.files.bytes(kPath + ".backup/0000000001.json"));
  State state = f.store.load();
  f.store.begin(state, {}, "ann@host");
  f.store.append(created("datasets.z"));
  fold(state, created("datasets.z"));
  CHECK(f.store.save(state).serial == 4);
  f.files.put(kPath, "cut");
  const State back = f.store.recover().state;
  CHECK(back.records.contains(address("datasets.z")));
  CHECK_FALSE(back.records.contains(address("datasets.c")));
}

TEST_CASE("recover: what a newer program wrote is not damaged, and no older copy takes its place") {
  const std::string newer = R"({"format": 2, "serial": 9, "tool": "sluice 9.1.0"})";
  for (const bool is_backup : {false, true}) {
    Lived f;
    // Of a state that is cut, the newest backup tells who wrote it.
    const std::string file = is_backup ? kPath + ".backup/0000000009.json" : kPath;
    f.files.put(kPath, "cut");
    f.files.put(file, newer);
    const std::string before = *f.files.bytes(kPath);
    const auto fatal = fatal_of([&] { f.store.recover(); });
    REQUIRE(fatal);
    CHECK(fatal->code() == ExitCode::state_damaged);
    CHECK(holds(fatal->what(), file + " is not damaged, it was written by a newer sluice 9.1.0"));
    CHECK(holds(fatal->diagnostic().detail, "with that version or a later one"));
    CHECK(*f.files.bytes(kPath) == before);
  }
  // An older backup of another program is no reason.
  Lived f;
  f.files.put(kPath + ".backup/0000000001.json", newer);
  f.files.put(kPath, "cut");
  CHECK(f.store.recover().state.records == f.newest.records);
}

TEST_CASE("recover: where nothing is left, that is said") {
  Fixture f;
  f.store.lock(kMe, Millis(0));
  const auto fatal = fatal_of([&] { f.store.recover(); });
  REQUIRE(fatal);
  CHECK(holds(fatal->what(), "no backup of it that can be read, and no journal"));
  CHECK(holds(fatal->diagnostic().detail, "`sluice discover`"));
}
