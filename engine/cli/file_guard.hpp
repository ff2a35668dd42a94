#pragma once

// What keeps a file that an option names from taking the place of one that matters.

#include "cli/options.hpp"
#include "cli/world.hpp"

#include <string>

namespace sluice::cli {

/// One spelling for a file, be it there yet or not, whatever links lead to where it is.
std::string spelling_of(World& world, const std::string& path);

/// Throws Fatal(usage) when `path`, given with `flag`, is a file that a state at `state_path` is
/// kept in, be it there yet or not.
void refuse_state_file(World& world, const std::string& flag, const std::string& path,
                       const std::string& state_path);

/// Throws Fatal(usage) when a plan must not be saved at `path`: where `refuse_state_file` does, and
/// where there is something that is neither empty nor a saved plan, and where another state keeps
/// its journal or the like.
void refuse_plan_file(World& world, const std::string& path, const std::string& state_path);

/// Throws Fatal(usage) when --trace would add to a file of the state at `state_path`, to the spec's
/// (`spec_path` is a file or a folder; both may be empty), to one of variables' values, to one that
/// lies beside another state under its name, or to anything that is there and is no trace.
void refuse_trace_file(World& world, const CommonOptions& options, const std::string& state_path,
                       const std::string& spec_path);

}  // namespace sluice::cli
