#include "core/order.hpp"

#include <algorithm>
#include <optional>

namespace sluice {

namespace {

/// The graph with each key as its position in the sorted list, so that the order of positions is
/// the order of keys.
struct Graph {
  std::vector<std::string> keys;
  std::vector<std::vector<std::size_t>> needs;

  std::optional<std::size_t> position(const std::string& key) const {
    const auto found = std::lower_bound(keys.begin(), keys.end(), key);
    if (found == keys.end() || *found != key) return std::nullopt;
    return static_cast<std::size_t>(found - keys.begin());
  }
};

Graph graph_of(const std::map<std::string, std::set<std::string>>& needs) {
  Graph graph;
  for (const auto& [key, need] : needs)
    graph.keys.push_back(key);
  for (const auto& [key, need] : needs) {
    std::vector<std::size_t>& positions = graph.needs.emplace_back();
    for (const std::string& other : need) {
      if (const auto position = graph.position(other)) positions.push_back(*position);
    }
  }
  return graph;
}

/// Follows unfinished needs from any unfinished key until one repeats: there is a loop, since every
/// key that is left waits for another one that is left.
Cycle find_cycle(const Graph& graph, const std::vector<std::size_t>& waiting_for) {
  const auto is_left = [&waiting_for](std::size_t at) { return waiting_for[at] > 0; };
  std::size_t at = 0;
  while (!is_left(at))
    ++at;
  std::vector<std::size_t> path;
  std::vector<bool> on_path(graph.keys.size());
  while (!on_path[at]) {
    on_path[at] = true;
    path.push_back(at);
    at = *std::find_if(graph.needs[at].begin(), graph.needs[at].end(), is_left);
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), at));
  path.push_back(at);
  Cycle cycle;
  for (const std::size_t position : path)
    cycle.path.push_back(graph.keys[position]);
  return cycle;
}

}  // namespace

std::variant<std::vector<std::string>, Cycle> dependency_order(
    const std::map<std::string, std::set<std::string>>& needs) {
  const Graph graph = graph_of(needs);
  std::vector<std::size_t> waiting_for(graph.keys.size());
  std::vector<std::vector<std::size_t>> wanted_by(graph.keys.size());
  std::set<std::size_t> ready;
  for (std::size_t at = 0; at < graph.keys.size(); ++at) {
    waiting_for[at] = graph.needs[at].size();
    if (waiting_for[at] == 0) ready.insert(at);
    for (const std::size_t other : graph.needs[at])
      wanted_by[other].push_back(at);
  }

  std::vector<std::string> order;
  while (!ready.empty()) {
    const std::size_t at = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(graph.keys[at]);
    for (const std::size_t other : wanted_by[at]) {
      if (--waiting_for[other] == 0) ready.insert(other);
    }
  }
  if (order.size() < graph.keys.size()) return find_cycle(graph, waiting_for);
  return order;
}

}  // namespace sluice
