// Others who take a state or a lock away from under the real program while it works.

#include "processes/aftermath.hpp"
#include "support/specs.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <functional>

using namespace sluice;
using namespace sluice::test;

namespace {

namespace fs = std::filesystem;

/// A site whose first pipeline is applied, and a platform that is slow enough to come in between.
struct SlowSite {
  SlowSite() {
    site.write_spec(many_pipelines(1));
    REQUIRE(site.run({"apply", "--yes"}).code == 0);
    site.write_spec(many_pipelines(kPipelines));
  }

  /// An apply of the rest, in the middle of which `disturb` is called.
  Finished apply(const std::function<void()>& disturb) const {
    Process process(site.command({"apply", "--yes"}), site.environment, site.folder.path());
    CHECK(holds(process.read_error_until("created"), "created"));
    disturb();
    return process.finish();
  }

  State rescued() const {
    const fs::path from = many.path() + ".rescue.json";
    REQUIRE(fs::exists(from));
    fs::copy_file(from, site.folder.path() / "state/rescued.json");
    Many copy{site};
    copy.state = "state/rescued.json";
    return recorded(copy);
  }

  LoopbackSite site{20};
  Many many{site};
};

}  // namespace

TEST_CASE("rescue: a state that comes by git during an apply is not overwritten") {
  const SlowSite slow;
  const std::string state = slow.many.path();
  std::string theirs;
  const Finished finished = slow.apply([&] {
    // The same state, some time ago or later.
    theirs = read_text(state + ".backup/0000000001.json");
    theirs.insert(theirs.size() - 1, " ");
    std::ofstream(state) << theirs;
  });
  INFO(finished.err);
  CHECK(finished.code == 6);
  CHECK(holds(finished.err, "was changed by others during this run"));
  CHECK(holds(finished.err, "many.json.rescue.json"));
  CHECK(read_text(state) == theirs);
  CHECK_FALSE(read_text(state + ".journal").empty());
  CHECK(slow.rescued().records.size() == parts(kPipelines));
  CHECK(objects(slow.many) == parts(kPipelines));
  fs::remove(slow.site.folder.path() / "state/rescued.json");
  fs::rename(state + ".rescue.json", state);
  CHECK(stuck(slow.many) == "");
}

TEST_CASE("rescue: a run whose lock is removed sends nothing more, and another may go on") {
  const SlowSite slow;
  const std::string state = slow.many.path();
  const Finished finished = slow.apply([&] { fs::remove(state + ".lock"); });
  INFO(finished.err);
  CHECK(finished.code == 6);
  CHECK(holds(finished.err, "many.json.lock was removed or replaced during this run"));
  CHECK(holds(finished.err, "many.json.rescue.json"));
  const State rescued = slow.rescued();
  const std::size_t made = objects(slow.many);
  CHECK(made < parts(kPipelines));
  // All that was made is known, what was answered after the loss as well.
  CHECK(rescued.records.size() == made);
  CHECK(rescued.pending.empty());
  CHECK(recorded(slow.many).records.size() >= parts(1));
  fs::remove(slow.site.folder.path() / "state/rescued.json");
  CHECK(stuck(slow.many) == "");
}
