#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "cli/place.hpp"
#include "cli/takeover.hpp"
#include "cli/workspace.hpp"
#include "report/takeover.hpp"

namespace sluice::cli {

/// Read-only: it takes no lock and writes no file.
ExitCode run_discover(World& world, const DiscoverCommand& command) {
  const kinds::Registry registry;
  Surroundings around = surroundings(world, command.common, registry.catalogue());
  // The name does not matter: there may be no such state.
  if (around.state_path.empty())
    around.state_path = state_path_for(command.common, "none", "specs/");
  add_credentials(world, command.common, around.session);
  Connection connection(world, command.common, registry, around.session,
                        around.state_path + ".platform");
  report::Discovery discovery;
  discovery.place = place_of(around.session);
  const std::string folder = store::folder_of(around.state_path);
  const run::Owners owners = owners_beside(world, folder + "/", discovery.place);
  discovery.objects = run::unowned(
      run::list_sandbox(connection.remote(),
                        {"flow", "sourceConnection", "targetConnection", "mappingSet"}),
      owners);
  if (command.common.json) {
    world.print(report::discovery_document(discovery).dump(2) + "\n");
  } else {
    const report::Style style = style_for(world, command.common.no_color, world.out_is_terminal);
    world.print(report::discovery_text(discovery, style));
  }
  return ExitCode::done;
}

}  // namespace sluice::cli
