#pragma once

// The system calls that concern files: where each names its file, and how it can fail.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice::test {

/// Where a call says which file it is about.
enum class Names { descriptor, path, path_at, two_paths, two_paths_at };

struct CallKind {
  long number = 0;
  const char* name = "";
  Names names = Names::descriptor;
  std::vector<int> errors;  ///< What the manual lets it fail with on a file that is there.
};

/// A call as the tracer saw it enter.
struct Call {
  long number = 0;
  std::array<std::uint64_t, 4> arguments{};
  bool is_ours = false;  ///< It is about the work folder or something below it.
  std::string path;  ///< Relative to the work folder when it is ours; of a rename, the new name.
  std::string from;  ///< Of a rename, the old name.
};

/// Null when the call is not about files.
const CallKind* call_kind(long number);

/// Its name, or its number when it is not about files.
std::string call_name(const Call& call);

/// How this call could fail: an open that only reads does not run out of disk space, and of fcntl
/// only the locks fail on a good descriptor.
std::vector<int> errors_of(const Call& call);

bool is_write(const Call& call);
bool is_sync(const Call& call);
bool is_rename(const Call& call);

/// Memory, time, chance, threads and signals. No file changes between such a call and the next one,
/// so to be killed at either leaves the same disk.
bool leaves_files_alone(long number);

/// Linux closes the descriptor also when close reports an error.
bool acts_and_fails(long number);

}  // namespace sluice::test
