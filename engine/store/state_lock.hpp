#pragma once

// The lock on a state: the kernel's, on a file beside it that is never renamed. Whoever removes
// that file lets another run lock a new one, so its holder looks whether it is still there.

#include "core/seams.hpp"
#include "store/files.hpp"
#include "store/state_store.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sluice::store {

class StateLock {
 public:
  /// Touches nothing yet.
  StateLock(Files& files, Clock& clock, const std::string& state_path);

  /// Waits up to `patience`, and throws Fatal(locked) that names the holder then.
  void take(const LockHolder& me, Millis patience);
  bool is_taken() const { return file_ != nullptr; }
  /// Gives it up, if it is taken; the file stays.
  void release() { file_.reset(); }

  /// Needs `take`. False when the file that was locked is not in its place any more, and from then
  /// on: another run may have locked another one, even if that is gone again. Throws Fatal when it
  /// cannot be told.
  bool is_kept();
  /// Throws Fatal unless it is kept.
  void check();

  /// The holder that the file names, if the lock is held now.
  std::optional<LockHolder> holder() const;

  /// Removes the file if it names the holder with this id; false when it does not.
  bool remove(const std::string& id);

 private:
  Files& files_;
  Clock& clock_;
  std::string state_path_;
  std::string path_;
  std::unique_ptr<File> file_;
  bool lost_ = false;
};

}  // namespace sluice::store
