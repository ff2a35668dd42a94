#include "spec/mapping_rows.hpp"

#include <fmt/format.h>

#include <array>

namespace sluice::spec {

namespace {

struct RowType {
  const char* key;
  const char* type;
};
constexpr std::array kRowTypes = {RowType{"source", "attribute"},
                                  RowType{"expression", "expression"}, RowType{"static", "static"}};

constexpr const char* kRowForm =
    "A row is `{source: a.path, destination: a.path}`, or has `expression` or `static` in place of "
    "`source`.";

class RowReader {
 public:
  explicit RowReader(const PartTools& tools) : tools_(tools) {}

  void add(const Node& node);
  Json take() { return std::move(rows_); }

 private:
  std::optional<Json> read_origin(const Node& node, const Entries& entries);
  std::optional<std::string> read_destination(const Node& node, const Entries& entries);
  std::optional<Json> read_text(const Entry& entry, Breaks breaks, bool may_be_empty);

  const PartTools& tools_;
  Json rows_ = Json::object();
  std::map<std::string, Place> places_;
};

void RowReader::add(const Node& node) {
  if (node.kind != Node::Kind::map) {
    tools_.messages.error(node.place, "This is not a mapping row", kRowForm);
    return;
  }
  // There are many rows, and the search is the same for each.
  static const Shape& shape = shape_of("row");
  const Entries entries = entries_of(node, shape, tools_.messages);
  std::optional<Json> row = read_origin(node, entries);
  for (const char* key : {"name", "description"}) {
    const Entry entry = entry_of(entries, key);
    if (!entry) continue;
    const bool is_description = std::string_view(key) == "description";
    const std::optional<Json> text =
        read_text(entry, is_description ? Breaks::allowed : Breaks::refused, is_description);
    if (row && text) (*row)[key] = *text;
  }
  const std::optional<std::string> destination = read_destination(node, entries);
  if (row && destination) rows_[*destination] = std::move(*row);
}

std::optional<Json> RowReader::read_origin(const Node& node, const Entries& entries) {
  const RowType* found = nullptr;
  for (const RowType& type : kRowTypes) {
    const Entry entry = entry_of(entries, type.key);
    if (!entry) continue;
    if (found != nullptr) {
      tools_.messages.error(entry.key->place,
                            fmt::format("A row has `{}` and `{}`", found->key, type.key), kRowForm);
      return std::nullopt;
    }
    found = &type;
  }
  if (found == nullptr) {
    tools_.messages.error(node.place, "A row has no `source`, `expression` or `static`", kRowForm);
    return std::nullopt;
  }
  const bool is_static = std::string_view(found->key) == "static";
  std::optional<Json> text = read_text(entry_of(entries, found->key), Breaks::refused, is_static);
  if (!text) return std::nullopt;
  return Json{{"type", found->type}, {"source", std::move(*text)}};
}

std::optional<std::string> RowReader::read_destination(const Node& node, const Entries& entries) {
  const Entry entry = entry_of(entries, "destination");
  if (!entry) {
    tools_.messages.error(node.place, "A row has no `destination`", kRowForm);
    return std::nullopt;
  }
  const std::optional<std::string> path = tools_.interpolator.known_text(entry);
  if (!path) return std::nullopt;
  // A key that begins with `$` means something else in a field's value.
  if (path->empty() || path->starts_with('$')) {
    tools_.messages.error(entry.value->place,
                          fmt::format("{} is not a path in a schema", shown(*path)),
                          "Write the path of a field, such as `_tenant.email`.");
    return std::nullopt;
  }
  const auto [first, is_new] = places_.emplace(*path, entry.value->place);
  if (is_new) return path;
  tools_.messages.error(
      entry.value->place, fmt::format("The destination {} is mapped twice", shown(*path)),
      fmt::format("It is first mapped at {}.", tools_.messages.position_text(first->second)));
  return std::nullopt;
}

std::optional<Json> RowReader::read_text(const Entry& entry, Breaks breaks, bool may_be_empty) {
  std::optional<Json> text = tools_.interpolator.value(entry, breaks);
  if (!text || may_be_empty || *text != "") return text;
  tools_.messages.error(entry.value->place, fmt::format("{} is empty", shown(entry.key->text)),
                        kRowForm);
  return std::nullopt;
}

}  // namespace

Json read_rows(const Node& list, const PartTools& tools) {
  const std::vector<Node>* items = list_of(list, "The mapping", "rows", tools.messages);
  if (items == nullptr) return Json::object();
  if (items->empty()) tools.messages.error(list.place, "The mapping has no rows", kRowForm);
  RowReader reader(tools);
  for (const Node& item : *items)
    reader.add(item);
  return reader.take();
}

}  // namespace sluice::spec
