#include "spec/pipelines.hpp"

#include <fmt/format.h>

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
  return std::min(kParts * pipelines, Limits::kObjects + kParts);
}

/// What the pipelines have used of the limits. A few lines may stand for many instances, and each
/// of them has every row of the mapping.
class Made {
 public:
  /// False once there is too much; the first time it is reported.
  bool add(const std::vector<ReadPart>& parts, const Entry& pipeline, Messages& messages) {
    for (const ReadPart& part : parts) {
      for (const auto& [field, value] : part.resource.fields)
        count(value);
    }
    if (values_ <= Limits::kNodes && bytes_ <= Limits::kTextBytes) return true;
    messages.error(pipeline.key->place,
                   fmt::format("With pipeline `{}`, the spec has more than {} values or {} MiB of "
                               "text in all of its instances",
                               pipeline.key->text, Limits::kNodes, Limits::kTextBytes >> 20U),
                   "Split it into several specs.");
    return false;
  }

 private:
  void count(const Json& value) {
    ++values_;
    if (value.is_string()) bytes_ += value.get_ref<const std::string&>().size();
    if (!value.is_structured()) return;
    for (const auto& [key, item] : value.items()) {
      if (value.is_object()) bytes_ += key.size();
      count(item);
    }
  }

  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

std::vector<ReadPart> read_pipelines(const Document& document, const std::string& spec_name,
                                     const DatasetSchemas& dataset_schemas,
                                     const InstancesOf& instances_of, const PartTools& tools) {
  std::vector<ReadPart> parts;
  parts.reserve(count_parts(document, instances_of));
  const PartDefaults defaults = read_defaults(document, tools);
  const PipelineInputs inputs = {spec_name, defaults, dataset_schemas};
  Made made;
  for (const auto& [key, pipeline] : document.pipelines) {
    PipelineReader reader(tools, inputs, pipeline);
    // False when there is too much. Whoever gets more objects than there may be reports it.
    const auto add = [&, &pipeline = pipeline](const Instance* instance) {
      std::vector<ReadPart> more = reader.read(instance);
      if (!made.add(more, pipeline, tools.messages)) return false;
      append_parts(parts, std::move(more));
      return parts.size() <= Limits::kObjects;
    };
    const auto instances = instances_of.find(key);
    if (instances == instances_of.end()) {
      if (!add(nullptr)) return parts;
      continue;
    }
    for (const auto& [name, instance] : instances->second)
      if (!add(&instance)) return parts;
  }
  return parts;
}

}  // namespace sluice::spec
