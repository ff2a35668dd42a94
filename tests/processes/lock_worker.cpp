// Takes one lock again and again and writes into a log when it is inside, in the engine's way or in
// one that is known to fail:
//
//   lock_worker WAY STATE LOG SEED CYCLES PATIENCE_MS
//   lock_worker hold STATE          takes the engine's lock and keeps it until it is ended

#include "cli/system.hpp"
#include "core/fatal.hpp"
#include "core/time_text.hpp"
#include "store/posix_files.hpp"
#include "store/state_store.hpp"
#include "support/sim_clock.hpp"

#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace sluice;

namespace {

constexpr Millis kStep{20};
constexpr Millis kLease{150};

class Lock {
 public:
  Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  virtual ~Lock() = default;

  /// False when patience ran out.
  virtual bool take(Millis patience) = 0;
  /// What somebody who asks for the holder does. False when it is not this process.
  virtual bool look() = 0;
  virtual void release() = 0;
};

store::LockHolder myself() {
  store::LockHolder me;
  me.id = "lock-" + std::to_string(cli::process_id());
  me.operation = "apply";
  me.host = cli::host_name();
  me.who = cli::user_name() + "@" + me.host;
  me.pid = cli::process_id();
  me.command = "sluice apply held.plan";
  me.created = utc_text(cli::SystemClock().wall());
  return me;
}

class EngineLock final : public Lock {
 public:
  explicit EngineLock(std::string state) : state_(std::move(state)) {}

  bool take(Millis patience) override {
    store_ = std::make_unique<store::StateStore>(files_, clock_, state_, "lock worker");
    try {
      store_->lock(myself(), patience);
    } catch (const Fatal& fatal) {
      if (fatal.code() != ExitCode::locked) throw;
      return false;
    }
    return true;
  }
  /// Opens and closes the lock's file once more in this process.
  bool look() override {
    const auto holder = store::StateStore(files_, clock_, state_, "lock worker").holder();
    return holder && holder->pid == cli::process_id();
  }
  void release() override { store_.reset(); }

 private:
  store::PosixFiles files_;
  cli::SystemClock clock_;
  std::string state_;
  std::unique_ptr<store::StateStore> store_;
};

/// Asks `attempt` until it succeeds.
template <class Attempt>
bool tried(Millis patience, Attempt attempt) {
  const cli::SystemClock clock;
  const Millis end = clock.monotonic() + patience;
  while (!attempt()) {
    if (clock.monotonic() >= end) return false;
    std::this_thread::sleep_for(kStep);
  }
  return true;
}

/// Who finds a file stays out; with a lease, until the file is so old that its maker may be dead.
class FileThatExists final : public Lock {
 public:
  FileThatExists(const std::string& state, bool expires)
      : path_(state + ".lock"), expires_(expires) {}

  bool take(Millis patience) override {
    return tried(patience, [this] {
      if (expires_ && is_old()) unlink(path_.c_str());
      const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
      return file >= 0 && close(file) == 0;
    });
  }
  bool look() override { return true; }
  void release() override { unlink(path_.c_str()); }

 private:
  bool is_old() const {
    struct stat facts {};
    if (stat(path_.c_str(), &facts) != 0) return false;
    const auto made = std::chrono::seconds(facts.st_mtim.tv_sec) +
                      std::chrono::nanoseconds(facts.st_mtim.tv_nsec);
    return std::chrono::system_clock::now().time_since_epoch() - made > kLease;
  }

  std::string path_;
  bool expires_;
};

/// The lock of POSIX, which is of the process and not of the open file: it is lost when the process
/// closes any descriptor of that file.
class ProcessLock final : public Lock {
 public:
  explicit ProcessLock(const std::string& state)
      : path_(state + ".lock"), file_(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}
  ~ProcessLock() override { close(file_); }

  bool take(Millis patience) override {
    return tried(patience, [this] { return set(F_WRLCK); });
  }
  bool look() override { return close(open(path_.c_str(), O_RDONLY | O_CLOEXEC)) == 0; }
  void release() override { set(F_UNLCK); }

 private:
  bool set(short type) const {
    struct flock whole {};
    whole.l_type = type;
    return fcntl(file_, F_SETLK, &whole) == 0;
  }

  std::string path_;
  int file_;
};

std::unique_ptr<Lock> make_lock(const std::string& way, const std::string& state) {
  if (way == "engine") return std::make_unique<EngineLock>(state);
  if (way == "existence") return std::make_unique<FileThatExists>(state, false);
  if (way == "lease") return std::make_unique<FileThatExists>(state, true);
  if (way == "posix") return std::make_unique<ProcessLock>(state);
  return nullptr;
}

/// One write a line, so that lines of several processes stand in the order in which they came.
class Log {
 public:
  explicit Log(const std::string& path)
      : file_(open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)) {}
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log() { close(file_); }

  bool note(const std::string& what) const {
    const std::string line = what + " " + std::to_string(cli::process_id()) + " " +
                             std::to_string(cli::SystemClock().monotonic().count()) + "\n";
    return write(file_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  }

 private:
  int file_;
};

void pause_up_to(Random& random, std::uint64_t microseconds) {
  std::this_thread::sleep_for(std::chrono::microseconds(random.next() % microseconds));
}

bool contend(Lock& lock, const Log& log, Random& random, int cycles, Millis patience) {
  for (int i = 0; i < cycles; ++i) {
    if (!lock.take(patience)) return log.note("stuck");
    log.note("enter");
    pause_up_to(random, 2000);
    if (!lock.look()) log.note("foreign");
    pause_up_to(random, 2000);
    log.note("leave");
    lock.release();
    pause_up_to(random, 100'000);
  }
  return log.note("end");
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  if (arguments.size() == 2 && arguments[0] == "hold") {
    EngineLock lock(arguments[1]);
    if (!lock.take(Millis(0))) return 3;
    std::puts(myself().id.c_str());
    std::fflush(stdout);
    while (true)
      pause();
  }
  if (arguments.size() != 6) return 64;
  const auto lock = make_lock(arguments[0], arguments[1]);
  if (!lock) return 64;
  const Log log(arguments[2]);
  test::SeededRandom random(std::stoull(arguments[3]));
  const Millis patience(std::stoll(arguments[5]));
  return contend(*lock, log, random, std::stoi(arguments[4]), patience) ? 0 : 1;
}
