#include "store/state_store.hpp"

#include "core/fatal.hpp"
#include "core/time_text.hpp"
#include "store/backups.hpp"
#include "store/history.hpp"
#include "store/journal_writer.hpp"
#include "store/must.hpp"
#include "store/new_file.hpp"
#include "store/rescue.hpp"
#include "store/salvage.hpp"
#include "store/state_json.hpp"
#include "store/state_lock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cerrno>

namespace sluice::store {

namespace {

constexpr int kReadsMax = 100;

[[noreturn]] void distrust(const std::string& path, const std::string& problem,
                           const std::string& advice) {
  throw Fatal(ExitCode::state_damaged,
              fmt::format("The state {} cannot be trusted: {}", path, problem), advice);
}

std::string file_name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// What stands on the disk.
struct Found {
  std::string state_text;
  std::optional<State> state;
  bool journal_is_empty = true;
  JournalText journal;
};

struct Replayed {
  State state;
  bool changed = false;  ///< The journal holds what the state's file does not.
};

/// Whether the journal goes on from `state`; false when the state holds all of it already. Throws
/// Fatal when the two do not belong together: dropping the journal would lose track of objects.
bool goes_on_from(const std::string& path, const std::optional<State>& state,
                  const JournalRecord& begin) {
  const std::string journal = path + ".journal";
  const std::string advice = fmt::format(
      "{} holds what a run did that could not save its state. `sluice state recover` lets it go on "
      "from the state of that run's start (serial {}), if that is in {}.backup/. Remove the "
      "journal "
      "only if what it tells of is of no interest.",
      journal, begin.serial, path);
  if (begin.type != JournalRecord::Type::begin) {
    distrust(path, journal + " does not start with the beginning of a run", advice);
  }
  if (!state) {
    if (begin.serial == 0) return true;
    distrust(path,
             fmt::format("{} goes on from serial {}, and there is no state", journal, begin.serial),
             advice);
  }
  switch (relation(*state, begin)) {
    case Relation::goes_on:
      return true;
    case Relation::holds:
      return false;
    case Relation::foreign:
      distrust(path,
               fmt::format("{} belongs to another state, of lineage {} and not {}", journal,
                           begin.lineage, state->lineage),
               advice);
    case Relation::older:
    case Relation::apart:
      distrust(path,
               fmt::format("{} goes on from serial {}, and the state has serial {}", journal,
                           begin.serial, state->serial),
               advice);
  }
  return false;
}

}  // namespace

struct StateStore::Impl {
  Impl(Files& files_in, Clock& clock_in, const std::string& path_in, std::string tool_in)
      : files(files_in),
        clock(clock_in),
        path(path_in),
        tool(std::move(tool_in)),
        lock(files_in, clock_in, path_in),
        journal(files_in, path_in) {}

  Found look();
  Replayed replay(Found found) const;
  std::int64_t newest_backup(const std::string& advice) const;
  void refuse_lost(const JournalText& text) const;
  std::string set_aside(const std::string& from);
  FileResult<Nothing> prepare(const std::string& text, const std::optional<Version>& old,
                              std::int64_t serial);
  void check_lock();
  void leave(const std::optional<std::string>& text, std::int64_t serial);
  std::optional<std::string> present() const;
  bool is_ours(const std::optional<std::string>& text);
  [[noreturn]] void give_way(State state, const std::optional<std::string>& there);
  std::string after_failure() const;

  Files& files;
  Clock& clock;
  std::string path;
  std::string tool;
  StateLock lock;
  JournalWriter journal;
  bool loaded = false;
  bool journal_is_empty = true;
  std::optional<JournalRecord> begun;
  // The state's file as this run read or wrote it last: its hash, empty when there was none.
  std::string left_hash;
  std::int64_t left_serial = 0;
};

Found StateStore::Impl::look() {
  const std::string what = "The state could not be read";
  const std::string advice = "Make the file readable, and run the command again.";
  Found found;
  auto text = must(files.read(path, kStateSizeMax), what, advice);
  const auto journal_text = must(files.read(journal.path(), kJournalSizeMax), what, advice);
  if (text) {
    found.state_text = std::move(*text);
    std::string problem;
    found.state = state_from_text(found.state_text, problem);
    if (!found.state) {
      distrust(path, problem,
               is_newer_state(found.state_text)
                   ? "Nothing was changed. Run the command with that version or a later one."
                   : "Nothing was changed. `sluice state recover` brings the newest good copy "
                     "back.");
    }
  }
  if (journal_text) {
    found.journal_is_empty = journal_text->empty();
    found.journal = read_journal(*journal_text);
  }
  return found;
}

Replayed StateStore::Impl::replay(Found found) const {
  Replayed result;
  const JournalText& text = found.journal;
  if (!text.damage.empty()) {
    throw Fatal(ExitCode::state_damaged,
                fmt::format("The journal {} cannot be trusted: {}", journal.path(), text.damage),
                "It holds what a run did that could not save its state, so nothing was changed. "
                "Put a good copy of it back; without one, `sluice state recover` keeps what can "
                "be read of it.");
  }
  const bool goes_on =
      !text.records.empty() && goes_on_from(path, found.state, text.records.front());
  if (!found.state) refuse_lost(text);
  if (found.state) result.state = std::move(*found.state);
  if (!goes_on) return result;
  for (const JournalRecord& record : text.records)
    fold(result.state, record);
  result.changed = true;
  return result;
}

/// Where there were states, there is one: to begin with an empty one would lose track of objects.
/// Only a state's first run dies with a backup and no state, and its journal tells all of it.
void StateStore::Impl::refuse_lost(const JournalText& text) const {
  const std::string advice = "Make the folder and its files readable, and run the command again.";
  const std::int64_t newest = newest_backup(advice);
  if (newest == 0) return;
  const auto backup = must(files.read(backup_path(path, newest), kStateSizeMax),
                           "A backup of the state could not be read", advice);
  std::string problem;
  const auto state = state_from_text(backup.value_or(std::string()), problem);
  if (state && !text.records.empty() && relation(*state, text.records.front()) == Relation::holds) {
    return;
  }
  throw Fatal(
      ExitCode::state_damaged,
      fmt::format("The state {} is gone, and {}.backup/ has states that were there", path, path),
      "Nothing was changed. `sluice state recover` brings the newest one back. If a new "
      "state is to begin, move that folder away first.");
}

/// Copies a file to a name in the backups that no other file has, and gives that name.
std::string StateStore::Impl::set_aside(const std::string& from) {
  const std::string what = "A damaged file could not be set aside";
  const std::string advice = "Nothing was changed. Mend the disk, and run the command again.";
  const auto text = must(files.read(from, kJournalSizeMax), what, advice);
  const std::string folder = path + ".backup";
  must(files.make_folder(folder), what, advice);
  const auto names = must(files.list(folder), what, advice);
  std::string when = utc_text(clock.wall());
  std::erase(when, ':');  // Many a tool that stores files of a CI job refuses it in names.
  const std::string stem = file_name_of(from) + ".damaged-" + when;
  std::string name = stem;
  for (int i = 2; std::find(names.begin(), names.end(), name) != names.end(); ++i)
    name = fmt::format("{}-{}", stem, i);
  must(replace_file(files, folder + "/" + name, text.value_or(std::string())), what, advice);
  must(files.sync_folder(folder), what, advice);
  return folder + "/" + name;
}

/// The serial of the newest backup, 0 without one. Where people have put an older state back, the
/// newer ones are still there: what is saved next must not look older than they do.
std::int64_t StateStore::Impl::newest_backup(const std::string& advice) const {
  const std::vector<std::int64_t> serials = backup_serials(files, path, advice);
  return serials.empty() ? 0 : serials.front();
}

/// Everything of a save that leaves the state's file as it is.
FileResult<Nothing> StateStore::Impl::prepare(const std::string& text,
                                              const std::optional<Version>& old,
                                              std::int64_t serial) {
  const std::string temporary = path + ".tmp";
  FileResult<Nothing> result = replace_file(files, temporary, text);
  if (is_error(result)) return result;
  FileResult<std::optional<std::string>> again = files.read(temporary, kStateSizeMax);
  if (auto* error = std::get_if<FileError>(&again)) return std::move(*error);
  std::string problem;
  if (std::get<std::optional<std::string>>(again) != text || !state_from_text(text, problem)) {
    return FileError{EIO, temporary + " does not read back as it was written"};
  }
  return back_up(files, path, old, {serial, text});
}

/// Before a write to the journal.
void StateStore::Impl::check_lock() {
  try {
    lock.check();
  } catch (const Fatal&) {
    journal.stop();
    throw;
  }
}

void StateStore::Impl::leave(const std::optional<std::string>& text, std::int64_t serial) {
  left_hash = text ? sha256_hex(*text) : std::string();
  left_serial = serial;
}

std::optional<std::string> StateStore::Impl::present() const {
  return must(files.read(path, kStateSizeMax), "The state could not be looked at again",
              after_failure());
}

/// Whether the state's file, which has this text, is this run's to replace. Others change it in
/// spite of the lock where it is kept with the sources, and pulled or checked out.
bool StateStore::Impl::is_ours(const std::optional<std::string>& text) {
  return lock.is_kept() && (text ? sha256_hex(*text) : std::string()) == left_hash;
}

/// Puts `state` beside the file that is not this run's to replace, and tells.
void StateStore::Impl::give_way(State state, const std::optional<std::string>& there) {
  const bool is_kept = lock.is_kept();
  journal.close();
  std::string problem;
  // No plan that was made on the other one must fit it.
  if (const auto other = there ? state_from_text(*there, problem) : std::nullopt) {
    state.serial = std::max(state.serial, other->serial);
  }
  ++state.serial;
  const std::string text = state_to_text(state, tool);
  FileResult<std::string> written = write_rescue(files, path, text);
  if (const auto* error = std::get_if<FileError>(&written);
      error != nullptr && is_full(*error) && journal.give_up_reserve(*error)) {
    written = write_rescue(files, path, text);
  }
  const std::string what =
      is_kept ? fmt::format("The state {} was {} by others during this run, and {}", path,
                            there ? "changed" : "taken away",
                            there ? "was not overwritten" : "not put back")
              : fmt::format("The state {} was not written, since its lock was lost", path);
  // All that is beside the state is gone with it, and there is nobody's journal to be careful of.
  if (const std::string folder = folder_of(path); is_error(written) && !files.is_folder(folder)) {
    throw Fatal(ExitCode::state_damaged,
                fmt::format("The state {} was not written: its folder {} is gone", path, folder),
                "It was removed during this run, with the state, its journal and its backups. Put "
                "it back from a copy, if there is one. The messages of this run name what it did: "
                "`sluice import ADDR ID` takes that over.");
  }
  const std::string of_journal =
      is_kept
          ? fmt::format("{} still tells what was done. ", journal.path())
          : fmt::format("{} may be another run's by now, and was left as it is. ", journal.path());
  const std::string rescue =
      must(std::move(written), what + ", and no file could be made beside it",
           of_journal +
               "The messages of this run name what it did, too. Free some space or mend "
               "the disk before anything else is done.");
  throw Fatal(
      ExitCode::state_damaged, what,
      fmt::format("What this run knows is in {}: a whole state, with {} object{}. {}`sluice state "
                  "list --json --state FILE` shows either state. If the rescue file is the right "
                  "one, move it to {}, and run the command again. If the other is, move the "
                  "journal of this run away, and take over what only the rescue file has: `sluice "
                  "import ADDR ID`.",
                  rescue, state.records.size(), state.records.size() == 1 ? "" : "s", of_journal,
                  path));
}

std::string StateStore::Impl::after_failure() const {
  std::string text = "The old state is untouched. ";
  if (journal.has_failed()) {
    text += "What was done since is in " + journal.path() +
            " as far as that could be written; the next run looks up the rest. ";
  } else if (!journal_is_empty) {
    text += "What was done since is in " + journal.path() + ", so nothing is lost. ";
  }
  return text + "Free some space or mend the disk, and run the command again.";
}

StateStore::StateStore(Files& files, Clock& clock, std::string path, std::string tool)
    : path_(std::move(path)), impl_(std::make_unique<Impl>(files, clock, path_, std::move(tool))) {
}

StateStore::~StateStore() = default;

State StateStore::read() const {
  // A run that saves in between would show an old state and the new journal, or the other way
  // round; both have changed the state's file by then.
  const auto stable = [this](const Found& found) {
    const auto again = must(impl_->files.read(path_, kStateSizeMax), "The state could not be read",
                            "Make the file readable, and run the command again.");
    return again.value_or(std::string()) == found.state_text;
  };
  for (int i = 0; i < kReadsMax; ++i) {
    Found found = impl_->look();
    if (stable(found)) return impl_->replay(std::move(found)).state;
  }
  throw Fatal(ExitCode::locked, "The state " + path_ + " changes faster than it can be read",
              "Wait for the other run to end, and run the command again.");
}

void StateStore::lock(const LockHolder& me, Millis patience) {
  impl_->lock.take(me, patience);
}

void StateStore::unlock() {
  impl_->journal.close();
  impl_->loaded = false;
  impl_->lock.release();
}

std::optional<LockHolder> StateStore::holder() const {
  return impl_->lock.holder();
}

State StateStore::load() {
  assert(impl_->lock.is_taken());
  Found found = impl_->look();
  if (found.state) impl_->leave(found.state_text, found.state->serial);
  impl_->journal_is_empty = found.journal_is_empty;
  Replayed replayed = impl_->replay(std::move(found));
  impl_->loaded = true;
  // What a killed run wrote may not be on the disk yet. The name of its state must be before the
  // journal is emptied, and the journal before a backup is made of it: with neither beside it, the
  // backup would look as if a state had been lost.
  if (!impl_->journal_is_empty) impl_->journal.settle();
  if (replayed.changed) return save(std::move(replayed.state));
  if (!impl_->journal_is_empty) impl_->journal.empty();
  impl_->journal_is_empty = true;
  return replayed.state;
}

bool StateStore::remove_lock(const std::string& id) {
  return impl_->lock.remove(id);
}

std::optional<LeftBehind> StateStore::left_behind(const State& state) const {
  return newer_objects(impl_->files, path_, state);
}

StateStore::Recovered StateStore::recover() {
  assert(impl_->lock.is_taken());
  Salvage found = salvage(impl_->files, path_);
  Recovered result;
  if (!found.is_needed) {
    result.state = load();
    return result;
  }
  result.was_needed = true;
  result.source = std::move(found.source);
  result.gaps = std::move(found.gaps);
  for (const std::string& damaged : found.aside)
    result.aside.push_back(impl_->set_aside(damaged));
  // Not to be taken for the state that the new one follows.
  if (result.source != path_) {
    must(impl_->files.remove(path_), "The damaged state could not be removed",
         "It is kept in the backups. Mend the disk, and run the command again.");
  }
  impl_->leave(impl_->present(), found.source_serial);
  impl_->loaded = true;
  impl_->journal_is_empty = false;
  result.state = save(std::move(found.state));
  return result;
}

void StateStore::begin(const State& state, const std::string& plan_id, const std::string& who) {
  assert(impl_->lock.is_taken() && impl_->loaded && impl_->journal_is_empty);
  impl_->lock.check();
  // Somebody may have thought for long about what to do with it.
  if (!impl_->is_ours(impl_->present())) {
    throw Fatal(ExitCode::conflict, "The state " + path_ + " was changed since this run read it",
                "Nothing was done. Run the command again.");
  }
  JournalRecord record;
  record.lineage = state.lineage;
  record.serial = state.serial;
  record.spec_name = state.spec_name;
  record.environment = state.environment;
  record.plan_id = plan_id;
  record.who = who;
  record.place = state.place;
  impl_->journal_is_empty = false;
  impl_->begun = record;
  impl_->journal.open(record);
}

void StateStore::append(const JournalRecord& record) {
  impl_->check_lock();
  impl_->journal.append(record);
}

void StateStore::sync() {
  impl_->check_lock();
  impl_->journal.sync();
}

bool StateStore::reserve_used() const {
  return impl_->journal.reserve_used();
}

const std::string& StateStore::lack() const {
  return impl_->journal.lack();
}

State StateStore::save(State state) {
  assert(impl_->lock.is_taken() && impl_->loaded);
  if (impl_->begun) fold(state, *impl_->begun);
  const std::optional<std::string> old_text = impl_->present();
  if (!impl_->is_ours(old_text)) impl_->give_way(std::move(state), old_text);
  std::optional<Version> old;
  if (old_text) old = Version{impl_->left_serial, *old_text};
  state.serial = std::max(state.serial, impl_->newest_backup(impl_->after_failure())) + 1;
  const std::string text = state_to_text(state, impl_->tool);
  const std::string what = "The state could not be saved";
  FileResult<Nothing> prepared = impl_->prepare(text, old, state.serial);
  if (const auto* error = std::get_if<FileError>(&prepared);
      error != nullptr && is_full(*error) && impl_->journal.give_up_reserve(*error)) {
    prepared = impl_->prepare(text, old, state.serial);
  }
  const std::string temporary = path_ + ".tmp";
  if (is_error(prepared)) impl_->files.remove(temporary);
  must(std::move(prepared), what, impl_->after_failure());
  // Past this point a record would go to a journal that the next run may find to be contained.
  impl_->journal.close();
  const std::optional<std::string> now = impl_->present();
  if (!impl_->is_ours(now)) {
    impl_->files.remove(temporary);
    impl_->give_way(std::move(state), now);
  }
  must(impl_->files.rename(temporary, path_), what, impl_->after_failure());
  must(impl_->files.sync_folder(folder_of(path_)), what,
       "The new state may be there or not; what was done is in it or in the journal, so nothing is "
       "lost. Mend the disk, and run the command again.");
  impl_->leave(text, state.serial);
  if (!impl_->journal_is_empty) impl_->journal.empty();
  impl_->journal_is_empty = true;
  impl_->begun.reset();
  return state;
}

}  // namespace sluice::store
