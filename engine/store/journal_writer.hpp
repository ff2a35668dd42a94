#pragma once

// The journal's file as one run writes it, and the reserve that is given up for it when the disk
// is full. It does not know what the records mean.

#include "store/files.hpp"
#include "store/journal.hpp"

#include <memory>
#include <string>

namespace sluice::store {

class JournalWriter {
 public:
  /// Touches nothing yet.
  JournalWriter(Files& files, const std::string& state_path);

  const std::string& path() const { return path_; }

  /// Makes the reserve, opens the journal, which must be empty, and writes `begin`. All of it is on
  /// the disk when this returns. Throws Fatal.
  void open(const JournalRecord& begin);

  /// Throws Fatal when the record could not be written, and from then on: what the file holds is
  /// not known any more.
  void append(const JournalRecord& record);
  /// Throws Fatal when the disk refuses, and from then on.
  void sync();

  /// Whether one of the two has thrown, or `stop` was called.
  bool has_failed() const { return failed_; }
  /// Nothing may be written from now on: both throw.
  void stop() { failed_ = true; }

  /// Puts on the disk what an earlier run wrote and may not have synced before it was killed, and
  /// the names in its folder. Throws Fatal.
  void settle();

  /// Nothing can be appended after this.
  void close() { file_.reset(); }

  /// Empties the journal, by a file that is opened for it alone: after a failed sync, the one that
  /// was appended to could claim a success that is none. Throws Fatal.
  void empty();

  /// Gives the reserve's space back for what `lack` says; false when that was done before.
  bool give_up_reserve(const FileError& lack);
  bool reserve_used() const { return reserve_used_; }
  /// What there was no room for when the reserve was given up.
  const std::string& lack() const { return lack_; }

 private:
  [[noreturn]] void fail(const FileError& error);

  Files& files_;
  std::string path_;
  std::string reserve_path_;
  std::unique_ptr<File> file_;
  std::uint64_t written_ = 0;
  std::uint64_t synced_ = 0;
  bool failed_ = false;
  bool reserve_used_ = false;
  std::string lack_;
};

/// Whether `error` says that there is no room.
bool is_full(const FileError& error);

}  // namespace sluice::store
