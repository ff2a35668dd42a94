#include "spec/datasets.hpp"

#include "spec/lifecycle.hpp"

#include <fmt/format.h>

namespace sluice::spec {

namespace {

ReadPart read_dataset(const Entry& dataset, const std::string& spec_name, const PartTools& tools) {
  const std::string& key = dataset.key->text;
  PartReader reader(tools, {"datasets", key, {}, {}}, "dataset", dataset.key->place);
  const Entries entries = entries_of(*dataset.value, shape_of("dataset"), tools.messages);
  reader.put_name(entry_of(entries, "name"), fmt::format("{} {}", spec_name, key));
  reader.put_text("description", entry_of(entries, "description"));
  reader.put_schema(entry_of(entries, "schema"));
  reader.require("schema.id", "schema",
                 "Write `schema: ${schemas.KEY}`, or `schema: {id: ..., version: 1}`.");
  for (const char* field : {"profile", "error_diagnostics"})
    reader.put_boolean(field, entry_of(entries, field));
  std::vector<ReadPart> parts;
  parts.push_back(reader.take());
  read_section_lifecycle(entry_of(entries, "lifecycle"), parts, tools);
  return std::move(parts.front());
}

}  // namespace

std::vector<ReadPart> read_datasets(const Document& document, const std::string& spec_name,
                                    const PartTools& tools) {
  std::vector<ReadPart> parts;
  for (const auto& [key, dataset] : document.datasets)
    parts.push_back(read_dataset(dataset, spec_name, tools));
  return parts;
}

}  // namespace sluice::spec
