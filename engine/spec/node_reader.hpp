#pragma once

// What every part of the language asks of a node: that it is a map with known keys, a list, a text
// or a boolean. An error is reported here, once, and the answer is then empty.

#include "spec/shapes.hpp"
#include "spec/text_rules.hpp"
#include "spec/yaml_tree.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::spec {

/// A key of a map and its value. Both null pointers when the key is not there.
struct Entry {
  const Node* key = nullptr;
  const Node* value = nullptr;

  explicit operator bool() const { return value != nullptr; }
};

/// By key. The views look into the nodes.
using Entries = std::map<std::string_view, Entry>;

/// The entry with this key, or an empty one.
Entry entry_of(const Entries& entries, std::string_view key);

/// Every entry of a map, whatever its key. A null is an empty map.
Entries all_entries(const Node& node, const std::string& what, Messages& messages);

/// The entries with keys that `shape` has; others are reported.
Entries entries_of(const Node& node, const Shape& shape, Messages& messages);

/// Reports the key as unknown to `shape`, or as a feature that this version has not.
void unknown_key(const Node& key, const Shape& shape, Messages& messages);

/// The text of an entry as it stands in the file. It may hold newlines and tabs only where
/// `breaks` says so.
std::optional<std::string> raw_text(const Entry& entry, Breaks breaks, Messages& messages);

/// `true` or `false` and nothing else; `otherwise` when the entry is empty or wrong.
bool boolean(const Entry& entry, bool otherwise, Messages& messages);

/// The items of a list; nullptr when it is none. `items` says what they are: "texts".
const std::vector<Node>* list_of(const Node& node, const std::string& what,
                                 const std::string& items, Messages& messages);

}  // namespace sluice::spec
