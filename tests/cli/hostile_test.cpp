// Files, names and addresses that are made to hurt, given to the real program.

#include "support/loopback_site.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

namespace fs = std::filesystem;

}  // namespace

TEST_CASE("cli: of many large files no more is read than one spec may have") {
  LoopbackSite site;
  const fs::path folder = site.folder.path() / "large";
  fs::create_directories(folder);
  // Files of nothing but holes; with their bytes in memory they would not fit.
  for (int i = 0; i < 100; ++i) {
    const fs::path file = folder / (std::to_string(i) + ".yaml");
    std::ofstream(file) << "#";
    fs::resize_file(file, 60U << 20U);
  }
  const auto limited = [&site](std::vector<std::string> command) {
    command.insert(command.begin(), {"/usr/bin/prlimit", "--as=1000000000"});
    return Process(command, site.environment, site.folder.path()).finish();
  };
  // Under AddressSanitizer a program needs more addresses than any machine has memory.
  const bool may_be_limited = limited(site.command({"--version"})).code == 0;
  const Finished finished = may_be_limited ? limited(site.command({"validate", "large"}))
                                           : site.run({"validate", "large"});
  CHECK(finished.code == 65);
  CHECK_MESSAGE(holds(finished.err, "With large/1.yaml, the spec is larger than 64 MiB"),
                finished.err);
}

TEST_CASE("cli: no line is shown of a file that a link out of its folder leads to") {
  LoopbackSite site;
  const fs::path root = site.folder.path();
  std::ofstream(root / "credentials") << "[default]\naws_secret_access_key = canary-5f31\n";
  fs::create_symlink("../credentials", root / "specs/linked.yaml");
  const Finished out = site.run({"validate", "specs/linked.yaml"});
  CHECK(out.code == 65);
  CHECK(holds(out.err, "specs/linked.yaml:"));
  CHECK_MESSAGE(!holds(out.err, "canary"), out.err);
  CHECK(!holds(site.run({"validate", "specs/linked.yaml", "--json"}).out, "canary"));

  // As Kubernetes mounts configuration: links that stay in the folder.
  fs::create_directories(root / "mounted/..data");
  std::ofstream(root / "mounted/..data/a.yaml") << "sluice: 1\nname: x\nbad: canary-5f31\n";
  fs::create_symlink("..data/a.yaml", root / "mounted/a.yaml");
  fs::create_symlink("mounted", root / "whole");
  for (const std::string spec : {"mounted", "mounted/a.yaml", "whole", "whole/a.yaml"})
    CHECK_MESSAGE(holds(site.run({"validate", spec}).err, "bad: canary-5f31"), spec);
}

TEST_CASE("cli: a plan that cannot be saved whole leaves the older one") {
  LoopbackSite site;
  const std::string plan = (site.folder.path() / "saved.plan").string();
  REQUIRE(site.run({"plan", "--out", "saved.plan"}).code == 0);
  const std::string old = read_text(plan);
  std::vector<std::string> command = site.command({"plan", "--out", "saved.plan"});
  command.insert(command.begin(), {"/usr/bin/prlimit", "--fsize=2000"});
  Process process(command, site.environment, site.folder.path());
  CHECK(process.finish().code != 0);
  CHECK(read_text(plan) == old);
  // What the failed one left is in nobody's way.
  CHECK(site.run({"plan", "--out", "saved.plan"}).code == 0);
  CHECK(!fs::exists(plan + ".tmp"));
  CHECK(site.run({"apply", "saved.plan"}).code == 0);
}
