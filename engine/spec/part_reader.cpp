#include "spec/part_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::spec {

namespace {

Breaks breaks_of(std::string_view field) {
  return field == "description" ? Breaks::allowed : Breaks::refused;
}

}  // namespace

const ConnectorPreset* preset_of(const Entry& connector, const PartTools& tools) {
  if (!connector) return tools.catalogue.preset("");
  const std::optional<std::string> name = tools.interpolator.known_text(connector);
  if (!name) return nullptr;
  const ConnectorPreset* found = tools.catalogue.preset(*name);
  if (found != nullptr && !name->empty()) return found;
  std::vector<std::string> known;
  for (const ConnectorPreset& preset : tools.catalogue.presets) {
    if (!preset.name.empty()) known.push_back(preset.name);
  }
  tools.messages.error(connector.value->place,
                       fmt::format("There is no connector {}", shown(*name)),
                       tools.messages.suggestion(*name, known));
  return nullptr;
}

PartReader::PartReader(const PartTools& tools, Address address, std::string kind,
                       const Place& place)
    : tools_(tools) {
  part_.resource.address = std::move(address);
  part_.resource.kind = std::move(kind);
  part_.resource.where = tools.messages.position(place);
  part_.place = place;
  part_.name_place = place;
}

void PartReader::put_name(const Entry& entry, const std::string& otherwise) {
  if (!entry) {
    put("name", otherwise);
    return;
  }
  const std::optional<std::string> name = tools_.interpolator.known_text(entry);
  part_.name_place = entry.value->place;
  if (!name) {
    wrong_.emplace_back("name");
  } else if (name->empty()) {
    tools_.messages.error(entry.value->place, "`name` is empty",
                          fmt::format("Left out, it is `{}`.", otherwise));
  } else {
    put("name", *name);
  }
}

void PartReader::put_text(const std::string& field, const Entry& entry) {
  if (!entry) return;
  std::optional<Json> value = tools_.interpolator.value(entry, breaks_of(field));
  if (value && *value == "" && field != "description") {
    tools_.messages.error(entry.value->place, fmt::format("{} is empty", shown(entry.key->text)),
                          "Give it a text, or leave the line out.");
    value.reset();
  }
  if (value) {
    put(field, std::move(*value));
  } else {
    wrong_.push_back(field);
  }
}

void PartReader::put_versioned(const std::string& field, const Entry& entry) {
  if (!entry) return;
  const Node& node = *entry.value;
  if (node.kind == Node::Kind::text) {
    tools_.messages.error(node.place, fmt::format("`{}` is a text", field),
                          fmt::format("Write `{}: {{id: ..., version: ...}}`.", field));
    wrong_.push_back(field + ".id");
    wrong_.push_back(field + ".version");
    return;
  }
  Shape shape = shape_of("versioned");
  shape.what = "`" + field + "`";
  const Entries entries = entries_of(node, shape, tools_.messages);
  const Entry id = entry_of(entries, "id");
  put_text(field + ".id", id);
  put_text(field + ".version", entry_of(entries, "version"));
  if (id) return;
  tools_.messages.error(entry.key->place, fmt::format("`{}` has no `id`", field),
                        fmt::format("Write `{}: {{id: ..., version: ...}}`.", field));
  wrong_.push_back(field + ".id");
}

void PartReader::put_schema(const Entry& entry) {
  if (!entry) return;
  const bool may_refer =
      entry.value->kind == Node::Kind::text && entry.value->text.starts_with("${");
  if (!may_refer) {
    put_versioned("schema", entry);
  } else if (auto value = tools_.interpolator.value(entry)) {
    const auto reference = as_reference(*value);
    if (!reference || reference->address.section != "schemas" || reference->attribute != "id") {
      put_versioned("schema", entry);
      return;
    }
    put("schema.id", std::move(*value));
  } else {
    mark_wrong("schema.id");
    return;
  }
  put_below({{"schema.version", "1"}});
}

void PartReader::put_boolean(const std::string& field, const Entry& entry) {
  if (entry) put(field, boolean(entry, false, tools_.messages));
}

void PartReader::put(const std::string& field, Json value) {
  part_.resource.fields[field] = std::move(value);
}

void PartReader::put_below(const std::map<std::string, Json>& preset) {
  part_.resource.fields.insert(preset.begin(), preset.end());
}

void PartReader::require(const std::string& field, const std::string& key,
                         const std::string& advice) {
  if (has(field) || std::find(wrong_.begin(), wrong_.end(), field) != wrong_.end()) return;
  // Whatever is missing is missing in every instance, and is said once.
  Address address = part_.resource.address;
  address.instance.clear();
  tools_.messages.error(part_.place, fmt::format("{} has no `{}`", address.text(), key), advice);
}

}  // namespace sluice::spec
