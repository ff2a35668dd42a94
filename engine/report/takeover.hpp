#pragma once

// What a sandbox holds that nobody here manages, and what of it is about to be taken over, as text
// and as JSON.

#include "core/adoption.hpp"
#include "core/json.hpp"
#include "core/resource.hpp"
#include "report/text.hpp"

#include <map>
#include <string>
#include <vector>

namespace sluice::report {

/// What was found: each pipeline with its objects and notes, then the flows that are left out with
/// the reason. Ends with a line end; empty when there is neither.
std::string adoption_text(const Place& place, const std::vector<AdoptedPipeline>& pipelines,
                          const std::vector<LeftOut>& left_out, const Style& style);

/// Objects of a sandbox by kind: flows, connections and mapping sets that no flow uses, and what
/// flows write to or log in with; `place` is where they are.
struct Discovery {
  Place place;
  std::map<std::string, std::vector<Observed>> objects;
  std::vector<std::string> not_listed;  ///< Kinds that these credentials could not list.
  /// By id, whose create may have made the object: its answer was lost, and the name is the same.
  std::map<std::string, std::string> lost_creates = {};
};

/// Flows first, then what no flow uses, then the rest, and a line that counts.
std::string discovery_text(const Discovery& discovery, const Style& style);

/// {"format_version", "endpoint", "org", "sandbox", "flows": [{"id", "name", "state",
/// "source_ids", "target_ids", "mapping_id", "mapping_version", "created_by", "created_at",
/// "updated_by", "updated_at", "lost_create_of"}], "unused": [{"kind", "id", "name",
/// "lost_create_of", and the four of who and when}], "others": [the same], "not_listed": [kinds]},
/// where "others" has accounts, datasets, field groups and schemas; times in epoch milliseconds.
Json discovery_document(const Discovery& discovery);

}  // namespace sluice::report
