#include "cli/commands.hpp"
#include "cli/workspace.hpp"
#include "report/environment_diff.hpp"
#include "report/json.hpp"

namespace sluice::cli {

/// The spec twice, once for each environment: no state, no platform.
ExitCode run_diff(World& world, const DiffCommand& command) {
  const kinds::Registry registry;
  CommonOptions options = command.common;
  options.environment = command.left;
  const LoadedSpec left = load_spec(world, options, registry.catalogue());
  options.environment = command.right;
  const LoadedSpec right = load_spec(world, options, registry.catalogue());
  const report::EnvironmentDiff diff =
      report::compare_environments(left.spec, right.spec, registry.catalogue());
  if (command.common.json) {
    world.print(report::json_text(report::diff_document(diff)) + "\n");
  } else {
    const report::Style style = style_for(world, command.common.no_color, world.out_is_terminal);
    world.print(report::diff_text(diff, style));
  }
  return command.detailed_exitcode && diff.differs() ? ExitCode::changes : ExitCode::done;
}

}  // namespace sluice::cli
