#include "cli/commands.hpp"
#include "cli/workspace.hpp"

namespace sluice::cli {

ExitCode run_version(World& world) {
  world.print(std::string(kTool) + "\n");
  return ExitCode::done;
}

}  // namespace sluice::cli
