#pragma once

// Many processes that want one lock, some of which are killed or stopped while they have it, and
// what their log tells of it.

#include "core/seams.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace sluice::test {

/// Reads the log, in which the order of lines is the order of what happened.
class LockLog {
 public:
  explicit LockLog(std::string path);
  LockLog(const LockLog&) = delete;
  LockLog& operator=(const LockLog&) = delete;
  ~LockLog();

  const std::string& path() const { return path_; }

  /// Takes in what was added since.
  void catch_up();
  /// Must be called right before the signal: from then on others may come in.
  void note_kill(int pid);

  /// Who is inside now; nobody for somebody who is being killed.
  std::optional<int> holder() const;
  int entered(int pid) const;
  int entered() const { return entered_; }
  int ended() const { return ended_; }
  int overlaps() const { return overlaps_; }
  int stuck() const { return stuck_; }
  /// How often somebody came in after one who was killed inside.
  int takeovers() const { return takeovers_; }
  /// From such a kill until somebody was inside.
  Millis longest_takeover() const { return longest_takeover_; }
  const std::string& first_overlap() const { return first_overlap_; }

 private:
  void take(const std::string& what, int pid, Millis when);
  void enter(int pid, Millis when);
  void overlap(const std::string& text);

  std::string path_;
  int file_;
  std::int64_t read_to_ = 0;
  std::string rest_;  ///< The beginning of a line whose end is still to come.
  std::set<int> inside_;
  std::map<int, Millis> killed_;
  std::map<int, int> entered_by_;
  int entered_ = 0;
  int ended_ = 0;
  int overlaps_ = 0;
  int stuck_ = 0;
  int takeovers_ = 0;
  Millis longest_takeover_{0};
  std::string first_overlap_;
};

struct Contention {
  std::string way;  ///< As lock_worker names it.
  int workers = 0;
  int cycles = 0;  ///< Of each.
  int kills = 0;   ///< Of processes that are inside.
  int stops = 0;   ///< Of processes that are inside, each longer than anybody sleeps who waits.
  Millis patience{0};
  std::uint64_t seed = 1;
};

/// Plays it on a state in a folder that exists. What is left of the log is judged by the caller.
void play(const Contention& contention, const std::string& state_path, LockLog& log);

}  // namespace sluice::test
