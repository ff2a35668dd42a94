#pragma once

// What a disturbed apply left behind, and whether an undisturbed one goes on from there.

#include "core/json.hpp"
#include "core/resource.hpp"
#include "support/loopback_site.hpp"

#include <string>

namespace sluice::test {

inline constexpr int kPipelines = 30;

/// Of how many objects so many pipelines are.
constexpr std::size_t parts(int pipelines) {
  return 4 * static_cast<std::size_t>(pipelines);
}

/// A site whose spec has 30 pipelines, made by `many_pipelines`, and where its state is.
struct Many {
  const LoopbackSite& site;
  std::string state = "state/many.json";  ///< Relative to the site's folder, or absolute.

  std::string path() const { return (site.folder.path() / state).string(); }
};

/// The state with its journal, as the next run will read it.
State recorded(const Many& many);

/// How many objects of the spec's names the platform has. A state that nobody owns finds them all.
std::size_t objects(const Many& many);

/// Every mutation that reached the platform was on the disk before. "" when that is so.
std::string unrecorded(const Many& many);

/// One undisturbed apply, then an empty plan, and every object once. "" when that is so.
std::string stuck(const Many& many);

}  // namespace sluice::test
