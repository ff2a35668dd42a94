#pragma once

// Plays a story with the whole program, and holds what is left against what was promised.

#include "simulation/site.hpp"
#include "simulation/story.hpp"

#include <string>

namespace sluice::simulation {

struct Ending {
  std::string problem;  ///< Empty when every promise was kept.
  std::string trace;    ///< Calls, outputs and exit codes: the same for the same story.
};

/// Runs the commands with their troubles, and then one apply of the last spec without any. After
/// that the platform holds what the spec says and nothing else of ours, the state knows all of it,
/// a plan is empty, and what others own or edited in the meantime is as they left it. No secret is
/// in any output or file.
Ending play(const Story& story, Twin twin);

/// The shortest story that still ends with a problem, by leaving out one thing after the other.
Story shrunk(Story story, Twin twin);

}  // namespace sluice::simulation
