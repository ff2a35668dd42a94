// What lies beside a state: other states, and files that are none.

#include "cli/takeover.hpp"

#include "store/state_json.hpp"
#include "store/state_store.hpp"
#include "unit/cli/desk.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr const char* kSource = "pipelines.events.source";

/// A desk on which the source is to be imported again, and the id of it.
struct ImportDesk : Desk {
  ImportDesk() {
    good({"apply", "--local", "--yes"});
    store::StateStore store(files, clock, kStatePath, "test");
    id = store.read().records.at(*Address::parse(kSource)).id;
    good({"plan", "--local", "--out", "saved.plan"});
    for (const char* part : {"flow", "mapping", "target", "source"})
      good({"state", "rm", "--local", std::string("pipelines.events.") + part});
  }

  Said import() { return run({"import", "--local", kSource, id}); }

  std::string id;
};

/// A disk whose folder is "/here", so that each of its files has two names.
struct RootedFiles final : MemoryFiles {
  static std::string inside(const std::string& path) {
    return path.starts_with("/here/") ? path.substr(6) : path;
  }
  store::FileResult<std::optional<std::string>> read(const std::string& path,
                                                     std::uint64_t size_max) override {
    return MemoryFiles::read(inside(path), size_max);
  }
  store::FileResult<std::vector<std::string>> list(const std::string& folder) override {
    return MemoryFiles::list(inside(folder));
  }
  store::FileResult<std::string> real_path(const std::string& path) override {
    return MemoryFiles::real_path(inside(path));
  }
};

/// The world around those files, and a place in it.
struct Outside {
  explicit Outside(store::Files& files) : world{clock, random, files, in, out, out} {
    place.sandbox = "dev";
  }

  SimClock clock;
  SeededRandom random{1};
  std::istringstream in;
  std::ostringstream out;
  cli::World world;
  Place place;
};

/// A state at a place with one source, and one create that is open.
std::string state_with(const std::string& id, const Place& place) {
  State state;
  state.lineage = id;
  state.place = place;
  Record record;
  record.address = *Address::parse(kSource);
  record.kind = "sourceConnection";
  record.id = id;
  state.records[record.address] = record;
  PendingIntent open;
  open.op = "1";
  open.action = "create";
  open.address = *Address::parse("pipelines.events.flow");
  open.kind = "flow";
  open.name = id;
  state.pending[open.op] = open;
  return store::state_to_text(state, "test");
}

}  // namespace

TEST_CASE("takeover: a file that never was a state is passed over") {
  ImportDesk desk;
  desk.files.put("state/plan.json", *desk.files.bytes("saved.plan"));
  desk.files.put("state/package.json", "{\"name\": \"x\", \"format\": \"esm\"}\n");
  desk.files.put("state/list.json", "[1, 2]\n");
  const Said discover = desk.run({"discover", "--local"});
  INFO(discover.err);
  CHECK(discover.code == 0);
  const Said said = desk.import();
  INFO(said.err);
  CHECK(said.code == 0);
}

TEST_CASE("takeover: what may have been another state stops, and its name is told") {
  const std::string path = "state/other.json";
  State state;
  state.lineage = "lineage-1";
  std::string edited = store::state_to_text(state, "test");
  edited.replace(edited.find("lineage-1"), 9, "lineage-2");
  for (const std::string& text : std::vector<std::string>{"", edited, edited.substr(0, 40),
                                                          "{\"format\": 1, \"pending\": []}"}) {
    ImportDesk desk;
    desk.files.put(path, text);
    const Said said = desk.import();
    INFO(text, ": ", said.err);
    CHECK(said.code == 6);
    CHECK(has(said.err,
              "It is not known what another state than this command's own has: The state " + path));
    CHECK(has(said.err, "`sluice state recover --state " + path + "`"));
    CHECK(has(said.err, "move it out of that folder"));
    CHECK(desk.run({"discover", "--local"}).code == 6);
    CHECK(!has(said.err, "recover`"));
  }
}

TEST_CASE("takeover: what has a journal is a state, whatever it looks like") {
  ImportDesk desk;
  desk.files.put("state/other.json", "{}\n");
  CHECK(desk.import().code == 0);
  desk.good({"state", "rm", "--local", kSource});
  desk.files.put("state/other.json.journal", "");
  const Said said = desk.import();
  INFO(said.err);
  CHECK(said.code == 6);
  CHECK(has(said.err, "another state than this command's own"));
}

TEST_CASE("takeover: who looks for lost creates passes over the same files and names the same") {
  Desk desk;
  const run::AskBeside ask = [&desk] {
    std::istringstream in;
    std::ostringstream out;
    cli::World world{desk.clock, desk.random, desk.files, in, out, out};
    return cli::ask_beside(world, kStatePath, {})();
  };
  desk.files.put("state/plan.json", "{\"format_version\": 3, \"lineage\": \"a\", \"steps\": []}");
  CHECK(std::holds_alternative<run::Beside>(ask()));
  desk.files.put("state/cut.json", "{\"format");
  const auto asked = ask();
  const auto* trouble = std::get_if<run::Trouble>(&asked);
  REQUIRE(trouble != nullptr);
  CHECK(has(trouble->what, "another state than this command's own has: The state state/cut.json"));
  CHECK(has(trouble->advice, "`sluice state recover --state state/cut.json`"));
}

TEST_CASE("takeover: a state is not beside itself, however it is spelled") {
  RootedFiles files;
  Outside outside(files);
  const Place& place = outside.place;
  files.put("state/mine.json", state_with("id-mine", place));
  files.put("state/mine.json.rescue.json", state_with("id-rescued", place));
  files.put("state/other.json", state_with("id-other", place));
  for (const char* own : {"state/mine.json", "/here/state/mine.json"}) {
    INFO(std::string(own));
    std::vector<cli::LostCreate> lost;
    const run::Owners owners = cli::owners_beside(outside.world, own, place, lost);
    CHECK(owners.size() == 1);
    CHECK(owners.contains("id-other"));
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].intent.name == "id-other");
  }
}

TEST_CASE("takeover: who looks for lost creates sees what other states do meanwhile") {
  MemoryFiles files;
  Outside outside(files);
  const Place& place = outside.place;
  const run::AskBeside ask = cli::ask_beside(outside.world, "state/mine.json", place);
  const auto owners = [&ask] { return std::get<run::Beside>(ask()).owners; };
  CHECK(owners().empty());
  files.put("state/other.json", state_with("id-1", place));
  CHECK(owners().contains("id-1"));
  files.put("state/other.json", state_with("id-2", place));
  CHECK(owners().contains("id-2"));
  CHECK(owners().size() == 1);
  CHECK(std::get<run::Beside>(ask()).creating.contains({"flow", "id-2"}));
  files.forget("state/other.json");
  CHECK(owners().empty());
}
