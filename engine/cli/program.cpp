#include "cli/program.hpp"

#include "cli/commands.hpp"
#include "cli/durations.hpp"

#include <new>
#include <type_traits>
#include <utility>

namespace sluice::cli {

namespace {

/// Calls the function of the command that was parsed.
struct Dispatch {
  World& world;

  ExitCode operator()(const ValidateCommand& command) const { return run_validate(world, command); }
  ExitCode operator()(const VarsCommand& command) const { return run_vars(world, command); }
  ExitCode operator()(const PlanCommand& command) const { return run_plan(world, command); }
  ExitCode operator()(const ApplyCommand& command) const { return run_apply(world, command); }
  ExitCode operator()(const DiffCommand& command) const { return run_diff(world, command); }
  ExitCode operator()(const DriftCommand& command) const { return run_drift(world, command); }
  ExitCode operator()(const RunsCommand& command) const { return run_runs(world, command); }
  ExitCode operator()(const StatusCommand& command) const { return run_status(world, command); }
  ExitCode operator()(const AdoptCommand& command) const { return run_adopt(world, command); }
  ExitCode operator()(const ImportCommand& command) const { return run_import(world, command); }
  ExitCode operator()(const DiscoverCommand& command) const { return run_discover(world, command); }
  ExitCode operator()(const ShowCommand& command) const { return run_show(world, command); }
  ExitCode operator()(const StateCommand& command) const { return run_state(world, command); }
  ExitCode operator()(const OutputCommand& command) const { return run_output(world, command); }
  ExitCode operator()(const UnlockCommand& command) const { return run_unlock(world, command); }
  ExitCode operator()(const EmulatorCommand& command) const { return run_emulator(world, command); }
  ExitCode operator()(const VersionCommand&) const { return run_version(world); }
  ExitCode operator()(const Help& help) const {
    world.print(help.text);
    return ExitCode::done;
  }
};

constexpr double kSettleSeconds = 45;

/// Whether the command looks for lost calls, or says for how long another one will.
template <class Any>
bool obeys_settle(const Any& command) {
  if constexpr (std::is_same_v<Any, StateCommand>) {
    return command.verb == StateCommand::Verb::recover;
  }
  return std::is_same_v<Any, PlanCommand> || std::is_same_v<Any, ApplyCommand> ||
         std::is_same_v<Any, DriftCommand> || std::is_same_v<Any, StatusCommand> ||
         std::is_same_v<Any, RunsCommand> || std::is_same_v<Any, AdoptCommand> ||
         std::is_same_v<Any, ImportCommand>;
}

/// Fills in what the environment says of the time that lost calls have. A wrong word in it must
/// stop a command before it has done anything.
void add_settle_time(const Environment& environment, Command& command) {
  std::visit(
      [&environment](auto& any) {
        if constexpr (requires { any.common.settle_seconds; }) {
          if (!obeys_settle(any) || any.common.settle_seconds >= 0) return;
          const std::string text = environment.get("SLUICE_SETTLE");
          const std::optional<double> seconds = text.empty() ? kSettleSeconds : seconds_from(text);
          if (!seconds) {
            throw Fatal(ExitCode::usage,
                        "SLUICE_SETTLE is not " + std::string(kTimeExamples) + ": " +
                            report::harmless(text),
                        "Nothing was done. It takes what --settle takes, which is stronger.");
          }
          any.common.settle_seconds = *seconds;
        }
      },
      command);
}

/// A full disk or a closed pipe must not pass for a result.
ExitCode checked_written(World& world, ExitCode code) {
  world.out.flush();
  if (world.out) return code;
  const std::string only =
      world.outcome.empty() ? "" : world.outcome + " Only the report of it is missing. ";
  world.say({Severity::error,
             {},
             "The result cannot be written to standard output",
             only + "Is the disk full, or did the reader end?",
             {}},
            {});
  return code == ExitCode::done ? ExitCode::failed : code;
}

}  // namespace

ExitCode run_program(World& world, const std::vector<std::string>& arguments) {
  return guarded(world, [&world, &arguments] {
    Command command = parse_command_line(arguments);
    add_settle_time(world.environment, command);
    return std::visit(Dispatch{world}, std::as_const(command));
  });
}

ExitCode guarded(World& world, const std::function<ExitCode()>& command) {
  try {
    return checked_written(world, command());
  } catch (const Fatal& fatal) {
    const bool colour = world.err_is_terminal && world.environment.get("NO_COLOR").empty();
    for (const Diagnostic& diagnostic : fatal.diagnostics())
      world.say(diagnostic, {colour});
    return fatal.code();
  } catch (const std::bad_alloc&) {
    world.say({Severity::error,
               {},
               "There is not enough memory to go on",
               "What was done is in the state or its journal. Let the program have more, and run "
               "the command again.",
               {}},
              {});
    return ExitCode::failed;
  } catch (const std::exception& error) {
    world.say({Severity::error,
               {},
               std::string("This should not happen: ") + error.what(),
               "What was done is in the state or its journal. Please report this.",
               {}},
              {});
    return ExitCode::failed;
  }
}

}  // namespace sluice::cli
