#pragma once

// One function a command: reads what its options name, does the work through the folders below,
// prints, and gives the exit code. What cannot go on throws Fatal.

#include "cli/options.hpp"
#include "cli/world.hpp"
#include "core/fatal.hpp"

namespace sluice::cli {

ExitCode run_validate(World& world, const ValidateCommand& command);
ExitCode run_vars(World& world, const VarsCommand& command);
ExitCode run_plan(World& world, const PlanCommand& command);
ExitCode run_apply(World& world, const ApplyCommand& command);
ExitCode run_diff(World& world, const DiffCommand& command);
ExitCode run_drift(World& world, const DriftCommand& command);
ExitCode run_runs(World& world, const RunsCommand& command);
ExitCode run_status(World& world, const StatusCommand& command);
ExitCode run_adopt(World& world, const AdoptCommand& command);
ExitCode run_import(World& world, const ImportCommand& command);
ExitCode run_discover(World& world, const DiscoverCommand& command);
ExitCode run_show(World& world, const ShowCommand& command);
ExitCode run_state(World& world, const StateCommand& command);
ExitCode run_output(World& world, const OutputCommand& command);
ExitCode run_unlock(World& world, const UnlockCommand& command);
ExitCode run_emulator(World& world, const EmulatorCommand& command);
ExitCode run_version(World& world);

}  // namespace sluice::cli
