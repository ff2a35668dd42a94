#pragma once

// One entry of `pipelines:` on its way to its parts: once, or once for each of its instances.

#include "spec/part_reader.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::spec {

/// The entries of each part.
using PartDefaults = std::map<std::string, Entries, std::less<>>;

/// `defaults:` - what lies below each pipeline's own entries. The entries look into the document.
PartDefaults read_defaults(const Document& document, const PartTools& tools);

/// The fields `schema.id` and `schema.version` of each dataset of the spec, by its key.
using DatasetSchemas = std::map<std::string, Fields, std::less<>>;

/// What a pipeline takes from the rest of the spec.
struct PipelineInputs {
  const std::string& spec_name;
  const PartDefaults& defaults;
  const DatasetSchemas& dataset_schemas;
};

/// Goes on after each error, so the parts may be unfinished when there was one.
class PipelineReader {
 public:
  /// All must outlive this object. What is wrong whatever the instance is reported here.
  PipelineReader(const PartTools& tools, const PipelineInputs& inputs, const Entry& pipeline);
  PipelineReader(const PipelineReader&) = delete;
  PipelineReader& operator=(const PipelineReader&) = delete;

  /// The parts of one instance, or of the pipeline itself with nullptr.
  std::vector<ReadPart> read(const Instance* instance);

 private:
  bool is_complete() const;
  void lacks(const char* part) const;
  bool wants_mapping() const;
  PartReader start(const char* part, const char* kind) const;
  const Entries& fields_of(std::string_view part) const;
  std::string default_name(const char* part) const;
  Json reference_to(const char* part, const char* attribute) const;

  ReadPart read_source();
  ReadPart read_target();
  ReadPart read_mapping(const Fields& target);
  Json rows_of(const Node& list);
  ReadPart read_flow();
  void put_target_schema(PartReader& reader, const Entries& entries) const;
  void put_state(PartReader& reader, const Entry& entry) const;

  Interpolator interpolator_;
  const PartTools tools_;
  const PipelineInputs& inputs_;
  const std::string& key_;
  Entry pipeline_;
  Entries entries_;
  PartDefaults parts_;  // With the defaults below them.
  std::string instance_;
  const ConnectorPreset* preset_ = nullptr;
  std::optional<Json> shared_rows_;
};

}  // namespace sluice::spec
