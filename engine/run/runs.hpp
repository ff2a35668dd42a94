#pragma once

// Asks for the runs of flows. Sends nothing but GETs.

#include "kinds/flow_run.hpp"
#include "run/remote.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace sluice::run {

using RunsByFlow = std::map<std::string, std::vector<kinds::FlowRun>>;

/// The newest `limit` runs of each flow, newest first; a flow that has none has an empty list. Each
/// flow is asked for on its own, since one that is busy would fill a common page.
///
/// Throws Fatal when a read fails.
RunsByFlow read_runs(Remote& remote, const std::set<std::string>& flow_ids, int limit);

}  // namespace sluice::run
