#pragma once

// A platform and a disk on which processes run one after another, and die.

#include "support/engine.hpp"
#include "support/memory_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sluice::test {

inline const std::vector<std::string> kPipelineCollections = {
    "sourceConnections", "targetConnections", "mappingSets", "flows"};
inline const std::vector<std::string> kAllCollections = {
    "sourceConnections", "targetConnections", "mappingSets", "flows",   "connections",
    "fieldgroups",       "schemas",           "descriptors", "dataSets"};

/// The process dies at its Nth mutation: before the platform sees it, or after it was done.
class DyingTransport final : public http::Transport {
 public:
  DyingTransport(http::Transport& inner, emulator::Platform& platform)
      : inner_(inner), platform_(platform) {}

  int die_at = 0;
  bool after = false;

  void start(http::Request request, Done done) override {
    if (dead_) return;
    if (request.method != "GET" && ++mutations_ == die_at) {
      if (after) (void)platform_.handle(request);
      dead_ = true;
      return;
    }
    inner_.start(std::move(request), std::move(done));
  }

  void poll(Millis wait) override {
    if (dead_) throw ProcessDied();
    inner_.poll(wait);
  }

 private:
  http::Transport& inner_;
  emulator::Platform& platform_;
  int mutations_ = 0;
  bool dead_ = false;
};

/// A platform and a disk that outlive the processes that use them.
struct Site {
  explicit Site(std::uint64_t seed, emulator::Switches switches = {})
      : random(seed), platform(clock, random, switches), before(counted()) {}

  SimClock clock;
  SeededRandom random;
  emulator::Platform platform;
  MemoryFiles files;

  std::size_t before;  ///< What the platform has from the start.

  /// How many objects there are besides those.
  std::size_t objects() const { return counted() - before; }

 private:
  std::size_t counted() const {
    std::size_t count = 0;
    for (const std::string& collection : kAllCollections)
      count += platform.ids("dev", collection).size();
    return count;
  }
};

/// One process on a site. Its connections end with it, whatever they still waited for.
struct LawProcess {
  explicit LawProcess(Site& site)
      : transport(site.platform, site.clock),
        dying(transport, site.platform),
        engine(dying, site.clock, site.random, site.files) {}

  emulator::EmulatorTransport transport;
  DyingTransport dying;
  Engine engine;
};

/// Nothing is missing, nothing is there twice, and nothing is left to do.
inline void check_converged(Site& site, const std::vector<Resource>& desired,
                            const std::string& what) {
  LawProcess process(site);
  const Plan plan = process.engine.plan(desired);
  CHECK_MESSAGE(!plan.has_changes(), what, ": the plan has changes");
  CHECK_MESSAGE(plan.clashes.empty(), what, ": objects that nobody owns");
  // The profile is a mark of its schema, and no object.
  const auto marks = std::count_if(desired.begin(), desired.end(), [](const Resource& resource) {
    return resource.kind == "schemaProfile";
  });
  const std::size_t wanted = desired.size() - static_cast<std::size_t>(marks);
  CHECK_MESSAGE(site.objects() == wanted, what, ": ", site.objects(), " objects for ", wanted);
}

}  // namespace sluice::test
