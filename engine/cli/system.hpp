#pragma once

// The real clock, the real randomness, and the process as a whole: what it leaves behind and how it
// is interrupted.

#include "core/fatal.hpp"
#include "core/seams.hpp"

#include <map>
#include <string>
#include <vector>

namespace sluice::cli {

class SystemClock final : public Clock {
 public:
  Millis monotonic() const override;
  Millis wall() const override;
  void wait(Millis duration) override;
};

/// The kernel's randomness.
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;
};

/// Files of this process are for its user alone, nobody dumps or reads its memory, TLS keys are not
/// logged, and a reader that went away is an error of writing, not a kill.
void harden_process();

/// After this SIGINT, SIGTERM and SIGHUP end the process at once, with an exit code that tells of
/// them. That loses nothing: what matters is on the disk before each call to the platform. A SIGHUP
/// that the process was started to ignore stays ignored.
void catch_signals();

/// While it lives, one at a time, the first signal is only remembered, and so is every SIGHUP after
/// it: for what is better brought to an end, and asks `caught_signal`.
class Draining {
 public:
  Draining();
  ~Draining();
  Draining(const Draining&) = delete;
  Draining& operator=(const Draining&) = delete;
};

/// The first signal that came, 0 if none did.
int caught_signal();
/// The exit code that tells of that signal.
ExitCode interrupted_code();

std::map<std::string, std::string> read_environment();

/// The width of the terminal behind standard error; 80 where there is none.
std::size_t terminal_columns();

/// Who and where this process is, as far as the system tells.
std::string user_name();
std::string host_name();
std::int64_t process_id();
/// Whether there is a process with this id on this machine, be it whose it may.
bool is_process_alive(std::int64_t pid);
/// Where the running program's file is.
std::string program_folder();
/// Turns this process into another program: `arguments` begin with its path. Returns only when that
/// fails, with the reason.
std::string become(const std::vector<std::string>& arguments);

}  // namespace sluice::cli
