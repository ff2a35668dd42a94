#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "cli/file_guard.hpp"
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

/// By id, what a create may have made whose answer was lost. The next apply of that state looks
/// closer; a name is enough for people not to take the object for nobody's.
std::map<std::string, std::string> made_by(const std::vector<LostCreate>& lost,
                                           const run::Objects& objects) {
  std::map<std::string, std::string> result;
  for (const LostCreate& create : lost) {
    const auto of_kind = objects.find(create.intent.kind);
    if (of_kind == objects.end()) continue;
    for (const Observed& object : of_kind->second) {
      const auto name = object.fields.find("name");
      if (name == object.fields.end() || name->second != create.intent.name) continue;
      result[object.id] = create.intent.address.text() + " of " + create.state_path;
    }
  }
  return result;
}

}  // namespace

/// Read-only: it takes no lock and writes no file.
ExitCode run_discover(World& world, const DiscoverCommand& command) {
  const kinds::Registry registry;
  Surroundings around = surroundings(world, command.common, registry.catalogue());
  // The name does not matter: there may be no such state.
  refuse_trace_file(world, command.common, around.state_path, spec_or_folder(command.common));
  if (around.state_path.empty())
    around.state_path = state_path_for(world, command.common, "none", "specs/");
  add_credentials(world, command.common, around.session);
  Connection connection(world, command.common, registry, around.session,
                        around.state_path + ".platform");
  report::Discovery discovery;
  discovery.place = place_of(around.session);
  const std::string folder = store::folder_of(around.state_path);
  std::vector<LostCreate> lost;
  const run::Owners owners = owners_beside(world, folder + "/", discovery.place, lost);
  run::Objects objects = run::list_sandbox(
      connection.remote(), {"flow", "sourceConnection", "targetConnection", "mappingSet"});
  add_others(world, connection.remote(),
             style_for(world, command.common.no_color, world.err_is_terminal), objects,
             discovery.not_listed);
  discovery.objects = run::unowned(std::move(objects), owners);
  discovery.lost_creates = made_by(lost, discovery.objects);
  if (command.common.json) {
    world.print(report::json_text(report::discovery_document(discovery)) + "\n");
  } else {
    const report::Style style = style_for(world, command.common.no_color, world.out_is_terminal);
    world.print(report::discovery_text(discovery, style));
  }
  return ExitCode::done;
}

}  // namespace sluice::cli
