#include "core/order.hpp"

#include <algorithm>

namespace sluice {

namespace {

using Needs = std::map<std::string, std::set<std::string>>;

/// Follows unfinished needs from any unfinished key until one repeats: there is a loop, since every
/// key that is left waits for another one that is left.
Cycle find_cycle(const Needs& needs, const std::set<std::string>& left) {
  std::vector<std::string> path{*left.begin()};
  while (true) {
    const std::set<std::string>& next = needs.at(path.back());
    const auto found = std::find_if(next.begin(), next.end(),
                                    [&left](const std::string& key) { return left.contains(key); });
    const auto seen = std::find(path.begin(), path.end(), *found);
    if (seen != path.end()) {
      path.erase(path.begin(), seen);
      path.push_back(path.front());
      return {path};
    }
    path.push_back(*found);
  }
}

}  // namespace

std::variant<std::vector<std::string>, Cycle> dependency_order(const Needs& needs) {
  std::map<std::string, std::size_t> waiting_for;
  std::map<std::string, std::vector<std::string>> wanted_by;
  std::set<std::string> ready;
  std::set<std::string> left;
  for (const auto& [key, need] : needs) {
    left.insert(key);
    for (const std::string& other : need) {
      if (!needs.contains(other)) continue;
      ++waiting_for[key];
      wanted_by[other].push_back(key);
    }
    if (!waiting_for.contains(key)) ready.insert(key);
  }

  std::vector<std::string> order;
  while (!ready.empty()) {
    const std::string key = *ready.begin();
    ready.erase(ready.begin());
    left.erase(key);
    order.push_back(key);
    for (const std::string& other : wanted_by[key]) {
      if (--waiting_for[other] == 0) ready.insert(other);
    }
  }
  if (!left.empty()) return find_cycle(needs, left);
  return order;
}

}  // namespace sluice
