#pragma once

// How two sets of fields differ, by a kind's rules. Used by the planner, and again by apply when an
// etag has moved and the question is whether anything that matters moved with it.

#include "core/kind_rules.hpp"
#include "core/resource.hpp"

#include <vector>

namespace sluice {

/// One field of two sides; null where a side has nothing.
struct FieldDifference {
  std::string field;  ///< A keyed field's entries are written as "rows[key]".
  Json left;
  Json right;

  bool operator==(const FieldDifference&) const = default;
};

/// Whether the values are equal under `rule`. A missing value is null.
bool equal_under(const FieldRule& rule, const Json& left, const Json& right);

/// The fields of `wanted` whose value in `found` is another, by name. Fields that are only in
/// `found` do not matter, nor do write-only ones. An unresolved reference in `wanted` differs from
/// every value.
std::vector<FieldDifference> differences(const KindRules& rules, const Fields& found,
                                         const Fields& wanted);

}  // namespace sluice
