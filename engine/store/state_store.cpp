#include "store/state_store.hpp"

#include "core/fatal.hpp"
#include "core/time_text.hpp"
#include "store/history.hpp"
#include "store/journal_writer.hpp"
#include "store/lock_holder.hpp"
#include "store/must.hpp"
#include "store/salvage.hpp"
#include "store/state_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cerrno>

namespace sluice::store {

namespace {

constexpr std::uint64_t kLockSizeMax = 64ULL << 10U;
constexpr std::size_t kBackups = 10;
constexpr Millis kLockStep{200};
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
        journal(files_in, path_in) {}

  Found look();
  Replayed replay(Found found) const;
  FileResult<Nothing> write_new(const std::string& to, std::string_view bytes);
  std::int64_t newest_backup(const std::string& advice) const;
  FileResult<Nothing> back_up(const std::string& text, std::int64_t old_serial,
                              std::int64_t serial);
  void refuse_lost(const JournalText& text) const;
  std::string set_aside(const std::string& from);
  FileResult<Nothing> prepare(const std::string& text, std::int64_t old_serial,
                              std::int64_t serial);
  std::string after_failure() const;

  Files& files;
  Clock& clock;
  std::string path;
  std::string tool;
  JournalWriter journal;
  bool loaded = false;
  bool journal_is_empty = true;
  std::optional<JournalRecord> begun;
  std::unique_ptr<File> lock;
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
               "Nothing was changed. If a newer sluice wrote it, use that one; else `sluice state "
               "recover` brings the newest good copy back.");
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
  must(write_new(folder + "/" + name, text.value_or(std::string())), what, advice);
  must(files.sync_folder(folder), what, advice);
  return folder + "/" + name;
}

FileResult<Nothing> StateStore::Impl::write_new(const std::string& to, std::string_view bytes) {
  // What a dead run left may be cut, or a trap; it is never written over.
  FileResult<Nothing> result = files.remove(to);
  if (is_error(result)) return result;
  FileResult<std::unique_ptr<File>> opened = files.open(to, OpenMode::create_new);
  if (auto* error = std::get_if<FileError>(&opened)) return std::move(*error);
  File& file = *std::get<std::unique_ptr<File>>(opened);
  result = file.append(bytes);
  return is_error(result) ? result : file.sync();
}

/// The serial of the newest backup, 0 without one. Where people have put an older state back, the
/// newer ones are still there: what is saved next must not look older than they do.
std::int64_t StateStore::Impl::newest_backup(const std::string& advice) const {
  const auto names = must(files.list(path + ".backup"), "The backups could not be listed", advice);
  std::int64_t newest = 0;
  for (const std::string& name : names) {
    if (is_backup_name(name)) newest = std::max<std::int64_t>(newest, std::stoll(name));
  }
  return newest;
}

/// Keeps the state that is to be saved, so that its file can be lost without loss. The old one is
/// kept already, unless people put it there.
FileResult<Nothing> StateStore::Impl::back_up(const std::string& text, std::int64_t old_serial,
                                              std::int64_t serial) {
  const std::string folder = path + ".backup";
  FileResult<Nothing> result = files.make_folder(folder);
  if (is_error(result)) return result;
  FileResult<std::vector<std::string>> listed = files.list(folder);
  if (auto* error = std::get_if<FileError>(&listed)) return std::move(*error);
  std::vector<std::string> names = std::get<std::vector<std::string>>(std::move(listed));
  // Other people's files in there are not ours to remove.
  std::erase_if(names, [](const std::string& name) { return !is_backup_name(name); });
  const auto keep = [&](std::int64_t of, const std::string& what) {
    const std::string to = backup_path(path, of);
    names.push_back(file_name_of(to));
    // Under its own name it is there as a whole or not at all.
    FileResult<Nothing> written = write_new(to + ".tmp", what);
    return is_error(written) ? written : files.rename(to + ".tmp", to);
  };
  if (std::find(names.begin(), names.end(), file_name_of(backup_path(path, old_serial))) ==
      names.end()) {
    FileResult<std::optional<std::string>> old = files.read(path, kStateSizeMax);
    if (auto* error = std::get_if<FileError>(&old)) return std::move(*error);
    const auto& old_text = std::get<std::optional<std::string>>(old);
    if (old_text) result = keep(old_serial, *old_text);
  }
  if (!is_error(result)) result = keep(serial, text);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (std::size_t i = 0; i + kBackups < names.size() && !is_error(result); ++i)
    result = files.remove(folder + "/" + names[i]);
  return is_error(result) ? result : files.sync_folder(folder);
}

/// Everything of a save that leaves the state's file as it is.
FileResult<Nothing> StateStore::Impl::prepare(const std::string& text, std::int64_t old_serial,
                                              std::int64_t serial) {
  const std::string temporary = path + ".tmp";
  FileResult<Nothing> result = write_new(temporary, text);
  if (is_error(result)) return result;
  FileResult<std::optional<std::string>> again = files.read(temporary, kStateSizeMax);
  if (auto* error = std::get_if<FileError>(&again)) return std::move(*error);
  std::string problem;
  if (std::get<std::optional<std::string>>(again) != text || !state_from_text(text, problem)) {
    return FileError{EIO, temporary + " does not read back as it was written"};
  }
  return back_up(text, old_serial, serial);
}

std::string StateStore::Impl::after_failure() const {
  std::string text = "The old state is untouched. ";
  if (!journal_is_empty) {
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
  assert(!impl_->lock);
  const std::string what = "The state could not be locked";
  const std::string advice = "Make the folder and the file writable, and run the command again.";
  const std::string lock_path = path_ + ".lock";
  must(impl_->files.make_folder(folder_of(path_)), what, advice);
  auto file = must(impl_->files.open(lock_path, OpenMode::read_and_write), what, advice);
  const Millis end = impl_->clock.monotonic() + patience;
  while (!must(file->try_lock(), what, advice)) {
    const Millis left = end - impl_->clock.monotonic();
    if (left <= Millis(0)) {
      const auto text = must(impl_->files.read(lock_path, kLockSizeMax), what, advice);
      throw locked_error(path_, holder_from_text(text.value_or(std::string())));
    }
    impl_->clock.wait(std::min(left, kLockStep));
  }
  must(file->truncate(0), what, advice);
  must(file->append(holder_to_text(me)), what, advice);
  impl_->lock = std::move(file);
}

std::optional<LockHolder> StateStore::holder() const {
  const std::string what = "The state's lock could not be read";
  const std::string advice = "Make the file readable and writable, and run the command again.";
  const std::string lock_path = path_ + ".lock";
  const auto text = must(impl_->files.read(lock_path, kLockSizeMax), what, advice);
  if (!text) return std::nullopt;
  const auto file = must(impl_->files.open(lock_path, OpenMode::read_and_write), what, advice);
  if (!must(file->is_locked_elsewhere(), what, advice)) return std::nullopt;
  return holder_from_text(*text);
}

State StateStore::load() {
  assert(impl_->lock);
  Found found = impl_->look();
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

StateStore::Recovered StateStore::recover() {
  assert(impl_->lock);
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
  impl_->loaded = true;
  impl_->journal_is_empty = false;
  result.state = save(std::move(found.state));
  return result;
}

void StateStore::begin(const State& state, const std::string& plan_id, const std::string& who) {
  assert(impl_->lock && impl_->loaded && impl_->journal_is_empty);
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
  impl_->journal.append(record);
}

void StateStore::sync() {
  impl_->journal.sync();
}

bool StateStore::reserve_used() const {
  return impl_->journal.reserve_used();
}

const std::string& StateStore::lack() const {
  return impl_->journal.lack();
}

State StateStore::save(State state) {
  assert(impl_->lock && impl_->loaded);
  const std::int64_t old_serial = state.serial;
  if (impl_->begun) fold(state, *impl_->begun);
  state.serial = std::max(state.serial, impl_->newest_backup(impl_->after_failure())) + 1;
  const std::string text = state_to_text(state, impl_->tool);
  const std::string what = "The state could not be saved";
  FileResult<Nothing> prepared = impl_->prepare(text, old_serial, state.serial);
  if (const auto* error = std::get_if<FileError>(&prepared);
      error != nullptr && is_full(*error) && impl_->journal.give_up_reserve(*error)) {
    prepared = impl_->prepare(text, old_serial, state.serial);
  }
  const std::string temporary = path_ + ".tmp";
  if (is_error(prepared)) impl_->files.remove(temporary);
  must(std::move(prepared), what, impl_->after_failure());
  // Past this point a record would go to a journal that the next run may find to be contained.
  impl_->journal.close();
  must(impl_->files.rename(temporary, path_), what, impl_->after_failure());
  must(impl_->files.sync_folder(folder_of(path_)), what,
       "The new state may be there or not; what was done is in it or in the journal, so nothing is "
       "lost. Mend the disk, and run the command again.");
  if (!impl_->journal_is_empty) impl_->journal.empty();
  impl_->journal_is_empty = true;
  impl_->begun.reset();
  return state;
}

}  // namespace sluice::store
