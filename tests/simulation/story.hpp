#pragma once

// What happens to one site from its first command to its last: commands, and what goes wrong while
// they run, by seed. A story is plain data, so that a shorter one can be tried in its place.

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::simulation {

/// One thing that goes wrong while a command runs.
struct Trouble {
  enum class Kind {
    kill,          ///< The process dies at its Nth mutation.
    lose_reply,    ///< The Nth mutation is done, and no reply comes.
    lose_request,  ///< The Nth mutation never arrives.
    cut_reply,     ///< The Nth mutation is done, and its reply is cut short.
    refuse,        ///< The Nth call is answered with a status, and nothing is done.
    late_error,    ///< The Nth mutation is done, and answered with a status all the same.
    edit,          ///< Somebody edits an object just before the Nth mutation arrives.
    disk_kill,     ///< The process dies at its Nth operation on the disk.
    disk_fail,     ///< The Nth operation on the disk fails.
    disk_full,     ///< From the start there is room for N bytes.
    second_run,    ///< Somebody starts another plan or apply just before the Nth mutation.
  };
  Kind kind = Kind::kill;
  int at = 1;              ///< N, from 1.
  int code = 0;            ///< A status or an errno.
  std::uint64_t luck = 0;  ///< Chooses among what is there when it strikes.
};

/// What can become of a state's file between two commands.
enum class Damage { none, gone, empty, cut, edited };

struct Command {
  std::vector<std::string> arguments;
  std::uint64_t spec = 0;  ///< Which spec lies there.
  std::vector<Trouble> troubles;
  bool power_fails = false;          ///< When the process dies, so does the machine.
  std::vector<std::uint64_t> edits;  ///< What somebody does by hand before it, by luck.
  Damage damage = Damage::none;      ///< What becomes of the state before it.
};

struct Story {
  std::uint64_t seed = 0;
  std::vector<Command> commands;
};

Story story_of(std::uint64_t seed);

/// The value of the secret that some specs name.
inline constexpr const char* kToken = "canary-5c1d07";

/// A spec's text by number: pipelines of which some are in several specs, and in each fourth spec a
/// schema, a dataset and an account, too.
std::string spec_of(std::uint64_t number);

/// One line a command.
std::string text_of(const Story& story);

/// The story with one thing less each: a command, a trouble, an edit, a loss of power.
std::vector<Story> shorter(const Story& story);

}  // namespace sluice::simulation
