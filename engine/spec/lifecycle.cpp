#include "spec/lifecycle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::spec {

namespace {

void unknown_ignored(const std::string& text, const Place& place,
                     const std::vector<ReadPart>& parts, const PartTools& tools) {
  std::vector<std::string> names;
  for (const ReadPart& part : parts) {
    for (const FieldRule& field : tools.catalogue.rules(part.resource.kind).fields)
      names.push_back(part.resource.address.part + "." + field.name);
  }
  const std::string near = tools.messages.suggestion(text, names);
  tools.messages.error(place, fmt::format("{} is not a field of a pipeline", shown(text)),
                       near.empty() ? "Write PART.FIELD, such as `flow.description`." : near);
}

void read_pipeline_ignore(const Entry& entry, std::vector<ReadPart>& parts,
                          const PartTools& tools) {
  const std::vector<Node>* items = list_of(*entry.value, "`ignore`", "fields", tools.messages);
  if (items == nullptr) return;
  for (const Node& item : *items) {
    const std::optional<std::string> text =
        raw_text({entry.key, &item}, Breaks::refused, tools.messages);
    if (!text) continue;
    const std::size_t dot = std::min(text->find('.'), text->size());
    const std::string field = text->substr(std::min(dot + 1, text->size()));
    const auto part = std::find_if(parts.begin(), parts.end(), [&](const ReadPart& candidate) {
      return text->compare(0, dot, candidate.resource.address.part) == 0;
    });
    if (part != parts.end() && tools.catalogue.rules(part->resource.kind).field(field) != nullptr) {
      part->resource.ignore.insert(field);
    } else {
      unknown_ignored(*text, item.place, parts, tools);
    }
  }
}

void read_section_ignore(const Entry& entry, Resource& resource, const PartTools& tools) {
  const std::vector<Node>* items = list_of(*entry.value, "`ignore`", "fields", tools.messages);
  if (items == nullptr) return;
  const KindRules& rules = tools.catalogue.rules(resource.kind);
  for (const Node& item : *items) {
    const std::optional<std::string> text =
        raw_text({entry.key, &item}, Breaks::refused, tools.messages);
    if (!text) continue;
    if (rules.field(*text) != nullptr) {
      resource.ignore.insert(*text);
      continue;
    }
    std::vector<std::string> names;
    for (const FieldRule& field : rules.fields)
      names.push_back(field.name);
    tools.messages.error(
        item.place,
        fmt::format("{} is not a field of {}", shown(*text), shown(resource.address.text())),
        tools.messages.suggestion(*text, names));
  }
}

}  // namespace

void read_section_lifecycle(const Entry& lifecycle, std::vector<ReadPart>& parts,
                            const PartTools& tools) {
  if (!lifecycle) return;
  const Entries entries =
      entries_of(*lifecycle.value, shape_of("section_lifecycle"), tools.messages);
  const bool protect = boolean(entry_of(entries, "protect"), false, tools.messages);
  const bool loss = boolean(entry_of(entries, "allow_data_loss"), false, tools.messages);
  for (ReadPart& part : parts) {
    part.resource.protect = protect;
    part.resource.allow_data_loss = loss;
  }
  if (const Entry ignore = entry_of(entries, "ignore")) {
    read_section_ignore(ignore, parts.front().resource, tools);
  }
}

void read_pipeline_lifecycle(const Entries& entries, std::vector<ReadPart>& parts,
                             const PartTools& tools) {
  const bool protect = boolean(entry_of(entries, "protect"), false, tools.messages);
  for (ReadPart& part : parts)
    part.resource.protect = protect;
  if (const Entry ignore = entry_of(entries, "ignore")) read_pipeline_ignore(ignore, parts, tools);
}

}  // namespace sluice::spec
