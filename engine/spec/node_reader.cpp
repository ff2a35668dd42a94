#include "spec/node_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::spec {

namespace {

const char* name_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::text:
      return "text";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return "";
}

}  // namespace

Entry entry_of(const Entries& entries, std::string_view key) {
  const auto found = entries.find(key);
  return found == entries.end() ? Entry{} : found->second;
}

Entries all_entries(const Node& node, const std::string& what, Messages& messages) {
  Entries result;
  if (node.kind == Node::Kind::text || node.kind == Node::Kind::list) {
    messages.error(
        node.place,
        fmt::format("Expected {}, which is a map, and found {}", what, name_of(node.kind)),
        "Write it as `key: value` lines, indented below its name.");
    return result;
  }
  for (std::size_t at = 0; at + 1 < node.items.size(); at += 2)
    result[node.items[at].text] = {&node.items[at], &node.items[at + 1]};
  return result;
}

Entries entries_of(const Node& node, const Shape& shape, Messages& messages) {
  Entries result = all_entries(node, shape.what, messages);
  for (auto at = result.begin(); at != result.end();) {
    if (std::find(shape.keys.begin(), shape.keys.end(), at->first) != shape.keys.end()) {
      ++at;
    } else {
      unknown_key(*at->second.key, shape, messages);
      at = result.erase(at);
    }
  }
  return result;
}

void unknown_key(const Node& key, const Shape& shape, Messages& messages) {
  messages.error(key.place, fmt::format("{} is not a key of {}", shown(key.text), shape.what),
                 messages.suggestion(key.text, shape.keys));
}

std::optional<std::string> raw_text(const Entry& entry, Breaks breaks, Messages& messages) {
  const Node& node = *entry.value;
  if (node.kind == Node::Kind::null) {
    messages.error(node.place, fmt::format("{} has no value", shown(entry.key->text)),
                   "Give it a text, or leave the line out. The words `null` and `~` need quotes.");
    return std::nullopt;
  }
  if (node.kind != Node::Kind::text) {
    messages.error(
        node.place,
        fmt::format("{} must be text and is {}", shown(entry.key->text), name_of(node.kind)),
        "A text that begins with a bracket or a brace needs quotes.");
    return std::nullopt;
  }
  if (find_control(node.text, breaks) != std::string::npos) {
    messages.error(node.place, fmt::format("{} holds a control character", shown(entry.key->text)),
                   breaks == Breaks::refused
                       ? "It must be one line, without tabs. After `|` or `>`, write `|-` or `>-`, "
                         "which end without a newline."
                       : "Only newlines and tabs may stand in it.");
    return std::nullopt;
  }
  return node.text;
}

bool boolean(const Entry& entry, bool otherwise, Messages& messages) {
  if (!entry) return otherwise;
  const std::optional<std::string> text = raw_text(entry, Breaks::refused, messages);
  if (!text) return otherwise;
  if (*text == "true") return true;
  if (*text == "false") return false;
  messages.error(entry.value->place,
                 fmt::format("{} is {}, which is neither `true` nor `false`",
                             shown(entry.key->text), shown(*text)),
                 "Write `true` or `false`.");
  return otherwise;
}

const std::vector<Node>* list_of(const Node& node, const std::string& what,
                                 const std::string& items, Messages& messages) {
  if (node.kind == Node::Kind::list) return &node.items;
  messages.error(node.place,
                 fmt::format("{} must be a list of {} and is {}", what, items, name_of(node.kind)),
                 "Write one `- ` line for each.");
  return nullptr;
}

}  // namespace sluice::spec
