#pragma once

// Runs a program call by call, and kills it at one of them or makes that one fail. Linux on x86-64.

#include "syscalls/calls.hpp"

#include <map>
#include <string>
#include <vector>

namespace sluice::test {

struct Launch {
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;
  std::string folder;  ///< The work folder, without symbolic links. The program starts in it.
};

enum class Act {
  nothing,
  kill,              ///< At entry, so that the call does not happen.
  fail,              ///< The call does not happen and gives `error`.
  shorten,           ///< A write takes only the first half of its bytes.
  shorten_and_kill,  ///< And the program gets no further.
};

/// What is done to a run, once.
struct Interference {
  Act act = Act::nothing;
  std::size_t at = 0;  ///< An index into Traced::calls.
  int error = 0;
};

struct Traced {
  int code = 0;  ///< 128 + signal when a signal ended it.
  std::string out;
  std::string err;
  /// Over all threads and children, in the order of entry. Everything before the first call about
  /// the work folder is the loading of libraries and the reading of who and where we are: nothing
  /// is at stake there yet, and hundreds of calls would be tried for nothing.
  std::vector<Call> calls;
  bool endless = false;  ///< It was killed since it made far more calls than any run needs.
};

/// Throws std::runtime_error when the system allows no tracing.
Traced trace(const Launch& launch, const Interference& interference);

/// The same program, undisturbed; `calls` stays empty.
Traced run_untraced(const Launch& launch);

}  // namespace sluice::test
