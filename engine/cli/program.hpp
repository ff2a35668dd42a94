#pragma once

// The program as a function: a command line in, output and an exit code out. `main` calls it with
// the real world, tests with one of their own.

#include "cli/world.hpp"
#include "core/fatal.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sluice::cli {

/// Runs one command. `arguments` begin behind the program's name. Everything that goes wrong is
/// said on `world.err` and told by the code; nothing is thrown.
ExitCode run_program(World& world, const std::vector<std::string>& arguments);

/// The code of `command`, or that of what it threw, once said on `world.err`.
ExitCode guarded(World& world, const std::function<ExitCode()>& command);

}  // namespace sluice::cli
