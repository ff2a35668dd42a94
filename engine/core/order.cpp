#include "core/order.hpp"

#include <algorithm>
#include <deque>
#include <numeric>
#include <optional>
#include <set>

namespace sluice {

namespace {

/// The graph with each key as its rank among the sorted keys, so that the order of ranks is the
/// order of keys.
struct Graph {
  std::vector<std::size_t> positions;  // In what is to be ordered.
  std::vector<std::string_view> keys;
  std::vector<std::vector<std::size_t>> needs;

  std::optional<std::size_t> rank(std::string_view key) const {
    const auto found = std::lower_bound(keys.begin(), keys.end(), key);
    if (found == keys.end() || *found != key) return std::nullopt;
    return static_cast<std::size_t>(found - keys.begin());
  }
};

Graph graph_of(const std::vector<Dependent>& all) {
  Graph graph;
  graph.positions.resize(all.size());
  std::iota(graph.positions.begin(), graph.positions.end(), 0);
  const auto is_before = [&all](std::size_t left, std::size_t right) {
    return all[left].key < all[right].key;
  };
  // Many lists come sorted, and to see that is a tenth of the work of sorting.
  if (!std::is_sorted(graph.positions.begin(), graph.positions.end(), is_before)) {
    std::sort(graph.positions.begin(), graph.positions.end(), is_before);
  }
  for (const std::size_t position : graph.positions)
    graph.keys.push_back(all[position].key);
  for (const std::size_t position : graph.positions) {
    std::vector<std::size_t>& ranks = graph.needs.emplace_back();
    for (const std::string_view need : all[position].needs) {
      if (const auto rank = graph.rank(need)) ranks.push_back(*rank);
    }
    std::sort(ranks.begin(), ranks.end());
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
  cycle.first = graph.positions[path.front()];
  for (const std::size_t rank : path)
    cycle.path.emplace_back(graph.keys[rank]);
  return cycle;
}

}  // namespace

std::variant<std::vector<std::size_t>, Cycle> dependency_order(const std::vector<Dependent>& all) {
  const Graph graph = graph_of(all);
  std::vector<std::size_t> waiting_for(graph.keys.size());
  std::vector<std::vector<std::size_t>> wanted_by(graph.keys.size());
  std::set<std::size_t> ready;
  for (std::size_t at = 0; at < graph.keys.size(); ++at) {
    waiting_for[at] = graph.needs[at].size();
    if (waiting_for[at] == 0) ready.insert(at);
    for (const std::size_t other : graph.needs[at])
      wanted_by[other].push_back(at);
  }

  std::vector<std::size_t> order;
  order.reserve(all.size());
  while (!ready.empty()) {
    const std::size_t at = *ready.begin();
    ready.erase(ready.begin());
    order.push_back(graph.positions[at]);
    for (const std::size_t other : wanted_by[at]) {
      if (--waiting_for[other] == 0) ready.insert(other);
    }
  }
  if (order.size() < graph.keys.size()) return find_cycle(graph, waiting_for);
  return order;
}

std::variant<std::vector<std::size_t>, Cycle> dependency_order(const std::vector<Wanted>& all) {
  std::deque<std::string> texts;  // What the views below look into.
  std::vector<Dependent> dependents;
  dependents.reserve(all.size());
  for (const Wanted& wanted : all) {
    Dependent& dependent = dependents.emplace_back();
    dependent.key = texts.emplace_back(wanted.resource->address.text());
    for (const Address& need : wanted.needs)
      dependent.needs.push_back(texts.emplace_back(need.text()));
  }
  return dependency_order(dependents);
}

}  // namespace sluice
