#include "processes/contention.hpp"

#include "cli/system.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/sim_clock.hpp"

#include <algorithm>
#include <fcntl.h>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <vector>

namespace sluice::test {

namespace {

constexpr Millis kStop{300};
constexpr Millis kGrace{5000};

}  // namespace

LockLog::LockLog(std::string path)
    : path_(std::move(path)),
      file_(open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  if (file_ < 0) throw std::runtime_error("no log at " + path_);
}

LockLog::~LockLog() {
  close(file_);
}

void LockLog::catch_up() {
  char buffer[65536];
  // A write moves the file's own position to the end.
  for (ssize_t got = 0; (got = pread(file_, buffer, sizeof buffer, read_to_)) > 0; read_to_ += got)
    rest_.append(buffer, static_cast<std::size_t>(got));
  const std::size_t whole = rest_.rfind('\n') + 1;
  std::istringstream lines(rest_.substr(0, whole));
  rest_.erase(0, whole);
  std::string what;
  int pid = 0;
  Millis::rep when = 0;
  while (lines >> what >> pid >> when)
    take(what, pid, Millis(when));
}

void LockLog::note_kill(int pid) {
  const std::string line = "kill " + std::to_string(pid) + " " +
                           std::to_string(cli::SystemClock().monotonic().count()) + "\n";
  if (write(file_, line.data(), line.size()) < 0) throw std::runtime_error("the log is full");
}

std::optional<int> LockLog::holder() const {
  for (const int pid : inside_) {
    if (!killed_.contains(pid)) return pid;
  }
  return std::nullopt;
}

int LockLog::entered(int pid) const {
  const auto found = entered_by_.find(pid);
  return found == entered_by_.end() ? 0 : found->second;
}

void LockLog::take(const std::string& what, int pid, Millis when) {
  if (what == "enter") enter(pid, when);
  if (what == "leave" && inside_.erase(pid) == 0) {
    overlap(std::to_string(pid) + " was inside after it was taken for dead");
  }
  if (what == "foreign") overlap(std::to_string(pid) + " was inside with the lock of another");
  if (what == "kill") killed_.emplace(pid, when);
  if (what == "stuck") ++stuck_;
  if (what == "stuck" || what == "end") ++ended_;
}

void LockLog::enter(int pid, Millis when) {
  const std::set<int> others = inside_;
  for (const int other : others) {
    const auto killed = killed_.find(other);
    if (killed == killed_.end()) {
      overlap(std::to_string(pid) + " came in while " + std::to_string(other) + " was inside");
      continue;
    }
    inside_.erase(other);
    ++takeovers_;
    longest_takeover_ = std::max(longest_takeover_, when - killed->second);
  }
  inside_.insert(pid);
  ++entered_by_[pid];
  ++entered_;
}

void LockLog::overlap(const std::string& text) {
  if (overlaps_++ == 0) first_overlap_ = text;
}

namespace {

/// The processes, each of which has so many cycles to do, also when it has to be started again.
class Crowd {
 public:
  Crowd(const Contention& contention, const std::string& state_path, LockLog& log)
      : contention_(contention), state_path_(state_path), log_(log), random_(contention.seed) {
    for (int i = 0; i < contention.workers; ++i)
      members_.push_back({start(contention.cycles), contention.cycles});
  }

  void play() {
    const int disturbances = contention_.kills + contention_.stops;
    const int total = contention_.workers * contention_.cycles;
    int stops = contention_.stops;
    for (int left = disturbances; left > 0; --left) {
      const int due = (disturbances - left + 1) * total / (disturbances + 1);
      const std::optional<int> pid = holder_after(due);
      if (!pid) break;
      const bool stop =
          random_.next() % static_cast<std::uint64_t>(left) < static_cast<std::uint64_t>(stops);
      if (stop) {
        --stops;
        hold_up(*pid);
      } else {
        kill_one(*pid);
      }
    }
    while (!is_over())
      wait();
    for (Member& member : members_) {
      if (is_idle()) member.process->send(SIGKILL);
      (void)member.process->finish();
    }
    log_.catch_up();
  }

 private:
  struct Member {
    std::unique_ptr<Process> process;
    int cycles = 0;
  };

  std::unique_ptr<Process> start(int cycles) {
    const std::vector<std::string> command = {lock_worker_binary(),
                                              contention_.way,
                                              state_path_,
                                              log_.path(),
                                              std::to_string(random_.next()),
                                              std::to_string(cycles),
                                              std::to_string(contention_.patience.count())};
    return std::make_unique<Process>(command, Process::Variables(), "/");
  }

  bool is_over() const { return log_.ended() >= contention_.workers || is_idle(); }
  /// Nobody comes in any more, and nobody says that patience ran out.
  bool is_idle() const { return clock_.monotonic() > moved_ + contention_.patience + kGrace; }

  void wait() {
    std::this_thread::sleep_for(std::chrono::microseconds(300));
    const int before = log_.entered() + log_.ended();
    log_.catch_up();
    if (log_.entered() + log_.ended() != before) moved_ = clock_.monotonic();
  }

  /// Who is inside once so many have been; nobody when all have ended before.
  std::optional<int> holder_after(int entered) {
    while (!is_over()) {
      if (log_.entered() >= entered && log_.holder()) return log_.holder();
      wait();
    }
    return std::nullopt;
  }

  Member& member_of(int pid) {
    const auto found = std::find_if(members_.begin(), members_.end(), [pid](const Member& member) {
      return member.process->pid() == pid;
    });
    if (found == members_.end()) throw std::runtime_error("a stranger is in the log");
    return *found;
  }

  void hold_up(int pid) {
    const Process& process = *member_of(pid).process;
    process.send(SIGSTOP);
    std::this_thread::sleep_for(kStop);
    process.send(SIGCONT);
  }

  void kill_one(int pid) {
    Member& member = member_of(pid);
    log_.note_kill(pid);
    member.process->send(SIGKILL);
    const bool was_killed = member.process->finish().code == 128 + SIGKILL;
    log_.catch_up();
    if (!was_killed) return;
    member.cycles = std::max(1, member.cycles - log_.entered(pid));
    member.process = start(member.cycles);
  }

  const Contention& contention_;
  const std::string& state_path_;
  LockLog& log_;
  SeededRandom random_;
  cli::SystemClock clock_;
  Millis moved_ = clock_.monotonic();
  std::vector<Member> members_;
};

}  // namespace

void play(const Contention& contention, const std::string& state_path, LockLog& log) {
  Crowd(contention, state_path, log).play();
}

}  // namespace sluice::test
