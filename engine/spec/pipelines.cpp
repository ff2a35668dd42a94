#include "spec/pipelines.hpp"

#include <algorithm>
#include <iterator>

namespace sluice::spec {

namespace {

bool is_before(const ReadPart& left, const ReadPart& right) {
  return left.resource.address < right.resource.address;
}

/// Adds the parts of one pipeline in the order of their addresses. Pipelines and their instances
/// come in order themselves, so that a list of many thousands need not be sorted.
void append_parts(std::vector<ReadPart>& parts, std::vector<ReadPart> more) {
  std::sort(more.begin(), more.end(), is_before);
  std::move(more.begin(), more.end(), std::back_inserter(parts));
}

std::size_t count_parts(const Document& document, const InstancesOf& instances_of) {
  constexpr std::size_t kParts = 4;
  std::size_t pipelines = document.pipelines.size();
  for (const auto& [key, instances] : instances_of)
    pipelines += instances.size();
  return kParts * pipelines;
}

}  // namespace

std::vector<ReadPart> read_pipelines(const Document& document, const std::string& spec_name,
                                     const DatasetSchemas& dataset_schemas,
                                     const InstancesOf& instances_of, const PartTools& tools) {
  std::vector<ReadPart> parts;
  parts.reserve(count_parts(document, instances_of));
  const PartDefaults defaults = read_defaults(document, tools);
  const PipelineInputs inputs = {spec_name, defaults, dataset_schemas};
  for (const auto& [key, pipeline] : document.pipelines) {
    PipelineReader reader(tools, inputs, pipeline);
    const auto instances = instances_of.find(key);
    if (instances == instances_of.end()) {
      append_parts(parts, reader.read(nullptr));
      continue;
    }
    for (const auto& [name, instance] : instances->second)
      append_parts(parts, reader.read(&instance));
  }
  return parts;
}

}  // namespace sluice::spec
