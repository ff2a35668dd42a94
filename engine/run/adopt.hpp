#pragma once

// Flows that people or other programs made, on their way into a spec and a state of their own:
// from each flow to what it is made of, and from there to resources and records. Sends nothing but
// GETs and writes no file.

#include "core/adoption.hpp"
#include "run/remote.hpp"
#include "run/sandbox.hpp"
#include "spec/spec.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::run {

/// A flow and what it is made of, as read. The mapping set is at the version that the flow runs.
struct FoundFlow {
  Observed flow;
  Observed source;
  Observed target;
  Observed mapping;
  std::vector<std::string> notes;

  /// The object in this part of a pipeline.
  const Observed& part(const std::string& name) const;
};

/// A schema with what belongs to it, as far as a spec can say it.
struct FoundSchema {
  Observed schema;
  std::optional<Observed> fields;  ///< Its own field group.
  std::optional<Observed> profile;
  std::vector<Observed> identities;
};

/// Datasets and schemas that are to be managed with the flows.
struct FoundStores {
  std::vector<Observed> datasets;
  std::vector<FoundSchema> schemas;
  std::map<std::string, std::string> keys;  ///< In the spec, by id.
  std::vector<std::string> notes;           ///< A sentence each.
};

struct Walk {
  std::vector<FoundFlow> found;   ///< In the order of the ids.
  std::vector<LeftOut> left_out;  ///< Likewise.
};

/// Reads the flows with these ids and what they name. `flows` are all of the sandbox: what another
/// flow uses, too, is left out, since a change or a deletion here would reach that flow. So is what
/// somebody owns. Throws Fatal when a read fails.
Walk walk_flows(Remote& remote, const std::vector<std::string>& ids,
                const std::vector<Observed>& flows, const Owners& owners);

struct Adoption {
  /// By the time of the flow's creation; datasets and schemas behind them.
  std::vector<AdoptedPipeline> pipelines;
  std::vector<LeftOut> left_out;   ///< What a spec cannot say.
  std::string text;                ///< Of the spec; empty without pipelines.
  std::vector<std::string> notes;  ///< On what stays named by its id.
};

/// Works out spec and records. Each pipeline is proven before it is taken: the text is read back
/// and planned on, and what would give a plan with changes is left out with the reason. No calls.
/// Throws Fatal when pipelines that can be taken each alone cannot stand in one spec, with the
/// stores if there are any.
Adoption adopt_flows(const std::string& spec_name, const spec::PlatformPart& platform,
                     std::vector<FoundFlow> found, const FoundStores& stores,
                     const Catalogue& catalogue);

}  // namespace sluice::run
