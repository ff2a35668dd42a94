#include "cli/commands.hpp"
#include "cli/workspace.hpp"
#include "report/json.hpp"

#include <fmt/format.h>

#include <set>

namespace sluice::cli {

namespace {

std::string counted(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void print_document(World& world, const std::vector<Diagnostic>& list) {
  Diagnostics diagnostics;
  for (const Diagnostic& diagnostic : list)
    diagnostics.add(diagnostic);
  world.print(report::json_text(report::diagnostics_document(diagnostics)) + "\n");
}

}  // namespace

ExitCode run_validate(World& world, const ValidateCommand& command) {
  const kinds::Registry registry;
  try {
    const LoadedSpec loaded = load_spec(world, command.common, registry.catalogue());
    if (command.common.json) {
      print_document(world, {});
      return ExitCode::done;
    }
    std::set<std::string> pipelines;
    for (const Resource& resource : loaded.spec.resources)
      pipelines.insert(resource.address.key);
    world.print(fmt::format("{} is valid: {}, {}.\n", report::harmless(loaded.path),
                            counted(pipelines.size(), "pipeline"),
                            counted(loaded.spec.resources.size(), "object")));
    return ExitCode::done;
  } catch (const Fatal& fatal) {
    if (!command.common.json || fatal.code() != ExitCode::invalid_spec) throw;
    print_document(world, fatal.diagnostics());
    return fatal.code();
  }
}

}  // namespace sluice::cli
