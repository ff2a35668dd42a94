#pragma once

// Finds a spec's files and the place of its state, and reads the spec.

#include "cli/options.hpp"
#include "cli/world.hpp"
#include "core/kind_rules.hpp"
#include "spec/spec.hpp"

#include <string>
#include <vector>

namespace sluice::cli {

struct LoadedSpec {
  spec::Spec spec;
  std::string path;  ///< As given or found: a file or a folder.
  std::string hash;  ///< SHA-256 over its text and the variables that were used.
};

/// The *.yaml and *.yml in a folder, sorted; none when there is no such folder.
std::vector<std::string> yaml_files(World& world, const std::string& folder);

/// Whether a spec is named, or there is only one in specs/.
bool is_clear_which_spec(World& world, const CommonOptions& options);

/// Reads the spec that the options name, or the only *.yaml in specs/. Warnings are said; throws
/// Fatal(usage) when it is not clear which spec is meant, Fatal(invalid_spec) with every error when
/// it cannot be read or is wrong.
LoadedSpec load_spec(World& world, const CommonOptions& options, const Catalogue& catalogue);

/// The name of that spec and of the environment that the options choose, and nothing else of it:
/// for commands about its state, which must work when the spec is wrong or its variables have no
/// values. Throws as `load_spec` does when there is no name to be found.
LoadedSpec name_spec(World& world, const CommonOptions& options);

/// Where the state of a spec lies: state/<name>.json, with an environment
/// state/<name>.<environment>.json, in the folder that holds its specs/ folder, else in a state/
/// folder beside it. For the embedded platform ".local" comes behind the name.
std::string default_state_path(World& world, const LoadedSpec& loaded, bool local);

}  // namespace sluice::cli
