#pragma once

// What the commands that take over existing objects have in common: the place, for which they need
// no spec, and who owns what there.

#include "cli/options.hpp"
#include "cli/world.hpp"
#include "core/kind_rules.hpp"
#include "http/session.hpp"
#include "run/lookup.hpp"
#include "run/sandbox.hpp"
#include "spec/spec.hpp"

#include <string>

namespace sluice::cli {

/// Where to look.
struct Surroundings {
  http::SessionOptions session;  ///< Without credentials.
  spec::PlatformPart platform;   ///< What the spec in use says of the place; empty without one.
  /// Of the spec in use, or with --local of the only embedded platform that there is here; empty
  /// where neither is clear.
  std::string state_path;
};

/// The place is what flags and environment say, and below them the spec in use: the one that is
/// named, or the only one in specs/. Throws Fatal as reading a spec and finding a place do.
Surroundings surroundings(World& world, const CommonOptions& options, const Catalogue& catalogue);

/// Where specs are that a file must not be written into.
inline std::string spec_or_folder(const CommonOptions& options) {
  return options.spec.empty() ? "specs" : options.spec;
}

/// Where the state of a spec of this name and file lies, unless --state says it.
std::string state_path_for(World& world, const CommonOptions& options, const std::string& spec_name,
                           const std::string& spec_path);

/// Who owns what at `place`, by the states that lie beside `state_path` and in state/, but not that
/// one itself. Whole JSON that is none of a state and has no journal is passed over. Throws Fatal
/// when a state cannot be read, or does not know what an earlier run did.
run::Owners owners_beside(World& world, const std::string& state_path, const Place& place);

/// A create whose answer was lost, as a state knows it.
struct LostCreate {
  PendingIntent intent;
  std::string state_path;
};

/// The same for who only looks: what a state does not know of an earlier run's creates is in
/// `lost`, and no reason to stop.
run::Owners owners_beside(World& world, const std::string& state_path, const Place& place,
                          std::vector<LostCreate>& lost);

/// The same for a run that looks for what became of its own creates. A state that cannot be read
/// is a Trouble. `world` must outlive what it gives.
run::AskBeside ask_beside(World& world, std::string state_path, Place place);

/// Throws Fatal(failed) when somebody owns the object.
void refuse_owned(const run::Owners& owners, const std::string& id);

/// Gives a state that is to be written its lineage, if it is a new one, its place and its writer.
void prepare_state(const World& world, const Place& place, const std::string& spec_name,
                   const std::string& environment, State& state);

}  // namespace sluice::cli
