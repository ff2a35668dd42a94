// Files that an option names and that must not take the place of others.

#include "cli/file_guard.hpp"

#include "core/fatal.hpp"
#include "store/posix_files.hpp"
#include "support/temp_dir.hpp"
#include "unit/cli/desk.hpp"

#include <filesystem>
#include <fstream>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Where a state of that name is kept, and has been.
std::vector<std::string> files_of_state(const std::string& state) {
  std::vector<std::string> result = {state, "./specs/../" + state,
                                     state + ".backup/0000000001.json",
                                     state + ".backup/0000000002.json"};
  for (const char* end : {".lock", ".journal", ".reserve", ".tmp", ".backup", ".platform"})
    result.push_back(state + end);
  return result;
}

}  // namespace

TEST_CASE("file guard: what a killed run left of a plan is in nobody's way, another file is") {
  Desk desk;
  desk.good({"plan", "--local", "--out", "p.plan"});
  const std::string whole = *desk.files.bytes("p.plan");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{9}, whole.size() / 2}) {
    INFO(size);
    desk.files.put("p.plan.tmp", whole.substr(0, size));
    desk.good({"plan", "--local", "--out", "p.plan"});
    CHECK(desk.files.bytes("p.plan.tmp") == nullptr);
  }
  desk.files.put("p.plan.tmp", "{\n \"name\": \"somebody's\"");
  CHECK(desk.run({"plan", "--local", "--out", "p.plan"}).code == 64);
  CHECK(*desk.files.bytes("p.plan.tmp") == "{\n \"name\": \"somebody's\"");
}

TEST_CASE("file guard: a plan never takes the place of the state, the spec or what is no plan") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  desk.files.put("notes.txt", "{\"steps\": []}\n");
  const auto before = desk.files.content();
  std::vector<std::string> refused = files_of_state(kStatePath);
  refused.insert(refused.end(), {kSpecPath, "notes.txt"});
  for (const std::string& path : refused) {
    const Said said = desk.run({"plan", "--local", "--out", path});
    INFO(path, ": ", said.err);
    CHECK(said.code == 64);
    CHECK(has(said.err, "Name another file"));
    CHECK(said.out.empty());
    CHECK(desk.files.content() == before);
  }
}

TEST_CASE("file guard: a plan takes the place of a plan, of an empty file and of none") {
  Desk desk;
  desk.files.put("empty.plan", "");
  for (const char* path : {"new.plan", "new.plan", "empty.plan"}) {
    desk.good({"plan", "--local", "--out", path});
    CHECK(has(*desk.files.bytes(path), "\"steps\""));
  }
  std::string& text = *desk.files.bytes("new.plan");
  text.replace(text.find("\"format_version\": "), 19, "\"format_version\": 1");
  CHECK(desk.run({"apply", "--local", "new.plan"}).code == 64);
  desk.good({"plan", "--local", "--out", "new.plan"});
  CHECK(desk.good({"apply", "--local", "new.plan"}).code == 0);
}

TEST_CASE("file guard: a plan that cannot be written whole leaves nothing in the way of another") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  desk.files.room = 100;
  CHECK(desk.run({"plan", "--local", "--out", "p.plan"}).code == 1);
  CHECK(desk.files.bytes("p.plan") == nullptr);
}

TEST_CASE("file guard: a trace is never written into the state, the spec or values") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  desk.files.put("values.yaml", "{}\n");
  const auto before = desk.files.content();
  std::vector<std::string> refused = files_of_state(kStatePath);
  refused.insert(refused.end(), {kSpecPath, "values.yaml"});
  for (const std::string& path : refused) {
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"plan"}, {"apply", "--yes"}, {"discover"}}) {
      std::vector<std::string> arguments = command;
      arguments.insert(arguments.end(), {"--local", "--var-file", "values.yaml", "--trace", path});
      const Said said = desk.run(arguments);
      INFO(command[0], " ", path, ": ", said.err);
      CHECK(said.code == 64);
      CHECK(has(said.err, "--trace"));
      CHECK(desk.files.content() == before);
    }
  }
  CHECK(desk.good({"plan", "--local", "--trace", "trace.jsonl"}).code == 0);
  CHECK(desk.good({"plan", "--local", "--trace", "trace.jsonl"}).code == 0);
}

TEST_CASE("file guard: a trace is added to a trace alone, and to nothing of another state") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  const std::string other = "state/other.json";
  for (const char* end : {"", ".lock", ".journal", ".reserve"}) {
    const std::string* bytes = desk.files.bytes(std::string(kStatePath) + end);
    if (bytes != nullptr) desk.files.put(other + end, *bytes);
  }
  desk.files.put("state/killed.json.journal", "{\"type\":\"begin\"}\n");
  desk.files.put("specs/other.spec", "sluice: 1\n");
  desk.files.put("notes.txt", "{\"at\": 1}\n");
  REQUIRE(desk.files.bytes(other + ".journal")->empty());
  const auto before = desk.files.content();
  for (const std::string& path : std::vector<std::string>{
           other, other + ".lock", other + ".journal", other + ".tmp", other + ".backup/x",
           other + ".platform", "state/killed.json.journal", "specs/other.spec", "notes.txt"}) {
    const Said said = desk.run({"plan", "--local", "--trace", path});
    INFO(path, ": ", said.err);
    CHECK(said.code == 64);
    CHECK(has(said.err, "--trace would write into "));
    CHECK(said.out.empty());
    CHECK(desk.files.content() == before);
  }
  CHECK(desk.run({"plan", "--local", "--out", other + ".journal"}).code == 64);
  CHECK(desk.files.content() == before);
  desk.files.put("trace.jsonl", "");
  desk.good({"plan", "--local", "--trace", "trace.jsonl"});
  const std::string first = *desk.files.bytes("trace.jsonl");
  CHECK(first.starts_with("{\"at_ms\":"));
  desk.good({"plan", "--local", "--trace", "trace.jsonl"});
  CHECK(desk.files.bytes("trace.jsonl")->size() > first.size());
}

TEST_CASE("file guard: an adopt writes neither its trace nor its spec where its state is to be") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  const auto before = desk.files.content();
  for (const char* flag : {"--trace", "--out"}) {
    const Said said = desk.run({"adopt", "--local", "--all", "--yes", "--name", "customerio", flag,
                                kStatePath, "--state", kStatePath});
    INFO(flag, ": ", said.err);
    CHECK(said.code == 64);
    CHECK(has(said.err, std::string(flag) + " names a file in which the state is kept"));
    CHECK(desk.files.content() == before);
  }
}

TEST_CASE("file guard: a file is the same by whatever path it is named") {
  namespace fs = std::filesystem;
  const TempDir folder;
  const fs::path top = folder.path();
  fs::create_directory(top / "state");
  std::ofstream(top / "state/a.json") << "{}";
  fs::create_directory_symlink(top / "state", top / "link");
  fs::create_symlink(top / "state/a.json", top / "named");
  SimClock clock;
  SeededRandom random{1};
  store::PosixFiles files;
  std::istringstream in;
  std::ostringstream out;
  cli::World world{clock, random, files, in, out, out};
  const std::string state = (top / "state/a.json").string();
  for (const std::string& path :
       std::vector<std::string>{"state/a.json", "link/a.json", "link/a.json.lock", "named",
                                "state/../link/a.json.journal", "link/a.json.backup/x"}) {
    INFO(path);
    CHECK_THROWS_AS(cli::refuse_state_file(world, "--out", (top / path).string(), state), Fatal);
  }
  cli::refuse_state_file(world, "--out", (top / "state/a.plan").string(), state);
  cli::refuse_state_file(world, "--out", (top / "a.json").string(), state);
  CHECK_THROWS_AS(cli::refuse_plan_file(world, (top / "link").string(), state), Fatal);
}
