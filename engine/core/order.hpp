#pragma once

// Dependency order. A loop is a value, since it is the user's to mend; ties are broken by key, so
// that the order of declaration does not matter.

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace sluice {

/// A dependency loop in order; the first element is repeated at the end.
struct Cycle {
  std::vector<std::string> path;
};

/// Orders every key of `needs` after what it needs. A need that is not itself a key is ignored.
std::variant<std::vector<std::string>, Cycle> dependency_order(
    const std::map<std::string, std::set<std::string>>& needs);

}  // namespace sluice
