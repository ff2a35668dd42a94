#include "store/state_lock.hpp"

#include "core/fatal.hpp"
#include "store/lock_holder.hpp"
#include "store/must.hpp"

#include <algorithm>
#include <cassert>

namespace sluice::store {

namespace {

constexpr std::uint64_t kLockSizeMax = 64ULL << 10U;
constexpr Millis kLockStep{200};
constexpr int kReopenedMax = 100;
constexpr const char* kLeftAlone =
    "No further change was started, and the state and its journal are left as they are. ";

}  // namespace

StateLock::StateLock(Files& files, Clock& clock, const std::string& state_path)
    : files_(files), clock_(clock), state_path_(state_path), path_(state_path + ".lock") {
}

void StateLock::take(const LockHolder& me, Millis patience) {
  assert(!file_);
  const std::string what = "The state could not be locked";
  const std::string advice = "Make the folder and the file writable, and run the command again.";
  must(files_.make_folder(folder_of(path_)), what, advice);
  const auto open_it = [&] {
    return must(files_.open(path_, OpenMode::read_and_write), what, advice);
  };
  auto file = open_it();
  const Millis end = clock_.monotonic() + patience;
  for (int reopened = 0; true;) {
    const bool is_mine = must(file->try_lock(), what, advice);
    const bool is_in_place = must(file->is_in_place(), what, advice);
    if (is_mine && is_in_place) break;
    // Whoever removed it meanwhile has made way for a new one, which is the one that counts.
    if (!is_in_place && reopened++ < kReopenedMax) {
      file = open_it();
      continue;
    }
    const Millis left = end - clock_.monotonic();
    if (left <= Millis(0)) {
      const auto text = must(files_.read(path_, kLockSizeMax), what, advice);
      throw locked_error(state_path_, holder_from_text(text.value_or(std::string())),
                         clock_.wall());
    }
    clock_.wait(std::min(left, kLockStep));
  }
  must(file->truncate(0), what, advice);
  must(file->append(holder_to_text(me)), what, advice);
  file_ = std::move(file);
}

bool StateLock::is_kept() {
  assert(file_);
  lost_ = lost_ || !must(file_->is_in_place(), "The state's lock could not be looked at",
                         std::string(kLeftAlone) + "Mend the disk, and run the command again.");
  return !lost_;
}

void StateLock::check() {
  if (is_kept()) return;
  if (const std::string folder = folder_of(path_); !files_.is_folder(folder)) {
    throw Fatal(ExitCode::state_damaged,
                "The folder of the state " + state_path_ + " is gone: " + folder +
                    " was removed during this run",
                "No further change was started.");
  }
  throw Fatal(ExitCode::state_damaged,
              "The lock of the state " + state_path_ + " was lost: " + path_ +
                  " was removed or replaced during this run",
              std::string(kLeftAlone) +
                  "Another run may own them now. A lock's file is not to be removed while a run "
                  "is under way.");
}

std::optional<LockHolder> StateLock::holder() const {
  const std::string what = "The state's lock could not be read";
  const std::string advice = "Make the file readable and writable, and run the command again.";
  const auto text = must(files_.read(path_, kLockSizeMax), what, advice);
  if (!text) return std::nullopt;
  const auto file = must(files_.open(path_, OpenMode::read_and_write), what, advice);
  if (!must(file->is_locked_elsewhere(), what, advice)) return std::nullopt;
  return holder_from_text(*text);
}

bool StateLock::remove(const std::string& id) {
  const std::string what = "The state's lock could not be removed";
  const std::string advice = "Make the folder writable, and run the command again.";
  const auto text = must(files_.read(path_, kLockSizeMax), what, advice);
  if (!text || holder_from_text(*text).id != id) return false;
  must(files_.remove(path_), what, advice);
  must(files_.sync_folder(folder_of(path_)), what, advice);
  return true;
}

}  // namespace sluice::store
