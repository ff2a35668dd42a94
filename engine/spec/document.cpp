#include "spec/document.hpp"

#include "core/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::spec {

namespace {

class Merger {
 public:
  explicit Merger(Messages& messages) : shape_(shape_of("spec")), messages_(messages) {}

  void add(const Node& root);
  Document finish(bool is_whole);

 private:
  void check_version(const Entry& entry);
  void add_name(const Entry& entry);
  void add_section(Entries& into, const Entries& entries, std::string_view section);
  void add_named(Entries& into, const Entry& section);
  void add_items(std::vector<const Node*>& into, const Entry& section);
  void twice(const Entry& again, const Entry& first, const std::string& shown_as);

  Shape shape_;
  Messages& messages_;
  Document document_;
  bool has_version_ = false;
};

void Merger::add(const Node& root) {
  const Entries entries = entries_of(root, shape_, messages_);
  if (const Entry entry = entry_of(entries, "sluice")) check_version(entry);
  if (const Entry entry = entry_of(entries, "name")) add_name(entry);
  if (const Entry entry = entry_of(entries, "platform")) {
    add_section(document_.platform, entries_of(*entry.value, shape_of("platform"), messages_),
                "platform");
  }
  if (const Entry entry = entry_of(entries, "defaults")) {
    add_section(document_.defaults, entries_of(*entry.value, shape_of("defaults"), messages_),
                "defaults");
  }
  add_items(document_.moved, entry_of(entries, "moved"));
  add_items(document_.removed, entry_of(entries, "removed"));
  add_named(document_.variables, entry_of(entries, "variables"));
  add_named(document_.environments, entry_of(entries, "environments"));
  add_named(document_.accounts, entry_of(entries, "accounts"));
  add_named(document_.datasets, entry_of(entries, "datasets"));
  add_named(document_.schemas, entry_of(entries, "schemas"));
  add_named(document_.pipelines, entry_of(entries, "pipelines"));
  add_named(document_.outputs, entry_of(entries, "outputs"));
}

Document Merger::finish(bool is_whole) {
  document_.is_whole = is_whole;
  if (is_whole && !has_version_) {
    messages_.error({}, "The spec does not say which version of the language it is in",
                    "Put `sluice: 1` at its top.");
  }
  if (is_whole && !document_.name) {
    messages_.error({}, "The spec has no `name`",
                    "Put `name: ...` at its top; it names the state file.");
  }
  return document_;
}

void Merger::check_version(const Entry& entry) {
  has_version_ = true;
  const std::optional<std::string> version = raw_text(entry, Breaks::refused, messages_);
  if (!version || *version == "1") return;
  messages_.error(
      entry.value->place,
      fmt::format("{} is not a version of the language that this sluice reads", shown(*version)),
      "It reads `sluice: 1`.");
}

void Merger::add_name(const Entry& entry) {
  if (document_.name) {
    twice(entry, document_.name, "`name`");
  } else {
    document_.name = entry;
  }
}

void Merger::add_section(Entries& into, const Entries& entries, std::string_view section) {
  for (const auto& [key, entry] : entries) {
    const auto [first, is_new] = into.emplace(key, entry);
    if (!is_new) twice(entry, first->second, shown(fmt::format("{}.{}", section, key)));
  }
}

/// A section whose keys the user chooses.
void Merger::add_named(Entries& into, const Entry& section) {
  if (!section) return;
  const std::string& name = section.key->text;
  Entries entries = all_entries(*section.value, shown(name), messages_);
  for (auto at = entries.begin(); at != entries.end();) {
    if (is_key(at->first)) {
      ++at;
      continue;
    }
    messages_.error(at->second.key->place,
                    fmt::format("{} is not a key that `{}` may have", shown(at->first), name),
                    "A key is a small letter, then small letters, digits, `_` and `-`.");
    at = entries.erase(at);
  }
  add_section(into, entries, name);
}

/// A section that is a list; those of several files are one behind the other.
void Merger::add_items(std::vector<const Node*>& into, const Entry& section) {
  if (!section || section.value->kind == Node::Kind::null) return;
  const std::vector<Node>* items =
      list_of(*section.value, shown(section.key->text), "maps", messages_);
  if (items == nullptr) return;
  for (const Node& item : *items)
    into.push_back(&item);
}

void Merger::twice(const Entry& again, const Entry& first, const std::string& shown_as) {
  messages_.error(
      again.key->place, fmt::format("{} is defined twice", shown_as),
      fmt::format("It is first defined at {}.", messages_.position_text(first.key->place)));
}

}  // namespace

Document merge(const std::vector<std::optional<Node>>& roots, Messages& messages) {
  Merger merger(messages);
  for (const std::optional<Node>& root : roots) {
    if (root) merger.add(*root);
  }
  return merger.finish(
      std::all_of(roots.begin(), roots.end(), [](const auto& root) { return root.has_value(); }));
}

}  // namespace sluice::spec
