#pragma once

// The pipelines that a command is about, with their flows.

#include "cli/spec_files.hpp"
#include "core/resource.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sluice::cli {

struct PipelineFlow {
  std::string pipeline;  ///< "pipelines.events", with the key of its instance if there is one.
  std::string flow_id;   ///< As the state has it; empty while there is none.
};

/// Every pipeline that the state holds or the spec wants, in the order of their addresses.
std::vector<PipelineFlow> pipelines_of(const State& state, const std::optional<LoadedSpec>& spec);

/// Of them those that have a flow, and of these those that `wanted` names, all when it is empty. A
/// pipeline is named with or without "pipelines." in front, and without its instance's key all of
/// its instances are meant.
///
/// Throws Fatal(usage) with the nearest name when there is no such pipeline, Fatal(failed) when it
/// has no flow.
std::vector<PipelineFlow> with_flows(const std::vector<PipelineFlow>& all,
                                     const std::string& wanted);

}  // namespace sluice::cli
