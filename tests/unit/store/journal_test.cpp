#include "store/journal.hpp"

#include "store/state_json.hpp"
#include "unit/store/samples.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::store;
using namespace sluice::test;

namespace {

using Type = JournalRecord::Type;

JournalRecord of(Type type, const std::string& op = {}) {
  JournalRecord record;
  record.type = type;
  record.op = op;
  return record;
}

JournalRecord begin_record() {
  JournalRecord record;
  record.lineage = "l-1";
  record.serial = 3;
  record.spec_name = "orders";
  record.environment = "dev";
  record.plan_id = "plan-1";
  record.who = "ann@host";
  record.place = {"https://p.example", "o", "dev"};
  return record;
}

JournalRecord intent_record(const std::string& op, std::string_view where) {
  JournalRecord record = of(Type::intent);
  record.intent = sample_intent(op, where);
  return record;
}

JournalRecord recorded(const std::string& op, const Record& made) {
  JournalRecord record = of(Type::recorded, op);
  record.record = made;
  return record;
}

JournalRecord removed(std::string_view where, const std::string& id) {
  JournalRecord record = of(Type::removed, "op-1");
  record.address = address(where);
  record.id = id;
  return record;
}

JournalRecord moved(std::string_view from, std::string_view to) {
  JournalRecord record = of(Type::moved);
  record.address = address(from);
  record.to = address(to);
  return record;
}

/// One of each type, in an order that makes sense.
std::vector<JournalRecord> all_records() {
  JournalRecord failed = of(Type::failed, "op-3");
  failed.why = "HTTP 400";
  JournalRecord ambiguous = of(Type::ambiguous, "op-4");
  ambiguous.why = "no answer";
  return {begin_record(),
          intent_record("op-2", "datasets.new"),
          recorded("op-2", sample_record("datasets.new", "new-1")),
          intent_record("op-3", "datasets.three"),
          failed,
          intent_record("op-4", "datasets.four"),
          ambiguous,
          of(Type::absent, "op-1"),
          removed("datasets.events", "old-1"),
          moved("datasets.new", "datasets.newer")};
}

std::string text_of(const std::vector<JournalRecord>& records, std::size_t synced_every = 1) {
  std::string text;
  std::uint64_t synced = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i % synced_every == 0) synced = text.size();
    text += to_line(records[i], synced);
  }
  return text;
}

}  // namespace

TEST_CASE("to_line: is JSON, what was synced, and the CRC32C of both") {
  // The CRC was worked out bit by bit with another program.
  CHECK(to_line(of(Type::absent, "1"), 500) == "{\"op\":\"1\",\"type\":\"absent\"} 1f4 90be00b1\n");
}

TEST_CASE("read_journal: gives back every record") {
  const std::vector<JournalRecord> records = all_records();
  const std::string text = text_of(records);
  const JournalText read = read_journal(text);
  CHECK(read.damage == "");
  CHECK(read.records == records);
  CHECK(read.good_bytes == text.size());
  CHECK(read_journal("").records.empty());
}

TEST_CASE("read_journal: a journal cut at any byte is the records before the cut") {
  const std::vector<JournalRecord> records = all_records();
  const std::string text = text_of(records);
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    const JournalText read = read_journal(text.substr(0, cut));
    std::size_t whole = 0;
    std::size_t end = 0;
    for (std::size_t i = 0; i < cut; ++i) {
      if (text[i] != '\n') continue;
      ++whole;
      end = i + 1;
    }
    CHECK(read.damage == "");
    CHECK(read.good_bytes == end);
    CHECK(read.records ==
          std::vector<JournalRecord>(records.begin(), records.begin() + std::ptrdiff_t(whole)));
  }
}

TEST_CASE("read_journal: a flipped bit cuts the last line off and is damage in any other") {
  const std::string text = text_of({of(Type::absent, "1"), of(Type::absent, "2")}, 2);
  const std::size_t second = text.find('\n') + 1;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      const JournalText read = read_journal(flipped);
      // A first line without its end is one bad last line together with the second.
      if (at == second - 1) {
        CHECK(read.records.empty());
      } else if (at < second) {
        CHECK_MESSAGE(read.damage == "its line 1 is damaged, and it is not the last", flipped);
      } else if (flipped[at] == '\n') {
        CHECK(read.damage == "its line 2 is damaged, and it is not the last");
      } else {
        CHECK(read.damage == "");
        CHECK(read.records.size() == 1);
      }
    }
  }
}

TEST_CASE("read_journal: a lost block is torn while nothing after it was synced, else damage") {
  const std::vector<JournalRecord> records = {of(Type::absent, "1"), of(Type::absent, "2"),
                                              of(Type::absent, "3"), of(Type::absent, "4")};
  const auto with_hole = [&](std::size_t synced_every) {
    std::string text = text_of(records, synced_every);
    const std::size_t second = text.find('\n') + 1;
    return text.replace(second + 5, 4, std::string(4, '\0'));
  };
  // All four lines went out before one sync.
  CHECK(read_journal(with_hole(4)).damage == "");
  CHECK(read_journal(with_hole(4)).records.size() == 1);
  // The third line tells that the second was on the disk.
  CHECK(read_journal(with_hole(1)).damage == "its line 2 is damaged, and it is not the last");
}

TEST_CASE("read_journal: a whole line that is not understood is never cut off") {
  const std::string line = to_line(of(Type::absent, "1"), 0);
  // The line of a record type that there is not; its CRC was worked out by another program.
  const std::string other = "{\"type\":\"later\"} 0 343c2b16\n";
  CHECK(read_journal(line + other).damage ==
        "its line 2 is whole, but not one that this sluice knows");
  const std::string huge = "{\"serial\":1e300,\"type\":\"begin\"} 0 8584500d\n";
  CHECK(read_journal(huge).damage == "its line 1 is whole, but not one that this sluice knows");
}

TEST_CASE("read_journal: a record without what its type cannot do without is not understood") {
  // Without its address a move would rename to one that no state may hold.
  JournalRecord nowhere = moved("datasets.new", "datasets.newer");
  nowhere.to = {};
  JournalRecord from_nowhere = moved("datasets.new", "datasets.newer");
  from_nowhere.address = {};
  JournalRecord nothing = removed("datasets.events", "");
  JournalRecord no_place = removed("datasets.events", "1");
  no_place.address = {};
  for (const JournalRecord& record :
       {nowhere, from_nowhere, nothing, no_place, of(Type::intent, "1"), of(Type::recorded, "1"),
        of(Type::failed), of(Type::ambiguous), of(Type::absent)}) {
    const std::string line = to_line(record, 0);
    CAPTURE(line);
    CHECK(read_journal(line).damage == "its line 1 is whole, but not one that this sluice knows");
    CHECK(whole_records(line).empty());
  }
  // A begin may tell nothing: what it leaves out is as the state has it.
  CHECK(read_journal(to_line(of(Type::begin), 0)).damage.empty());
}

TEST_CASE("read_journal: a record that can be read fits into a state that can be read") {
  int fitting = 0;
  for (int depth = 1; depth < 120; ++depth) {
    Json value = 1;
    for (int i = 0; i < depth; ++i)
      value = Json::array({value});
    JournalRecord record = of(Type::recorded, "1");
    record.record = sample_record("datasets.a", "1");
    record.record->inputs["deep"] = value;
    const JournalText text = read_journal(to_line(record, 0));
    if (!text.damage.empty()) break;
    State state;
    fold(state, text.records.at(0));
    std::string problem;
    CHECK(state_from_text(state_to_text(state, kTool), problem) == state);
    fitting = depth;
  }
  // All that a reply may hold, and an end.
  CHECK(fitting >= 64);
  CHECK(fitting < 96);
}

TEST_CASE("read_journal: what tells of a run is taken from its begin alone") {
  const std::string line =
      "{\"lineage\":\"l\",\"op\":\"1\",\"serial\":9,\"type\":\"absent\"} 0 f4b51c1b\n";
  CHECK(read_journal(line).records == std::vector{of(Type::absent, "1")});
}

TEST_CASE("fold: begin sets what it tells and leaves the rest") {
  State state = sample_state();
  fold(state, begin_record());
  CHECK(state.lineage == "l-1");
  CHECK(state.serial == 4);
  CHECK(state.applied_plan == "plan-1");
  CHECK(state.applied_by == "ann@host");
  CHECK(state.place == Place{"https://p.example", "o", "dev"});

  JournalRecord bare;
  bare.lineage = "l-1";
  const State before = state;
  fold(state, bare);
  CHECK(state == before);
}

TEST_CASE("fold: an intent stays open until it is settled") {
  for (const Type type : {Type::failed, Type::absent, Type::recorded, Type::removed}) {
    State state;
    fold(state, intent_record("op-2", "datasets.a"));
    fold(state, of(Type::ambiguous, "op-2"));
    CHECK(state.pending.size() == 1);
    fold(state, of(type, "op-2"));
    CHECK(state.pending.empty());
  }
}

TEST_CASE("fold: recorded replaces the record whole") {
  State state = sample_state();
  Record record = sample_record("datasets.events", "other");
  record.deposed.clear();
  fold(state, recorded("op-1", record));
  CHECK(state.records.at(address("datasets.events")) == record);
  CHECK(state.pending.empty());
}

TEST_CASE("fold: removed drops the object or the deposed one, and then the record") {
  const Address where = address("datasets.events");
  State state = sample_state();
  fold(state, removed("datasets.events", "nobody's"));
  CHECK(state.records.at(where) == sample_state().records.at(where));
  fold(state, removed("datasets.events", "id of datasets.events"));
  CHECK(state.records.at(where).id == "");
  CHECK(state.records.at(where).deposed.size() == 1);
  CHECK(state.ids_of("flow").contains("old-1"));
  fold(state, removed("datasets.events", "old-1"));
  CHECK_FALSE(state.records.contains(where));

  state = sample_state();
  fold(state, removed("datasets.events", "old-1"));
  CHECK(state.records.at(where).id == "id of datasets.events");
  CHECK(state.records.at(where).deposed.empty());
}

TEST_CASE("fold: moved renames an address everywhere, but never onto another") {
  State state = sample_state();
  fold(state, moved("datasets.events", "datasets.renamed"));
  const Address to = address("datasets.renamed");
  CHECK(state.records.at(to).address == to);
  CHECK(state.records.at(to).id == "id of datasets.events");
  CHECK_FALSE(state.records.contains(address("datasets.events")));
  CHECK(state.pending.at("op-1").depends_on.contains(to));
  for (const auto& [where, record] : state.records)
    CHECK(record.depends_on.contains(to));

  const State before = state;
  fold(state, moved("datasets.renamed", "pipelines.events[\"brand-a\"].flow"));
  CHECK(state == before);
}

TEST_CASE("fold: moved to where only replaced objects are left, and from there") {
  const auto moves_to_one = [](std::string_view emptied) {
    State state = sample_state();
    Record other = state.records.at(address("datasets.events"));
    other.address = address("datasets.other");
    other.deposed.front().id = "old-2";
    state.records[other.address] = other;
    fold(state, removed(emptied, "id of datasets.events"));
    fold(state, moved("datasets.other", "datasets.events"));
    CHECK_FALSE(state.records.contains(other.address));
    const Record& merged = state.records.at(address("datasets.events"));
    CHECK(merged.address == address("datasets.events"));
    CHECK(merged.id == "id of datasets.events");
    CHECK(merged.inputs == other.inputs);
    REQUIRE(merged.deposed.size() == 2);
    CHECK(merged.deposed[0].id == "old-1");
    CHECK(merged.deposed[1].id == "old-2");
  };
  moves_to_one("datasets.events");
  moves_to_one("datasets.other");
}

TEST_CASE("fold: a run's records folded twice come to the same as once") {
  State once = sample_state();
  for (const JournalRecord& record : all_records())
    fold(once, record);
  State twice = once;
  for (const JournalRecord& record : all_records())
    fold(twice, record);
  CHECK(once != sample_state());
  CHECK(twice == once);
}
