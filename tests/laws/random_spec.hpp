#pragma once

// Specs by seed: a few pipelines with everything that may be left out sometimes left out.

#include "core/seams.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace sluice::test {

struct PipelineSeed {
  std::string key;
  std::string text;
};

inline std::uint64_t below(Random& random, std::uint64_t limit) {
  return random.next() % limit;
}

inline bool one_in(Random& random, std::uint64_t n) {
  return below(random, n) == 0;
}

/// One pipeline's YAML under `pipelines:`. `earlier` are keys that it may refer to.
inline std::string random_pipeline(Random& random, const std::string& key,
                                   const std::vector<std::string>& earlier) {
  static const std::vector<std::string> kSources = {"event_id", "metric", "object_type",
                                                    "data.identifiers.email"};
  std::string text = "  " + key + ":\n    source:\n      connector: customer.io\n";
  if (one_in(random, 2)) text += "      description: Source of " + key + "\n";
  text += "    target:\n      dataset: \"63ec807d3f5ce91bd2d06c65\"\n";
  text +=
      "      schema: {id: \"https://ns.adobe.com/extconndev/schemas/"
      "945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a\", version: 1}\n";
  if (one_in(random, 3)) text += "      name: Target, with a comma " + key + "\n";
  text += "    mapping:\n";
  const std::uint64_t rows = 1 + below(random, kSources.size());
  for (std::uint64_t row = 0; row < rows; ++row) {
    text += "      - {source: " + kSources[below(random, kSources.size())] +
            ", destination: _extconndev.f" + std::to_string(row) + "}\n";
  }
  text += "    flow:\n      name: Flow of " + key + "\n";
  if (one_in(random, 3)) text += "      state: disabled\n";
  if (!earlier.empty() && one_in(random, 3)) {
    text += "      description: \"After ${pipelines." + earlier[below(random, earlier.size())] +
            ".flow.id}\"\n";
  }
  return text;
}

inline std::vector<PipelineSeed> random_pipelines(Random& random) {
  std::vector<PipelineSeed> result;
  std::vector<std::string> keys;
  const std::uint64_t count = 1 + below(random, 3);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string key = "p" + std::to_string(i);
    result.push_back({key, random_pipeline(random, key, keys)});
    keys.push_back(key);
  }
  return result;
}

inline std::string spec_text(const std::vector<PipelineSeed>& pipelines) {
  std::string text = "sluice: 1\nname: laws\nplatform: {sandbox: dev}\npipelines:\n";
  for (const PipelineSeed& pipeline : pipelines)
    text += pipeline.text;
  return text;
}

inline void shuffle(Random& random, std::vector<PipelineSeed>& pipelines) {
  for (std::size_t i = pipelines.size(); i > 1; --i)
    std::swap(pipelines[i - 1], pipelines[below(random, i)]);
}

}  // namespace sluice::test
