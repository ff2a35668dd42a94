#pragma once

// Every call of a program as a place to kill it or to let the call fail, each from a fresh copy of
// the same folder.

#include "syscalls/tracer.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace sluice::test {

/// What makes a run wrong; the order is that of the figures.
enum class Wrong {
  torn,    ///< What is on the disk is neither the old nor the new, or cannot be read.
  lost,    ///< The program said that it was done, and it was not.
  mute,    ///< The message names not the file, or not the cause.
  stuck,   ///< An undisturbed run does not go on from there.
  strayed  ///< The run is not the one that was to be disturbed: the sweep itself is at fault.
};

struct Complaint {
  Wrong wrong = Wrong::torn;
  std::string text;
};

using Complaints = std::vector<Complaint>;

/// A command that saves something, and how to see what became of it.
struct Saving {
  std::string name;
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;
  std::filesystem::path pristine;  ///< What every run begins with a copy of.
  std::string saved_file;          ///< Relative to the folder.
  std::string done_text;           ///< What the command prints when, and only when, it is done.
  /// Nothing when the folder has the new as a whole, or unless `must_be_new` the old, and a run
  /// that nobody disturbs goes on from there.
  std::function<Complaints(const std::string& folder, bool must_be_new)> check;
};

struct Figures {
  std::size_t points = 0;
  std::size_t good = 0;
  Complaints complaints;

  std::size_t count(Wrong wrong) const;
  void add(Figures other);
};

/// The calls of an undisturbed run, from a fresh copy. Throws std::runtime_error when it fails.
Traced undisturbed(const Saving& saving);

/// Killed at the entry of every call, and in the middle of writes. `only_files` leaves
/// out the calls between which no file changes.
Figures kill_sweep(const Saving& saving, const Traced& reference, bool only_files);

/// Every call about the folder fails once with each of its errors, and every write is cut short.
Figures fault_sweep(const Saving& saving, const Traced& reference);

/// A kill leaves what the system holds in memory, so a missing fsync does not show. It shows in the
/// order of calls: what is renamed to the saved file has to be synced after its last write, and
/// the folder after the rename and before the program speaks of it. "" when that is so.
std::string missing_sync(const Saving& saving, const Traced& reference);

/// One line each, at most `most`.
std::string text_of(const Complaints& complaints, std::size_t most);

}  // namespace sluice::test
