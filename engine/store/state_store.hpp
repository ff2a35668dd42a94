#pragma once

// Keeps one state: reads it, locks it, writes ahead to its journal, and replaces its file whole.
// It does not know what a plan is or what the platform says.
//
// Files beside `<path>`: `.journal`, `.lock`, `.reserve`, and `.backup/` with the last ten states,
// the present one included, and with what `recover` set aside; `.tmp` while it saves. And
// `.rescue.json`, where a run left what it knew when the state's file was not its own any more.
// Everything that cannot be done throws Fatal with exit code 6 (3 for the lock), in words that name
// the file and what to do.

#include "core/seams.hpp"
#include "store/files.hpp"
#include "store/journal.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::store {

/// Who holds a lock, as its file tells.
struct LockHolder {
  std::string id;
  std::string operation;  ///< "apply".
  std::string who;        ///< "user@host".
  std::string host;
  std::int64_t pid = 0;
  std::string command;
  std::string created;  ///< RFC 3339.
  std::string job_url;  ///< Of the CI job, or empty.
};

/// "since 2026-01-02T03:04:05Z, for 12 min"; without the time that has gone by where the clocks of
/// the two machines do not agree on one.
std::string held_since(const LockHolder& holder, Millis now);

/// Objects that a newer backup of the same lineage has and a state has not.
struct LeftBehind {
  std::string backup;                                    ///< The backup's file.
  std::int64_t serial = 0;                               ///< The backup's.
  std::vector<std::pair<Address, std::string>> objects;  ///< By address and id.
};

class StateStore {
 public:
  /// Touches nothing yet. `tool` is written into the state: "sluice 0.1.0".
  StateStore(Files& files, Clock& clock, std::string path, std::string tool);
  ~StateStore();

  const std::string& path() const { return path_; }

  /// The state with its journal replayed, an empty one when there are no files. Takes no lock and
  /// writes nothing: for commands that only look. Its serial is that of the file, also when the
  /// journal adds to it.
  State read() const;

  /// Takes the lock or throws Fatal(locked) that names the holder; waits up to `patience`.
  void lock(const LockHolder& me, Millis patience);

  /// Gives the lock up before this object ends, for who has saved and only looks from now on. What
  /// needs the lock needs another `lock` and `load` then. Never throws.
  void unlock();

  /// The holder that the lock's file names, if the lock is held now.
  std::optional<LockHolder> holder() const;

  /// Removes the lock's file if it still names the holder with this id; false when it does not. The
  /// next run makes a new one, and a holder that lives after all finds its own gone before it sends
  /// or writes anything more.
  bool remove_lock(const std::string& id);

  /// What the newest backup has that `state`, as `read` or `load` gave it, has lost: an older state
  /// was put back, and a destroy would leave those objects for good. nullopt when nothing is
  /// missing. It is so until the next save, whose serial is above those of all backups: by then
  /// somebody was told and went on, and what later runs remove on purpose must not be missed.
  std::optional<LeftBehind> left_behind(const State& state) const;

  /// Needs the lock. Reads, cuts a torn last line off the journal, and writes what a dead run
  /// left there into the state file.
  State load();

  /// What `recover` did.
  struct Recovered {
    State state;
    bool was_needed = false;         ///< False: all was in order, and this was a `load`.
    std::string source;              ///< The file that the state was brought back from, or empty.
    std::vector<std::string> aside;  ///< Where the damaged files are now.
    std::vector<std::string> gaps;   ///< What is not known any more, in sentences.
  };

  /// Needs the lock. Where `load` would refuse: puts the newest good copy of the state in place,
  /// with what can be read of the journal, after copying what is damaged into `.backup/`. Its
  /// serial is above all that were seen, so no plan that was made on what is lost fits it. Throws
  /// as `salvage` does.
  Recovered recover();

  /// Needs the lock and what `load` or `save` gave. Opens the journal with a `begin` record, and
  /// sets the reserve aside. `plan_id` may be empty, for a run that applies no plan. Throws
  /// Fatal(conflict) when somebody has changed the state's file since.
  void begin(const State& state, const std::string& plan_id, const std::string& who);

  /// Adds a record, between `begin` and `save`; it is on the disk after the next `sync`. When the
  /// disk is full the reserve is given up for it. Once one of the two has thrown they always do.
  /// Both throw, and touch nothing, when the lock is lost since somebody removed its file: another
  /// run may have taken the journal over. The code is 6 then and not 3, which means that nothing
  /// was done and that waiting helps.
  void append(const JournalRecord& record);
  void sync();

  /// True once the reserve is given up: what runs may end and be recorded, nothing new may start.
  bool reserve_used() const;
  /// What there was no room for then: the file and the cause.
  const std::string& lack() const;

  /// Needs the lock and a `load` before. Writes the state whole, with what `begin` says of the run
  /// in it and its serial raised above its own and those of all backups, and empties the journal,
  /// which is closed by then. Returns what was written. When it throws, what the journal holds is
  /// still there for the next `load`.
  ///
  /// Nothing is overwritten when the lock is lost, or the file is not byte for byte what `load`,
  /// `recover` or `save` left, its absence included: `state` goes to a rescue file then, whole, and
  /// a Fatal tells where it and the journal are.
  State save(State state);

 private:
  struct Impl;
  std::string path_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::store
