#include "spec/pipelines.hpp"

#include "spec/checks.hpp"
#include "spec/pipeline_reader.hpp"

#include <algorithm>

namespace sluice::spec {

namespace {

void append_parts(std::vector<ReadPart>& parts, std::vector<ReadPart> more) {
  for (ReadPart& part : more)
    parts.push_back(std::move(part));
}

}  // namespace

std::vector<Resource> read_pipelines(const Document& document, const std::string& spec_name,
                                     const InstancesOf& instances_of, const PartTools& tools) {
  std::vector<ReadPart> parts;
  const PartDefaults defaults = read_defaults(document, tools.messages);
  for (const auto& [key, pipeline] : document.pipelines) {
    PipelineReader reader(tools, defaults, spec_name, pipeline);
    const auto instances = instances_of.find(key);
    if (instances == instances_of.end()) {
      append_parts(parts, reader.read(nullptr));
      continue;
    }
    for (const auto& [name, instance] : instances->second)
      append_parts(parts, reader.read(&instance));
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
