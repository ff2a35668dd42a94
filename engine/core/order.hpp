#pragma once

// Dependency order. A loop is a value, since it is the user's to mend; ties are broken by key, so
// that the order of declaration does not matter.

#include "core/resource.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice {

/// A dependency loop in order; the first element is repeated at the end.
struct Cycle {
  std::vector<std::string> path;
  std::size_t first = 0;  ///< The position of the first.
};

/// Something that is to be ordered, and the keys of what it needs.
struct Dependent {
  std::string_view key;
  std::vector<std::string_view> needs;
};

/// The positions in `all`, each after those of what it needs. The keys must differ. A need that is
/// nobody's key is ignored.
std::variant<std::vector<std::size_t>, Cycle> dependency_order(const std::vector<Dependent>& all);

/// A resource of the spec with what it needs, since to find that out takes a walk over its values.
struct Wanted {
  explicit Wanted(const Resource& of) : resource(&of), needs(of.needs()) {}

  const Resource* resource;  ///< Must outlive this.
  std::set<Address> needs;
};

/// The same for resources. Their keys are their addresses.
std::variant<std::vector<std::size_t>, Cycle> dependency_order(const std::vector<Wanted>& all);

}  // namespace sluice
