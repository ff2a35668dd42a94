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
