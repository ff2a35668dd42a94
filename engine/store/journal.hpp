#pragma once

// What a run did, record by record, ahead of the state file. `fold` is the one rule by which a
// record changes a state: a running apply and a later replay both use it, so they cannot disagree.

#include "core/resource.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::store {

/// One record. Which members count depends on `type`.
struct JournalRecord {
  enum class Type {
    begin,      ///< A run starts: `lineage`, `serial`, `plan_id`, `who`, `place`.
    intent,     ///< A mutation is about to be sent: `intent`.
    recorded,   ///< The object at `record->address` is now this one; settles `op` if set.
    removed,    ///< The object `id` at `address` is gone, or given up; settles `op` if set.
    failed,     ///< `op` had no effect: `why`.
    ambiguous,  ///< The answer to `op` was lost: `why`. It stays open.
    absent,     ///< `op` was looked up, and nothing was made.
    moved,      ///< The record at `address` is now at `to`.
    end,        ///< The run is over and the state with `serial` holds all of it.
  };
  Type type = Type::begin;
  std::string op;
  std::optional<PendingIntent> intent;
  std::optional<Record> record;
  Address address;
  Address to;
  std::string id;
  std::string why;
  std::string lineage;
  std::int64_t serial = 0;
  std::string plan_id;
  std::string who;
  std::optional<Place> place;

  bool operator==(const JournalRecord&) const = default;
};

/// Applies one record. `removed` drops the record's object or its deposed one, whichever has the
/// id; a record without object and without deposed ones disappears.
void fold(State& state, const JournalRecord& record);

/// The record as one line of JSON with its CRC32C, line end included.
std::string to_line(const JournalRecord& record);

/// What is in a journal's text. A torn last line is left out and `good_bytes` tells where the good
/// part ends; a bad line before the last one is `damage`, in words that name the line.
struct JournalText {
  std::vector<JournalRecord> records;
  std::uint64_t good_bytes = 0;
  std::string damage;
};
JournalText read_journal(std::string_view text);

}  // namespace sluice::store
