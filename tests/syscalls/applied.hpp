#pragma once

// The real program on the embedded platform, in a folder where the example is applied.

#include "support/temp_dir.hpp"
#include "syscalls/sweep.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace sluice::test {

/// Address to id.
using Ids = std::map<std::string, std::string>;

inline constexpr const char* kFlow = "pipelines.events.flow";
inline constexpr const char* kStateFile = "state/customerio.local.json";

std::vector<std::string> command(std::vector<std::string> arguments);

/// The program with these arguments, which nobody disturbs.
Traced run(const std::string& folder, const std::vector<std::string>& arguments);

/// How a command ended, for a message.
std::string ended(const std::string& what, const Traced& traced);

/// What the state holds: the id at each address, and the row that the spec changes.
struct Held {
  Ids ids;
  bool has_new_row = false;
  std::string problem;  ///< When it cannot be read.
};

Held held(const std::string& folder);
std::string text_of(const Held& found);

/// A folder with the example applied. The test fails when that does not work.
class Applied {
 public:
  Applied();

  std::string path() const { return folder.path().string(); }
  std::filesystem::path spec() const { return folder.path() / "specs/customerio.yaml"; }
  std::filesystem::path state() const { return folder.path() / kStateFile; }

  /// Something on the way to where a saving begins, which has to work.
  void must_run(const std::vector<std::string>& arguments) const;
  /// One row of the spec is another.
  void change_row() const;

  TempDir folder;
  Ids ids;
};

/// A saving of the state that begins with this folder; what it checks is left to the caller.
Saving saving_of(const std::string& name, const Applied& applied,
                 const std::vector<std::string>& arguments, const std::string& done_text);

/// Killed at its calls, and each call failing; the order of its syncs, too. What is found goes to
/// the totals. `only_files` as for kill_sweep.
void sweep(const Saving& saving, bool only_files, Figures& killed, Figures& failed);

/// The line that a run of the sweeps ends with.
void print(const Figures& killed, const Figures& failed);

}  // namespace sluice::test
