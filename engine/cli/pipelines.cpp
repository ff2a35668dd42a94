#include "cli/pipelines.hpp"

#include "core/fatal.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <map>

namespace sluice::cli {

namespace {

/// Every way in which a pipeline may be named.
std::vector<std::string> names_of(const std::string& pipeline) {
  const std::string all = pipeline.substr(0, pipeline.find('['));
  std::vector<std::string> names = {pipeline};
  if (all != pipeline) names.push_back(all);
  const std::size_t count = names.size();
  for (std::size_t i = 0; i < count; ++i)
    names.push_back(names[i].substr(names[i].find('.') + 1));
  return names;
}

[[noreturn]] void refuse_pipeline(const std::vector<PipelineFlow>& all, const std::string& wanted) {
  std::vector<std::string> known;
  for (const PipelineFlow& pipeline : all) {
    for (std::string& name : names_of(pipeline.pipeline))
      known.push_back(std::move(name));
  }
  const std::string guess = nearest(wanted, known);
  throw Fatal(ExitCode::usage, "There is no pipeline `" + report::harmless(wanted) + "`",
              guess.empty() ? "`sluice status` shows what there is."
                            : "Did you mean `" + report::harmless(guess) + "`?");
}

}  // namespace

std::vector<PipelineFlow> pipelines_of(const State& state, const std::optional<LoadedSpec>& spec) {
  std::map<Address, std::string> flows;
  const auto of = [&flows](Address address) -> std::string& {
    address.part.clear();
    return flows[address];
  };
  for (const auto& [address, record] : state.records) {
    if (address.section != "pipelines") continue;
    std::string& flow_id = of(address);
    if (address.part == "flow") flow_id = record.id;
  }
  if (spec) {
    for (const Resource& resource : spec->spec.resources) {
      if (resource.address.section == "pipelines") of(resource.address);
    }
  }
  std::vector<PipelineFlow> result;
  for (const auto& [address, flow_id] : flows)
    result.push_back({address.text(), flow_id});
  return result;
}

std::vector<PipelineFlow> with_flows(const std::vector<PipelineFlow>& all,
                                     const std::string& wanted) {
  std::vector<PipelineFlow> result;
  bool is_known = wanted.empty();
  for (const PipelineFlow& pipeline : all) {
    const std::vector<std::string> names = names_of(pipeline.pipeline);
    const bool is_meant =
        wanted.empty() || std::find(names.begin(), names.end(), wanted) != names.end();
    is_known = is_known || is_meant;
    if (is_meant && !pipeline.flow_id.empty()) result.push_back(pipeline);
  }
  if (!is_known) refuse_pipeline(all, wanted);
  if (result.empty() && !wanted.empty()) {
    throw Fatal(ExitCode::failed, "The pipeline `" + report::harmless(wanted) + "` has no flow yet",
                "Run `sluice apply` first.");
  }
  return result;
}

}  // namespace sluice::cli
