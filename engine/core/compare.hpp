#pragma once

// How two sets of fields differ, by a kind's rules. Used by the planner, and again by apply when an
// etag has moved and the question is whether anything that matters moved with it. Also how two
// lists of desired resources differ, which is a question of two specs and not of the platform.

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

/// Whether a reply keeps an entry to itself: it is missing, or asterisks stand in its place. Only
/// of a field whose rule says that it `hides_entries`.
bool is_hidden(const Json& entry);

/// What of a field's value belongs to `managed`: of an object that may hold more, the entries that
/// `managed` has; a secret, which nobody tells back, stays the one that `managed` names.
Json managed_part(const FieldRule& rule, const Json& found, const Json& managed);

/// The fields of `wanted` whose value in `found` is another, by name. Fields that are only in
/// `found` do not matter, nor do those that the platform never tells. An unresolved reference in
/// `wanted` differs from every value.
std::vector<FieldDifference> differences(const KindRules& rules, const Fields& found,
                                         const Fields& wanted);

/// A resource that is not alike in two lists.
struct ResourceDifference {
  Address address;
  const Resource* left = nullptr;  ///< Null where the list has no resource with this address.
  const Resource* right = nullptr;
  std::vector<FieldDifference> fields;  ///< Of one that both lists have, by name.
};

/// The resources that are only in one of the lists, or have fields that differ, by address. Unlike
/// `differences`, this takes every field of both sides as it stands, write-only ones too; just the
/// spelling of a version does not matter. The result looks into the lists, which must outlive it.
std::vector<ResourceDifference> resource_differences(const Catalogue& catalogue,
                                                     const std::vector<Resource>& left,
                                                     const std::vector<Resource>& right);

}  // namespace sluice
