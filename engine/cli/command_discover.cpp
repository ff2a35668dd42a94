#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "cli/place.hpp"
#include "cli/takeover.hpp"
#include "cli/workspace.hpp"
#include "report/json.hpp"
#include "report/takeover.hpp"

namespace sluice::cli {

namespace {

/// What flows write to and log in with. Credentials that may do all that pipelines need may yet not
/// be allowed to list these, and then the rest is told all the same.
void add_others(World& world, run::Remote& remote, const report::Style& style,
                run::Objects& objects, std::vector<std::string>& not_listed) {
  for (const auto& [kind, trouble] :
       run::add_listed(remote, {"account", "dataset", "schema", "fieldGroup"}, objects)) {
    not_listed.push_back(kind);
    world.say({Severity::warning,
               {},
               "No " + remote.kind(kind).noun + " is shown: " + trouble.what,
               trouble.advice,
               {}},
              style);
  }
}

}  // namespace

/// Read-only: it takes no lock and writes no file.
ExitCode run_discover(World& world, const DiscoverCommand& command) {
  const kinds::Registry registry;
  Surroundings around = surroundings(world, command.common, registry.catalogue());
  // The name does not matter: there may be no such state.
  if (around.state_path.empty())
    around.state_path = state_path_for(world, command.common, "none", "specs/");
  add_credentials(world, command.common, around.session);
  Connection connection(world, command.common, registry, around.session,
                        around.state_path + ".platform");
  report::Discovery discovery;
  discovery.place = place_of(around.session);
  const std::string folder = store::folder_of(around.state_path);
  const run::Owners owners = owners_beside(world, folder + "/", discovery.place);
  run::Objects objects = run::list_sandbox(
      connection.remote(), {"flow", "sourceConnection", "targetConnection", "mappingSet"});
  add_others(world, connection.remote(),
             style_for(world, command.common.no_color, world.err_is_terminal), objects,
             discovery.not_listed);
  discovery.objects = run::unowned(std::move(objects), owners);
  if (command.common.json) {
    world.print(report::json_text(report::discovery_document(discovery)) + "\n");
  } else {
    const report::Style style = style_for(world, command.common.no_color, world.out_is_terminal);
    world.print(report::discovery_text(discovery, style));
  }
  return ExitCode::done;
}

}  // namespace sluice::cli
