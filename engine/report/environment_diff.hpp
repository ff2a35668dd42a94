#pragma once

// How two environments of one spec differ: compared, as text and as JSON. It is about what the spec
// says, so neither the platform nor a state has a part in it.

#include "core/compare.hpp"
#include "report/text.hpp"
#include "spec/spec.hpp"

#include <string>
#include <vector>

namespace sluice::report {

struct EnvironmentDiff {
  std::string spec_name;
  std::string left;   ///< The name of the environment on the left.
  std::string right;  ///< That on the right.
  std::vector<FieldDifference> variables;
  /// "endpoint", "ims" and "sandbox" as the spec gives them, and "protect" of the environments.
  std::vector<FieldDifference> settings;
  std::vector<ResourceDifference> resources;

  bool differs() const { return !variables.empty() || !settings.empty() || !resources.empty(); }
};

/// Compares what a spec says in two of its environments; the result looks into both, which must
/// outlive it. A sensitive variable is never looked at: its value may not stand in a spec, so that
/// no environment can have one of its own.
EnvironmentDiff compare_environments(const spec::Spec& left, const spec::Spec& right,
                                     const Catalogue& catalogue);

/// Variables first, then settings, then resources with each field that differs, left -> right; a
/// summary line last. Two environments that are alike are said to be so.
std::string diff_text(const EnvironmentDiff& diff, const Style& style);

/// What `diff --json` prints: {"format_version", "spec", "left", "right", "differs", "variables":
/// [{"name", "left", "right"}], "settings": likewise, "resources": [{"address", "kind", "in":
/// "left", "right" or "both", "fields": [{"field", "left", "right"}]}]}. Of a resource that only
/// one side has, every field is there, null on the other side.
Json diff_document(const EnvironmentDiff& diff);

}  // namespace sluice::report
