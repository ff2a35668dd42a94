#include "spec/yaml_tree.hpp"

#include "spec/text_rules.hpp"
#include "spec/yaml_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <set>
#include <string_view>

namespace sluice::spec {

namespace {

/// What has been used of the limits.
struct Usage {
  std::size_t scalar_bytes = 0;
  std::size_t nodes = 0;
  int aliases = 0;
};

/// Ends the reading of one file.
struct Stop {
  Place place;
  std::string summary;
  std::string detail;
};

constexpr std::string_view kMergeKey = "<<";
constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";
constexpr std::array<std::string_view, 5> kTextTags = {"str", "int", "float", "bool", "null"};

bool is_tag_of(std::string_view tag, Node::Kind kind) {
  if (tag.empty() || tag == "!") return true;
  if (!tag.starts_with(kCoreTag)) return false;
  const std::string_view name = tag.substr(kCoreTag.size());
  if (kind == Node::Kind::list) return name == "seq";
  if (kind == Node::Kind::map) return name == "map";
  return std::find(kTextTags.begin(), kTextTags.end(), name) != kTextTags.end();
}

/// The spellings of null in YAML's core schema.
bool is_null_word(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

/// Builds the tree from the events.
class TreeBuilder {
 public:
  TreeBuilder(int file, Usage& usage, Messages& messages)
      : file_(file), usage_(usage), messages_(messages) {}

  void take(const YamlEvent& event);
  Node take_root() { return std::move(root_); }

 private:
  struct Open {
    Node node;
    std::string anchor;
  };

  void start_document(const YamlEvent& event);
  void put_text(const YamlEvent& event);
  void put_alias(const YamlEvent& event);
  void open(const YamlEvent& event, Node::Kind kind);
  void close();
  void begin(const Node& node) { charge(node, open_.size(), node.place); }
  void finish(Node node, const std::string& anchor);
  void append(Node node);
  void charge(const Node& node, std::size_t depth, const Place& place);
  void check_tag(const Node& node, std::string_view tag);
  void check_keys(Node& map);
  void merge_below(std::vector<Node>& items, Node value);

  int file_;
  Usage& usage_;
  Messages& messages_;
  int documents_ = 0;
  Node root_;
  std::vector<Open> open_;
  std::map<std::string, Node, std::less<>> anchors_;
};

void TreeBuilder::take(const YamlEvent& event) {
  switch (event.kind) {
    case YamlEvent::Kind::document:
      return start_document(event);
    case YamlEvent::Kind::text:
      return put_text(event);
    case YamlEvent::Kind::alias:
      return put_alias(event);
    case YamlEvent::Kind::list:
      return open(event, Node::Kind::list);
    case YamlEvent::Kind::map:
      return open(event, Node::Kind::map);
    case YamlEvent::Kind::list_end:
      return close();
    case YamlEvent::Kind::map_end:
      check_keys(open_.back().node);
      return close();
    case YamlEvent::Kind::end:
      return;
  }
}

[[noreturn]] void refuse_second_document(const Place& place) {
  throw Stop{place, "A second document begins here",
             "A file of a spec holds one YAML document; put the other one into a file of its "
             "own. Wrong indentation and text after a closing bracket look like this, too."};
}

void TreeBuilder::start_document(const YamlEvent& event) {
  if (documents_++ > 0) refuse_second_document(event.place);
}

void TreeBuilder::put_text(const YamlEvent& event) {
  Node node;
  node.place = event.place;
  if (event.is_plain && is_null_word(event.text)) {
    const bool has_key = !open_.empty() && open_.back().node.kind == Node::Kind::map &&
                         open_.back().node.items.size() % 2 == 1;
    if (has_key) node.place = open_.back().node.items.back().place;
  } else {
    node.kind = Node::Kind::text;
    check_tag(node, event.tag);
    if (event.text.size() > Limits::kScalarBytes) {
      throw Stop{node.place,
                 fmt::format("A text of {} bytes is longer than {} KiB", event.text.size(),
                             Limits::kScalarBytes >> 10U),
                 "No value of a spec is that long."};
    }
    node.text = event.text;
    node.is_plain = event.is_plain;
  }
  begin(node);
  finish(std::move(node), std::string(event.anchor));
}

void TreeBuilder::put_alias(const YamlEvent& event) {
  if (++usage_.aliases > Limits::kAliases) {
    throw Stop{event.place, fmt::format("More than {} aliases", Limits::kAliases),
               "Write the repeated parts out."};
  }
  const bool is_inside = std::any_of(open_.begin(), open_.end(), [&event](const Open& around) {
    return around.anchor == event.anchor;
  });
  if (is_inside) {
    throw Stop{event.place, "This alias stands inside what it stands for",
               "An anchor cannot contain itself."};
  }
  const auto found = anchors_.find(event.anchor);
  if (found == anchors_.end()) {
    throw Stop{event.place, "This alias stands for nothing",
               "No anchor of its name stands before it in the file. A text that begins with `*` "
               "needs quotes."};
  }
  charge(found->second, open_.size(), event.place);
  Node copy = found->second;
  copy.place = event.place;
  append(std::move(copy));
}

void TreeBuilder::open(const YamlEvent& event, Node::Kind kind) {
  Open next;
  next.node.kind = kind;
  next.node.place = event.place;
  next.anchor = event.anchor;
  check_tag(next.node, event.tag);
  begin(next.node);
  open_.push_back(std::move(next));
}

void TreeBuilder::close() {
  Open last = std::move(open_.back());
  open_.pop_back();
  finish(std::move(last.node), last.anchor);
}

/// Puts a whole node where it belongs. A later anchor of the same name takes the name over.
void TreeBuilder::finish(Node node, const std::string& anchor) {
  if (!anchor.empty()) {
    charge(node, open_.size(), node.place);
    anchors_[anchor] = node;
  }
  append(std::move(node));
}

void TreeBuilder::append(Node node) {
  if (open_.empty()) {
    root_ = std::move(node);
  } else {
    open_.back().node.items.push_back(std::move(node));
  }
}

/// Counts a node and all below it, before they are copied. `depth` is the number of nodes around.
void TreeBuilder::charge(const Node& node, std::size_t depth, const Place& place) {
  const bool holds_nodes = node.kind == Node::Kind::list || node.kind == Node::Kind::map;
  if (holds_nodes && depth >= Limits::kDepth) {
    throw Stop{place, fmt::format("Nested deeper than {} levels", Limits::kDepth),
               "No part of the language needs that."};
  }
  usage_.scalar_bytes += node.text.size();
  if (++usage_.nodes > Limits::kNodes || usage_.scalar_bytes > Limits::kTextBytes) {
    throw Stop{place,
               fmt::format("The spec has more than {} values or {} MiB of text, with its aliases "
                           "written out",
                           Limits::kNodes, Limits::kTextBytes >> 20U),
               "Split it into several specs."};
  }
  for (const Node& item : node.items)
    charge(item, depth + 1, place);
}

void TreeBuilder::check_tag(const Node& node, std::string_view tag) {
  if (is_tag_of(tag, node.kind)) return;
  // In a file of variables it may be a secret that begins with `!`.
  const std::string word = messages_.is_private(file_) ? "" : " " + shown(tag);
  throw Stop{node.place, fmt::format("The tag{} means nothing here", word),
             "Leave it out: the language itself says what each value is. A text that begins with "
             "`!` needs quotes."};
}

/// Adds the entries of the maps that `<<` names, below those that the map has itself and, in a
/// list, below those of the maps before. They were counted when their alias was written out.
void TreeBuilder::merge_below(std::vector<Node>& items, Node value) {
  std::vector<Node> maps;
  if (value.kind == Node::Kind::list) {
    maps = std::move(value.items);
  } else {
    maps.push_back(std::move(value));
  }
  std::set<std::string> seen;
  for (std::size_t at = 0; at + 1 < items.size(); at += 2)
    seen.insert(items[at].text);
  for (Node& map : maps) {
    if (map.kind != Node::Kind::map) {
      messages_.error(map.place, "`<<` merges something that is not a map",
                      "Write `<<: *anchor`, or `<<: [*anchor, *another]`, where each stands for a "
                      "map.");
      continue;
    }
    for (std::size_t at = 0; at + 1 < map.items.size(); at += 2) {
      if (!seen.insert(map.items[at].text).second) continue;
      items.push_back(std::move(map.items[at]));
      items.push_back(std::move(map.items[at + 1]));
    }
  }
}

/// Reports and drops the keys that cannot be told apart or are no text, and follows merge keys.
void TreeBuilder::check_keys(Node& map) {
  std::map<std::string_view, Place> seen;
  std::vector<std::size_t> dropped;
  std::optional<std::size_t> merge;
  for (std::size_t at = 0; at + 1 < map.items.size(); at += 2) {
    const Node& key = map.items[at];
    bool kept = false;
    if (key.kind != Node::Kind::text) {
      messages_.error(key.place, "A key must be text", "Put quotes around it if it is meant so.");
    } else {
      const auto [first, is_new] = seen.emplace(key.text, key.place);
      kept = is_new;
      if (!is_new) {
        messages_.error(
            key.place, fmt::format("{} is defined twice", shown(key.text)),
            fmt::format("It is first defined at {}.", messages_.position_text(first->second)));
      }
    }
    if (kept && key.text == kMergeKey) merge = at;
    if (!kept || key.text == kMergeKey) dropped.push_back(at);
  }
  if (dropped.empty()) return;
  std::vector<Node> kept;
  std::optional<Node> merged;
  for (std::size_t at = 0; at + 1 < map.items.size(); at += 2) {
    if (merge == at) merged = std::move(map.items[at + 1]);
    if (std::binary_search(dropped.begin(), dropped.end(), at)) continue;
    kept.push_back(std::move(map.items[at]));
    kept.push_back(std::move(map.items[at + 1]));
  }
  if (merged) merge_below(kept, std::move(*merged));
  map.items = std::move(kept);
}

/// Advice for the mistakes that people make most often.
std::string syntax_advice(std::string_view text, const YamlProblem& problem) {
  const Place& place = problem.place;
  std::string_view line = text.substr(
      std::min(static_cast<std::size_t>(place.offset - (place.column - 1)), text.size()));
  line = line.substr(0, line.find('\n'));
  const std::size_t first = std::min(line.find_first_not_of(" \t"), line.size());
  if (line.substr(0, first).find('\t') != std::string_view::npos) {
    return "YAML takes no tabs for indentation: use spaces.";
  }
  if (line.find("${") != std::string_view::npos) {
    return "Inside braces or brackets, `${...}` needs quotes around it.";
  }
  if (problem.what.starts_with("mapping values")) {
    return "A value begins here where none can stand. A text with `: ` in it needs quotes; else "
           "look "
           "at the indentation of this line and the one before it, and for a bracket left open.";
  }
  return "Look at this line and the one before it: indentation, quotes, brackets.";
}

/// The place of a byte, found by counting, for what is noticed before the text is parsed.
Place place_at(int file, std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::size_t line_start = newline == std::string_view::npos ? 0 : newline + 1;
  return {file, static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(offset - line_start) + 1, static_cast<int>(offset)};
}

/// Characters that can be seen nowhere, and that YAML 1.1 takes for line breaks or nothing at all:
/// the line and paragraph separators and the byte order mark.
constexpr std::array<std::string_view, 3> kUnseen = {"\u2028", "\u2029", "\uFEFF"};

/// What no spec may hold, whatever YAML makes of it.
void check_bytes(int file, std::string_view text) {
  const std::size_t invalid = find_invalid_utf8(text);
  if (invalid != std::string_view::npos) {
    throw Stop{place_at(file, text, invalid), "This is not UTF-8 text",
               "Save the file in the encoding UTF-8."};
  }
  const std::size_t control = find_control(text, Breaks::also_carriage);
  if (control != std::string_view::npos) {
    throw Stop{place_at(file, text, control),
               fmt::format("The control character 0x{:02x} may not stand in a spec",
                           static_cast<unsigned char>(text[control])),
               "Remove it."};
  }
  for (const std::string_view unseen : kUnseen) {
    const std::size_t at = text.find(unseen);
    if (at == std::string_view::npos) continue;
    throw Stop{
        place_at(file, text, at),
        "A character that cannot be seen stands here: a line separator, a paragraph "
        "separator or a byte order mark",
        "Remove it; or write it as \"\\u2028\", \"\\u2029\" or \"\\uFEFF\", in double quotes."};
  }
}

[[noreturn]] void refuse(const YamlProblem& problem, std::string_view text, Messages& messages) {
  const bool has_context = problem.began.line != 0;
  if (has_context && problem.during == "while scanning a quoted scalar") {
    throw Stop{problem.began, "The quote that opens here is never closed",
               "Everything up to the end of the file was taken for this text."};
  }
  if (problem.what == "did not find expected <document start>") {
    refuse_second_document(problem.place);
  }
  // Of a word without a colon the library notices only behind it that none comes.
  if (has_context && problem.during == "while scanning a simple key") {
    throw Stop{problem.began, "This is not YAML: a key without a colon",
               "Write `key: value`; a text of several lines needs quotes, or `|` before it."};
  }
  std::string summary = fmt::format("This is not YAML: {}", problem.what);
  std::string detail = syntax_advice(text, problem);
  if (has_context && problem.began.line != problem.place.line) {
    summary += fmt::format(" {}", problem.during);
    detail = fmt::format("It begins at {}. {}", messages.position_text(problem.began), detail);
  }
  throw Stop{problem.place, std::move(summary), std::move(detail)};
}

std::optional<Node> read_tree(int file, Usage& usage, Messages& messages) {
  const std::string_view text = messages.text(file);
  TreeBuilder builder(file, usage, messages);
  try {
    check_bytes(file, text);
    YamlEvents events(file, text);
    while (true) {
      const YamlEvent* event = events.next();
      if (event == nullptr) refuse(events.problem(), text, messages);
      if (event->kind == YamlEvent::Kind::end) return builder.take_root();
      builder.take(*event);
    }
  } catch (const Stop& stop) {
    messages.error(stop.place, stop.summary, stop.detail);
  }
  return std::nullopt;
}

/// Reports the file with which the spec becomes too large.
bool fits(int first, int files, Messages& messages) {
  std::size_t bytes = 0;
  for (int file = first; file < first + files; ++file) {
    bytes += messages.text(file).size();
    if (bytes <= Limits::kTextBytes) continue;
    messages.error({file, 1, 1, 0},
                   fmt::format("The spec is larger than {} MiB", Limits::kTextBytes >> 20U),
                   "Split it into several specs.");
    return false;
  }
  return true;
}

}  // namespace

std::vector<std::optional<Node>> read_trees(int first, int files, Messages& messages) {
  std::vector<std::optional<Node>> roots(static_cast<std::size_t>(files));
  if (!fits(first, files, messages)) return roots;
  Usage usage;
  for (int at = 0; at < files; ++at)
    roots[static_cast<std::size_t>(at)] = read_tree(first + at, usage, messages);
  return roots;
}

}  // namespace sluice::spec
