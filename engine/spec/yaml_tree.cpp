#include "spec/yaml_tree.hpp"

#include "spec/text_rules.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

namespace sluice::spec {

namespace {

/// What has been used of the limits.
struct Usage {
  std::size_t scalar_bytes = 0;
  std::size_t nodes = 0;
  int aliases = 0;
};

/// Ends the reading of one file from inside the library's callbacks.
struct Stop {
  Place place;
  std::string summary;
  std::string detail;
};

constexpr std::string_view kMergeKey = "<<";
constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";
constexpr std::array<std::string_view, 5> kTextTags = {"str", "int", "float", "bool", "null"};

bool is_tag_of(const std::string& tag, Node::Kind kind) {
  if (tag.empty() || tag == "?" || tag == "!") return true;
  if (!tag.starts_with(kCoreTag)) return false;
  const std::string_view name = std::string_view(tag).substr(kCoreTag.size());
  if (kind == Node::Kind::list) return name == "seq";
  if (kind == Node::Kind::map) return name == "map";
  return std::find(kTextTags.begin(), kTextTags.end(), name) != kTextTags.end();
}

/// True when the scalar at `at` is quoted and the text ends before the closing quote, which the
/// library takes for a whole scalar.
bool is_unclosed(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    at = std::min(text.find_first_of(" \t\r\n", at), text.size());
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
  }
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return false;
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      const bool doubled = quote == '\'' && at + 1 < text.size() && text[at + 1] == quote;
      if (!doubled) return false;
      ++at;
    }
  }
  return true;
}

/// Builds the tree from the library's events. The library's parser recurses once a level, and the
/// limit on depth stops it long before its stack ends.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(int file, Usage& usage, Messages& messages)
      : file_(file), usage_(usage), messages_(messages) {}

  Node take_root() { return std::move(root_); }
  Place place_of(const YAML::Mark& mark) const {
    return {file_, mark.line + 1, mark.column + 1, mark.pos};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ == 0) return;
    throw Stop{place_of(mark), "A second document begins here",
               "A file of a spec holds one YAML document; put the other one into a file of its "
               "own. Wrong indentation and text after a closing bracket look like this, too."};
  }

  void OnDocumentEnd() override {
    if (!is_unclosed(messages_.text(file_), static_cast<std::size_t>(last_scalar_.offset))) return;
    throw Stop{last_scalar_, "The quote that opens here is never closed",
               "Everything up to the end of the file was taken for this text."};
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = place_of(mark);
    if (!open_.empty() && open_.back().node.kind == Node::Kind::map &&
        open_.back().node.items.size() % 2 == 1) {
      node.place = open_.back().node.items.back().place;
    }
    begin(node);
    finish(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::text;
    node.place = place_of(mark);
    check_tag(node, tag);
    last_scalar_ = node.place;
    if (value.size() > Limits::kScalarBytes) {
      throw Stop{node.place,
                 fmt::format("A text of {} bytes is longer than {} KiB", value.size(),
                             Limits::kScalarBytes >> 10U),
                 "No value of a spec is that long."};
    }
    node.text = value;
    node.is_plain = tag == "?";
    begin(node);
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Place place = place_of(mark);
    if (++usage_.aliases > Limits::kAliases) {
      throw Stop{place, fmt::format("More than {} aliases", Limits::kAliases),
                 "Write the repeated parts out."};
    }
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Stop{place, "This alias stands inside what it stands for",
                 "An anchor cannot contain itself."};
    }
    charge(found->second, open_.size(), place);
    Node copy = found->second;
    copy.place = place;
    append(std::move(copy));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnMapEnd() override {
    check_keys(open_.back().node);
    close();
  }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
  };

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind);
  void close();
  void begin(const Node& node) { charge(node, open_.size(), node.place); }
  void finish(Node node, YAML::anchor_t anchor);
  void append(Node node);
  void charge(const Node& node, std::size_t depth, const Place& place);
  void check_tag(const Node& node, const std::string& tag);
  void check_keys(Node& map);
  void merge_below(std::vector<Node>& items, Node value);

  int file_;
  Usage& usage_;
  Messages& messages_;
  int documents_ = 0;
  Node root_;
  Place last_scalar_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
};

void TreeBuilder::open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       Node::Kind kind) {
  Open next;
  next.node.kind = kind;
  next.node.place = place_of(mark);
  next.anchor = anchor;
  check_tag(next.node, tag);
  begin(next.node);
  open_.push_back(std::move(next));
}

void TreeBuilder::close() {
  Open last = std::move(open_.back());
  open_.pop_back();
  finish(std::move(last.node), last.anchor);
}

/// Puts a whole node where it belongs. A later anchor of the same name has another number.
void TreeBuilder::finish(Node node, YAML::anchor_t anchor) {
  if (anchor != 0) {
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

void TreeBuilder::check_tag(const Node& node, const std::string& tag) {
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
std::string syntax_advice(std::string_view text, const Place& place) {
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

/// What the library would stop at, replace or take for the end without a word.
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
}

std::optional<Node> read_tree(int file, Usage& usage, Messages& messages) {
  const std::string_view text = messages.text(file);
  TreeBuilder builder(file, usage, messages);
  try {
    check_bytes(file, text);
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take_root();
  } catch (const Stop& stop) {
    messages.error(stop.place, stop.summary, stop.detail);
  } catch (const YAML::Exception& exception) {
    Place place = builder.place_of(exception.mark);
    if (exception.mark.is_null()) place = {file, 0, 0, 0};
    // The library's words may quote the text, which a file of variables may not show.
    const std::string why = messages.is_private(file) ? "" : ": " + exception.msg;
    messages.error(place, "This is not YAML" + why, syntax_advice(text, place));
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
