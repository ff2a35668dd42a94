#pragma once

// YAML text to a tree of nodes with their places. What the library lets pass and should not -
// duplicate keys, loops, floods of aliases, tags, unclosed quotes, second documents -
// ends here. Merge keys are followed. What the nodes mean is not known here.

#include "spec/messages.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sluice::spec {

struct Node {
  enum class Kind { null, text, list, map };

  Kind kind = Kind::null;
  Place place;  ///< A null has the place of its key.
  std::string text;
  bool is_plain = false;    ///< A text without quotes, which may look like a number.
  std::vector<Node> items;  ///< Of a map: each key and its value in turn. Keys are texts.
};

/// What one spec may use up, over all of its files. Copies made for anchors and aliases count, and
/// what stands for references and the instances of pipelines make may be as much once more.
struct Limits {
  static constexpr std::size_t kTextBytes = std::size_t{64} << 20U;
  static constexpr std::size_t kScalarBytes = std::size_t{64} << 10U;
  static constexpr std::size_t kNodes = 4'000'000;
  static constexpr int kAliases = 1000;
  static constexpr std::size_t kDepth = 32;
  static constexpr std::size_t kObjects = 100'000;
};

/// Reads `files` files, from number `first` on. An empty file is a null. nullopt stands for a file
/// whose text cannot be read to its end; errors that leave the rest readable are reported and the
/// tree goes without them.
std::vector<std::optional<Node>> read_trees(int first, int files, Messages& messages);

}  // namespace sluice::spec
