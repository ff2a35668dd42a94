#include "spec/pipelines.hpp"

#include "core/order.hpp"
#include "spec/mapping_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sluice::spec {

namespace {

const Shape& pipeline_shape() {
  static const Shape shape = {"a pipeline", {"source", "target", "mapping", "flow", "lifecycle"}};
  return shape;
}

const Shape& source_shape() {
  static const Shape shape = {
      "a source", {"connector", "name", "description", "format", "connection_spec", "provider_id"}};
  return shape;
}

const Shape& target_shape() {
  static const Shape shape = {
      "a target", {"name", "description", "dataset", "schema", "format", "connection_spec"}};
  return shape;
}

const Shape& mapping_shape() {
  static const Shape shape = {"a mapping", {"name", "rows"}};
  return shape;
}

const Shape& flow_shape() {
  static const Shape shape = {"a flow", {"name", "description", "state", "flow_spec"}};
  return shape;
}

const Shape& lifecycle_shape() {
  static const Shape shape = {"`lifecycle`", {"protect", "ignore"}};
  return shape;
}

constexpr const char* kSchemaVersion = "1";

/// Reads one pipeline. Goes on after each error, so the parts may be unfinished when there was one.
class PipelineReader {
 public:
  PipelineReader(const PartTools& tools, const std::string& spec_name, const Entry& pipeline)
      : tools_(tools),
        spec_name_(spec_name),
        key_(pipeline.key->text),
        pipeline_(pipeline),
        entries_(entries_of(*pipeline.value, pipeline_shape(), tools.messages)) {}

  std::vector<ReadPart> read();

 private:
  bool is_complete() const;
  PartReader start(const char* part, const char* kind) const;
  Entries fields_of(const char* part, const Shape& shape) const;
  std::string default_name(const char* part) const;
  Json reference_to(const char* part, const char* attribute) const;

  ReadPart read_source();
  ReadPart read_target();
  ReadPart read_mapping(const Fields& target);
  ReadPart read_flow();
  void choose_preset(const Entries& source);
  void put_state(PartReader& reader, const Entry& entry) const;
  void read_lifecycle(std::vector<ReadPart>& parts) const;
  void read_ignore(const Entry& entry, std::vector<ReadPart>& parts) const;

  const PartTools& tools_;
  const std::string& spec_name_;
  const std::string& key_;
  Entry pipeline_;
  Entries entries_;
  ConnectorPreset preset_;
};

std::vector<ReadPart> PipelineReader::read() {
  if (!is_complete()) return {};
  std::vector<ReadPart> parts;
  parts.push_back(read_source());
  parts.push_back(read_target());
  parts.push_back(read_mapping(parts.back().resource.fields));
  parts.push_back(read_flow());
  read_lifecycle(parts);
  return parts;
}

/// The parts that nothing can be assumed for.
bool PipelineReader::is_complete() const {
  bool complete = true;
  for (const char* part : {"source", "target", "mapping"}) {
    if (entry_of(entries_, part)) continue;
    complete = false;
    tools_.messages.error(pipeline_.key->place,
                          fmt::format("Pipeline `{}` has no `{}`", key_, part),
                          "A pipeline needs `source`, `target` and `mapping`.");
  }
  return complete;
}

PartReader PipelineReader::start(const char* part, const char* kind) const {
  const Entry entry = entry_of(entries_, part);
  return PartReader(tools_, {"pipelines", key_, {}, part}, kind,
                    (entry ? entry : pipeline_).key->place);
}

Entries PipelineReader::fields_of(const char* part, const Shape& shape) const {
  const Entry entry = entry_of(entries_, part);
  return entry ? entries_of(*entry.value, shape, tools_.messages) : Entries();
}

std::string PipelineReader::default_name(const char* part) const {
  return fmt::format("{} {} {}", spec_name_, key_, part);
}

Json PipelineReader::reference_to(const char* part, const char* attribute) const {
  return reference_value({{"pipelines", key_, {}, part}, attribute});
}

ReadPart PipelineReader::read_source() {
  PartReader reader = start("source", "sourceConnection");
  const Entries entries = fields_of("source", source_shape());
  choose_preset(entries);
  reader.put_name(entry_of(entries, "name"), default_name("source"));
  for (const char* field : {"description", "format", "provider_id"})
    reader.put_text(field, entry_of(entries, field));
  reader.put_versioned("connection_spec", entry_of(entries, "connection_spec"));
  const Entry connector = entry_of(entries, "connector");
  reader.put_below(preset_.source, connector ? connector.value->place : reader.place());
  if (!connector) {
    reader.require("connection_spec.id", "connector",
                   "Name a `connector`, such as `customer.io`, or give "
                   "`connection_spec: {id: ..., version: ...}`.");
    if (reader.has("connection_spec.id")) {
      reader.require("connection_spec.version", "connection_spec.version",
                     "Write `connection_spec: {id: ..., version: ...}`.");
    }
  }
  return reader.take();
}

ReadPart PipelineReader::read_target() {
  PartReader reader = start("target", "targetConnection");
  const Entries entries = fields_of("target", target_shape());
  reader.put_name(entry_of(entries, "name"), default_name("target"));
  for (const char* field : {"description", "format", "dataset"})
    reader.put_text(field, entry_of(entries, field));
  reader.put_versioned("connection_spec", entry_of(entries, "connection_spec"));
  const Entry schema = entry_of(entries, "schema");
  reader.put_versioned("schema", schema);
  if (schema) reader.put_below({{"schema.version", kSchemaVersion}}, schema.value->place);
  reader.put_below(preset_.target, reader.place());
  reader.require("dataset", "dataset", "Give the id of an existing dataset.");
  reader.require("schema.id", "schema",
                 "Give the schema of the dataset: `schema: {id: ..., version: 1}`.");
  return reader.take();
}

ReadPart PipelineReader::read_mapping(const Fields& target) {
  PartReader reader = start("mapping", "mappingSet");
  const Node* rows = entry_of(entries_, "mapping").value;
  Entry name;
  if (rows->kind == Node::Kind::map) {
    const Entries entries = fields_of("mapping", mapping_shape());
    name = entry_of(entries, "name");
    rows = entry_of(entries, "rows").value;
  }
  reader.put_name(name, default_name("mapping"));
  for (const char* field : {"schema.id", "schema.version"}) {
    const auto found = target.find(field);
    if (found != target.end()) reader.put(field, found->second, reader.place());
  }
  if (rows != nullptr) {
    reader.put("rows", read_rows(*rows, tools_), rows->place);
  } else {
    reader.require("rows", "rows", "Write `{name: ..., rows: [...]}`, or only the list of rows.");
  }
  return reader.take();
}

ReadPart PipelineReader::read_flow() {
  PartReader reader = start("flow", "flow");
  const Entries entries = fields_of("flow", flow_shape());
  reader.put_name(entry_of(entries, "name"), default_name("flow"));
  reader.put_text("description", entry_of(entries, "description"));
  reader.put_versioned("flow_spec", entry_of(entries, "flow_spec"));
  if (const Entry state = entry_of(entries, "state")) put_state(reader, state);
  reader.put_below(preset_.flow, reader.place());
  reader.put("source", reference_to("source", "id"), reader.place());
  reader.put("target", reference_to("target", "id"), reader.place());
  reader.put("mapping.id", reference_to("mapping", "id"), reader.place());
  reader.put("mapping.version", reference_to("mapping", "version"), reader.place());
  return reader.take();
}

/// What the source's connector supplies to all parts. A source without one is described in full.
void PipelineReader::choose_preset(const Entries& source) {
  std::string name;
  const Entry connector = entry_of(source, "connector");
  if (connector) name = tools_.interpolator.known_text(connector).value_or("");
  const ConnectorPreset* found = tools_.catalogue.preset(name);
  if (found != nullptr) preset_ = *found;
  if (!connector || (found != nullptr && !name.empty())) return;
  std::vector<std::string> known;
  for (const ConnectorPreset& preset : tools_.catalogue.presets) {
    if (!preset.name.empty()) known.push_back(preset.name);
  }
  tools_.messages.error(connector.value->place,
                        fmt::format("There is no connector {}", shown(name)),
                        tools_.messages.suggestion(name, known));
}

void PipelineReader::put_state(PartReader& reader, const Entry& entry) const {
  const std::optional<std::string> state = tools_.interpolator.known_text(entry);
  if (!state) return;
  if (*state == "enabled" || *state == "disabled") {
    reader.put("state", *state, entry.value->place);
    return;
  }
  tools_.messages.error(entry.value->place, fmt::format("A flow cannot be {}", shown(*state)),
                        tools_.messages.suggestion(*state, {"enabled", "disabled"}));
}

void PipelineReader::read_lifecycle(std::vector<ReadPart>& parts) const {
  const Entries entries = fields_of("lifecycle", lifecycle_shape());
  const bool protect = boolean(entry_of(entries, "protect"), false, tools_.messages);
  for (ReadPart& part : parts)
    part.resource.protect = protect;
  if (const Entry ignore = entry_of(entries, "ignore")) read_ignore(ignore, parts);
}

void PipelineReader::read_ignore(const Entry& entry, std::vector<ReadPart>& parts) const {
  const std::vector<Node>* items = list_of(*entry.value, "`ignore`", "fields", tools_.messages);
  if (items == nullptr) return;
  std::map<std::string, std::pair<Resource*, std::string>> known;
  std::vector<std::string> names;
  for (ReadPart& part : parts) {
    Resource& resource = part.resource;
    for (const FieldRule& field : tools_.catalogue.rules(resource.kind).fields) {
      names.push_back(resource.address.part + "." + field.name);
      known[names.back()] = {&resource, field.name};
    }
  }
  for (const Node& item : *items) {
    const std::optional<std::string> text =
        raw_text({entry.key, &item}, Breaks::refused, tools_.messages);
    if (!text) continue;
    const auto found = known.find(*text);
    if (found != known.end()) {
      found->second.first->ignore.insert(found->second.second);
    } else {
      const std::string near = tools_.messages.suggestion(*text, names);
      tools_.messages.error(item.place,
                            fmt::format("{} is not a field of a pipeline", shown(*text)),
                            near.empty() ? "Write PART.FIELD, such as `flow.description`." : near);
    }
  }
}

void check_names(const std::vector<ReadPart>& parts, Messages& messages) {
  std::map<std::pair<std::string, std::string>, const ReadPart*> seen;
  for (const ReadPart& part : parts) {
    const auto name = part.resource.fields.find("name");
    if (name == part.resource.fields.end()) continue;
    const auto& text = name->second.get_ref<const std::string&>();
    const auto [first, is_new] = seen.emplace(std::pair(part.resource.kind, text), &part);
    if (is_new) continue;
    messages.error(
        part.name_place,
        fmt::format("{} and {} have the same name {}", first->second->resource.address.text(),
                    part.resource.address.text(), shown(text)),
        fmt::format("The other one is at {}. An object whose creation was not confirmed "
                    "is found by its name, so the names of one kind must differ.",
                    messages.position_text(first->second->name_place)));
  }
}

void check_order(const std::vector<ReadPart>& parts, Messages& messages) {
  std::map<std::string, std::set<std::string>> needs;
  std::map<std::string, const ReadPart*> by_address;
  for (const ReadPart& part : parts) {
    const std::string address = part.resource.address.text();
    by_address[address] = &part;
    std::set<std::string>& needed = needs[address];
    for (const Address& other : part.resource.needs())
      needed.insert(other.text());
  }
  const auto order = dependency_order(needs);
  const Cycle* cycle = std::get_if<Cycle>(&order);
  if (cycle == nullptr) return;
  messages.error(by_address.at(cycle->path.front())->place,
                 fmt::format("Each of these needs the next: {}", fmt::join(cycle->path, " -> ")),
                 "A flow needs its source, target and mapping by itself; take out a reference that "
                 "points back.");
}

}  // namespace

std::vector<Resource> read_pipelines(const Document& document, const std::string& spec_name,
                                     const PartTools& tools) {
  std::vector<ReadPart> parts;
  for (const auto& [key, pipeline] : document.pipelines) {
    for (ReadPart& part : PipelineReader(tools, spec_name, pipeline).read())
      parts.push_back(std::move(part));
  }
  check_names(parts, tools.messages);
  check_order(parts, tools.messages);
  std::sort(parts.begin(), parts.end(), [](const ReadPart& left, const ReadPart& right) {
    return left.resource.address < right.resource.address;
  });
  std::vector<Resource> resources;
  for (ReadPart& part : parts)
    resources.push_back(std::move(part.resource));
  return resources;
}

}  // namespace sluice::spec
