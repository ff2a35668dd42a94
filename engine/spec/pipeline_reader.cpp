#include "spec/pipeline_reader.hpp"

#include "spec/lifecycle.hpp"
#include "spec/mapping_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice::spec {

namespace {

/// True when a text may mean something else in each instance. A reference to the pipeline itself
/// does, too.
bool mentions_instance(const Node& node) {
  if (node.text.find("${each") != std::string::npos) return true;
  if (node.text.find("${pipelines") != std::string::npos) return true;
  return std::any_of(node.items.begin(), node.items.end(), mentions_instance);
}

struct PartShape {
  const char* part;
  Shape shape;
  Shape in_defaults;
};

std::vector<PartShape> part_shapes() {
  return {{"source", shape_of("source"), shape_of("source")},
          {"target", shape_of("target"), shape_of("target")},
          {"mapping", shape_of("mapping"), shape_of("defaults_mapping")},
          {"flow", shape_of("flow"), shape_of("flow")},
          {"lifecycle", shape_of("pipeline_lifecycle"), shape_of("pipeline_lifecycle")}};
}

}  // namespace

PartDefaults read_defaults(const Document& document, const PartTools& tools) {
  PartDefaults result;
  for (const PartShape& known : part_shapes()) {
    if (const Entry entry = entry_of(document.defaults, known.part)) {
      result[known.part] = entries_of(*entry.value, known.in_defaults, tools.messages);
    }
  }
  return result;
}

PipelineReader::PipelineReader(const PartTools& tools, const PipelineInputs& inputs,
                               const Entry& pipeline)
    : interpolator_(tools.interpolator),
      tools_{interpolator_, tools.catalogue, tools.messages},
      inputs_(inputs),
      key_(pipeline.key->text),
      pipeline_(pipeline),
      entries_(entries_of(*pipeline.value, shape_of("pipeline"), tools.messages)) {
  for (const PartShape& known : part_shapes()) {
    const Entry entry = entry_of(entries_, known.part);
    Entries& fields = parts_[known.part];
    const bool is_rows =
        std::string_view(known.part) == "mapping" && entry && entry.value->kind != Node::Kind::map;
    if (entry && !is_rows) fields = entries_of(*entry.value, known.shape, tools.messages);
    const auto below = inputs.defaults.find(known.part);
    if (below != inputs.defaults.end()) fields.insert(below->second.begin(), below->second.end());
  }
}

std::vector<ReadPart> PipelineReader::read(const Instance* instance) {
  instance_ = instance == nullptr ? std::string() : instance->key;
  interpolator_.set_instance(key_, instance);
  if (!is_complete()) return {};
  std::vector<ReadPart> parts;
  parts.push_back(read_source());
  parts.push_back(read_target());
  if (wants_mapping()) parts.push_back(read_mapping(parts.back().resource.fields));
  parts.push_back(read_flow());
  read_pipeline_lifecycle(fields_of("lifecycle"), parts, tools_);
  return parts;
}

/// The parts that nothing can be assumed for.
bool PipelineReader::is_complete() const {
  bool complete = true;
  for (const char* part : {"source", "target"}) {
    if (entries_.contains(part) || !fields_of(part).empty()) continue;
    complete = false;
    lacks(part);
  }
  if (!complete && !entries_.contains("mapping")) lacks("mapping");
  return complete;
}

void PipelineReader::lacks(const char* part) const {
  tools_.messages.error(pipeline_.key->place, fmt::format("Pipeline `{}` has no `{}`", key_, part),
                        "A pipeline needs `source`, `target` and `mapping`.");
}

/// Whether there is a mapping to read. A mapping is its rows, which no default gives.
bool PipelineReader::wants_mapping() const {
  const Entry mapping = entry_of(entries_, "mapping");
  if (preset_->takes_mapping == static_cast<bool>(mapping)) return preset_->takes_mapping;
  if (preset_->takes_mapping) {
    lacks("mapping");
  } else {
    tools_.messages.error(mapping.key->place,
                          fmt::format("The connector {} takes no `mapping`", shown(preset_->name)),
                          "What is sent to it has the form of the schema already; leave it out.");
  }
  return false;
}

PartReader PipelineReader::start(const char* part, const char* kind) const {
  const Entry entry = entry_of(entries_, part);
  return PartReader(tools_, {"pipelines", key_, instance_, part}, kind,
                    (entry ? entry : pipeline_).key->place);
}

const Entries& PipelineReader::fields_of(std::string_view part) const {
  return parts_.find(part)->second;
}

std::string PipelineReader::default_name(const char* part) const {
  if (instance_.empty()) return fmt::format("{} {} {}", inputs_.spec_name, key_, part);
  return fmt::format("{} {} {} {}", inputs_.spec_name, key_, instance_, part);
}

Json PipelineReader::reference_to(const char* part, const char* attribute) const {
  return reference_value({{"pipelines", key_, instance_, part}, attribute});
}

ReadPart PipelineReader::read_source() {
  PartReader reader = start("source", "sourceConnection");
  const Entries& entries = fields_of("source");
  static const ConnectorPreset nothing;
  preset_ = preset_of(entry_of(entries, "connector"), tools_);
  if (preset_ == nullptr) preset_ = &nothing;
  reader.put_name(entry_of(entries, "name"), default_name("source"));
  for (const char* field : {"description", "format", "provider_id", "account"})
    reader.put_text(field, entry_of(entries, field));
  reader.put_versioned("connection_spec", entry_of(entries, "connection_spec"));
  const Entry connector = entry_of(entries, "connector");
  reader.put_below(preset_->source);
  if (!connector) {
    reader.require("connection_spec.id", "connector",
                   "Name a `connector`, such as `customer.io`, or give "
                   "`connection_spec: {id: ..., version: ...}`.");
    if (reader.has("connection_spec.id")) {
      reader.require("connection_spec.version", "connection_spec.version",
                     "Write `connection_spec: {id: ..., version: ...}`.");
    }
  }
  if (!preset_->account.empty()) {
    reader.require("account", "account",
                   "This connector takes one: `account: ${accounts.KEY}`, or the id of one that "
                   "exists.");
  }
  return reader.take();
}

ReadPart PipelineReader::read_target() {
  PartReader reader = start("target", "targetConnection");
  const Entries& entries = fields_of("target");
  reader.put_name(entry_of(entries, "name"), default_name("target"));
  for (const char* field : {"description", "format", "dataset"})
    reader.put_text(field, entry_of(entries, field));
  reader.put_versioned("connection_spec", entry_of(entries, "connection_spec"));
  put_target_schema(reader, entries);
  reader.put_below(preset_->target);
  reader.require("dataset", "dataset",
                 "Give `${datasets.KEY}`, or the id of a dataset that exists.");
  reader.require("schema.id", "schema",
                 "Give the schema of the dataset: `schema: {id: ..., version: 1}`.");
  return reader.take();
}

/// The schema is the dataset's. Only a dataset that is not of this spec has it given here.
void PipelineReader::put_target_schema(PartReader& reader, const Entries& entries) const {
  const Entry schema = entry_of(entries, "schema");
  const auto dataset = reader.fields().find("dataset");
  std::optional<Reference> reference;
  if (dataset != reader.fields().end()) reference = as_reference(dataset->second);
  if (!reference || reference->address.section != "datasets") {
    reader.put_schema(schema);
    // Whether a dataset that could not be read has a schema of its own is not known.
    const bool is_wrong = entry_of(entries, "dataset") && dataset == reader.fields().end();
    if (is_wrong && !schema) reader.mark_wrong("schema.id");
    return;
  }
  reader.mark_wrong("schema.id");  // Where the dataset has none, that is reported there.
  const auto managed = inputs_.dataset_schemas.find(reference->address.key);
  if (managed != inputs_.dataset_schemas.end()) {
    reader.put_below(managed->second);
  }
  const Entry target = entry_of(entries_, "target");
  const Entries own = target ? all_entries(*target.value, "a target", tools_.messages) : Entries();
  // A default's schema gives way to the dataset that the pipeline itself names.
  if (!schema || (own.contains("dataset") && !own.contains("schema"))) return;
  tools_.messages.error(
      schema.key->place,
      fmt::format("The target has a `schema` besides {}", shown(reference->address.text())),
      "The schema is the dataset's; leave it out here.");
}

ReadPart PipelineReader::read_mapping(const Fields& target) {
  PartReader reader = start("mapping", "mappingSet");
  const Node* rows = entry_of(entries_, "mapping").value;
  const Entries& entries = fields_of("mapping");
  if (rows->kind == Node::Kind::map) rows = entry_of(entries, "rows").value;
  reader.put_name(entry_of(entries, "name"), default_name("mapping"));
  for (const char* field : {"schema.id", "schema.version"}) {
    const auto found = target.find(field);
    if (found != target.end()) reader.put(field, found->second);
  }
  if (rows != nullptr) {
    reader.put("rows", rows_of(*rows));
  } else {
    reader.require("rows", "rows", "Write `{name: ..., rows: [...]}`, or only the list of rows.");
  }
  return reader.take();
}

/// Rows that are the same in every instance are read once.
Json PipelineReader::rows_of(const Node& list) {
  if (shared_rows_) return *shared_rows_;
  Json rows = read_rows(list, tools_);
  if (!mentions_instance(list)) shared_rows_ = rows;
  return rows;
}

ReadPart PipelineReader::read_flow() {
  PartReader reader = start("flow", "flow");
  const Entries& entries = fields_of("flow");
  reader.put_name(entry_of(entries, "name"), default_name("flow"));
  reader.put_text("description", entry_of(entries, "description"));
  reader.put_versioned("flow_spec", entry_of(entries, "flow_spec"));
  if (const Entry state = entry_of(entries, "state")) put_state(reader, state);
  reader.put_below(preset_->flow);
  reader.put("source", reference_to("source", "id"));
  reader.put("target", reference_to("target", "id"));
  if (!preset_->takes_mapping) return reader.take();
  reader.put("mapping.id", reference_to("mapping", "id"));
  reader.put("mapping.version", reference_to("mapping", "version"));
  return reader.take();
}

void PipelineReader::put_state(PartReader& reader, const Entry& entry) const {
  const std::optional<std::string> state = tools_.interpolator.known_text(entry);
  if (!state) return;
  if (*state == "enabled" || *state == "disabled") {
    reader.put("state", *state);
    return;
  }
  tools_.messages.error(entry.value->place, fmt::format("A flow cannot be {}", shown(*state)),
                        tools_.messages.suggestion(*state, {"enabled", "disabled"}));
}

}  // namespace sluice::spec
