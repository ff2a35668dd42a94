#pragma once

// The files of a spec merged into one: which entries there are and where, but not what they mean.

#include "core/kind_rules.hpp"
#include "spec/node_reader.hpp"

#include <optional>
#include <vector>

namespace sluice::spec {

struct Document {
  Entry name;
  Entries platform;
  Entries variables;
  Entries environments;
  Entries accounts;
  Entries datasets;
  Entries schemas;
  Entries defaults;
  Entries pipelines;
  Entries outputs;
  std::vector<const Node*> moved;
  std::vector<const Node*> removed;
  /// False when a file could not be read. What seems to be missing may stand in it.
  bool is_whole = true;
};

/// Merges the roots of all files; nullopt stands for a file that could not be read. The document
/// looks into the nodes, which must outlive it.
Document merge(const std::vector<std::optional<Node>>& roots, Messages& messages);

}  // namespace sluice::spec
