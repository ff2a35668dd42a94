#include "cli/commands.hpp"
#include "cli/workspace.hpp"
#include "report/json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::cli {

namespace {

std::string origin_text(const spec::Spec& spec, spec::Origin origin) {
  switch (origin) {
    case spec::Origin::by_default:
      return "default";
    case spec::Origin::spec_environment:
      return "environment " + spec.environment.name;
    case spec::Origin::var_file:
      return "--var-file";
    case spec::Origin::environment:
      return "SLUICE_VAR_";
    case spec::Origin::flag:
      break;
  }
  return "--var";
}

}  // namespace

ExitCode run_vars(World& world, const VarsCommand& command) {
  const kinds::Registry registry;
  const LoadedSpec loaded = load_spec(world, command.common, registry.catalogue());
  const auto& variables = loaded.spec.variables;
  if (command.common.json) {
    Json list = Json::object();
    for (const auto& [name, value] : variables) {
      list[name] = {{"value", value.sensitive ? Json(nullptr) : Json(value.text)},
                    {"sensitive", value.sensitive},
                    {"origin", origin_text(loaded.spec, value.origin)}};
    }
    world.print(report::json_text(Json{{"format_version", 1}, {"variables", std::move(list)}}) +
                "\n");
    return ExitCode::done;
  }
  if (variables.empty()) world.print("The spec has no variables.\n");
  std::size_t width = 0;
  for (const auto& [name, value] : variables)
    width = std::max(width, name.size());
  for (const auto& [name, value] : variables) {
    const std::string text = value.sensitive ? "(sensitive)" : report::harmless(value.text);
    world.print(fmt::format("{:<{}} = {}  ({})\n", name, width, text,
                            origin_text(loaded.spec, value.origin)));
  }
  return ExitCode::done;
}

}  // namespace sluice::cli
