#pragma once

// What a run did, record by record, ahead of the state file. `fold` is the one rule by which a
// record changes a state: a running apply and a later replay both use it, so they cannot disagree.
//
// A line is the record as JSON, the count of bytes that were known to be on the disk when it was
// written, and the CRC32C of what stands before it, the last two in hex:
//   {"op":"1","type":"absent"} 1f4 9ae0daaf

#include "core/resource.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::store {

/// One record. Which members count depends on `type`.
struct JournalRecord {
  enum class Type {
    begin,      ///< A run starts on the state with `serial`; tells whose and what run it is.
    intent,     ///< A mutation is about to be sent: `intent`.
    recorded,   ///< The object at `record->address` is now this one; settles `op` if set.
    removed,    ///< The object `id` at `address` is gone, or given up; settles `op` if set.
    failed,     ///< `op` had no effect: `why`.
    ambiguous,  ///< The answer to `op` was lost: `why`. It stays open.
    absent,     ///< `op` was looked up, and nothing was made.
    moved,      ///< The record at `address` is now at `to`.
  };
  Type type = Type::begin;
  std::string op;
  std::optional<PendingIntent> intent;
  std::optional<Record> record;
  Address address;
  Address to;
  std::string id;
  std::string why;
  // Of `begin`; what is empty leaves the state's own.
  std::string lineage;
  std::int64_t serial = 0;
  std::string spec_name;
  std::string environment;
  std::string plan_id;
  std::string who;
  std::optional<Place> place;

  bool operator==(const JournalRecord&) const = default;
};

/// Applies one record. `removed` drops the record's object or its deposed one, whichever has the
/// id; a record without object and without deposed ones disappears. `moved` renames the address
/// wherever the state names it, and does nothing when another object is at `to`. Folding a run's
/// records twice comes to the same as folding them once.
void fold(State& state, const JournalRecord& record);

/// The record as one line, line end included. `synced` is the count of the journal's bytes that are
/// on the disk for certain. Never throws: what is not UTF-8 is replaced.
std::string to_line(const JournalRecord& record, std::uint64_t synced);

/// What is in a journal's text. A torn end is left out and `good_bytes` tells where the good part
/// ends; what cannot come from a torn write is `damage`, in words that name the line.
///
/// Torn is a bad last line. Torn is also a bad line with zeros in it, as a block leaves them that
/// never reached the disk while a later one did, as long as no later line tells that it had been
/// on the disk; then all from there on was not acknowledged, and is left out.
struct JournalText {
  std::vector<JournalRecord> records;
  std::uint64_t good_bytes = 0;
  std::string damage;
};
JournalText read_journal(std::string_view text);

/// Every record that can still be read, wherever it stands. For a journal with damage.
std::vector<JournalRecord> whole_records(std::string_view text);

constexpr std::uint64_t kJournalSizeMax = 1ULL << 30U;

}  // namespace sluice::store
