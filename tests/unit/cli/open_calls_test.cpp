// Calls that a run left open: what is said of them by commands that settle nothing, and what people
// see of those that do.

#include "store/state_json.hpp"
#include "store/state_store.hpp"
#include "support/places.hpp"
#include "support/specs.hpp"
#include "unit/cli/desk.hpp"

#include <functional>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr const char* kFlowAddress = "pipelines.events.flow";
constexpr const char* kSourceAddress = "pipelines.events.source";

const store::LockHolder kOther = {
    "lock-9", "apply", "bob@site", "site", 12, "sluice apply", "2026-01-02T03:04:05Z", ""};

store::StateStore store_of(Desk& desk) {
  return store::StateStore(desk.files, desk.clock, kStatePath, "test");
}

/// As a run leaves it that was killed once the creates of these were sent: the state knows no
/// object there, and nobody the answer. Returns their ids. `change` may make others of what was
/// sent.
std::vector<std::string> lose_creates(Desk& desk, const std::vector<std::string>& addresses,
                                      const std::function<void(PendingIntent&)>& change = {}) {
  std::vector<std::string> ids;
  store::StateStore store = store_of(desk);
  store.lock(kOther, Millis(0));
  const State state = store.load();
  store.begin(state, {}, "bob@site");
  for (const std::string& text : addresses) {
    const Record& record = state.records.at(*Address::parse(text));
    store::JournalRecord gone;
    gone.type = store::JournalRecord::Type::removed;
    gone.address = record.address;
    gone.id = record.id;
    store.append(gone);
    store::JournalRecord sent;
    sent.type = store::JournalRecord::Type::intent;
    sent.intent = PendingIntent();
    sent.intent->op = text;
    sent.intent->action = "create";
    sent.intent->address = record.address;
    sent.intent->kind = record.kind;
    sent.intent->name = record.name;
    sent.intent->inputs = record.inputs;
    sent.intent->depends_on = record.depends_on;
    if (change) change(*sent.intent);
    store.append(sent);
    ids.push_back(record.id);
  }
  store.sync();
  return ids;
}

/// The platform has no such object.
void never_made(PendingIntent& intent) {
  intent.name = "Nobody made this";
  intent.inputs["name"] = intent.name;
}

/// It has one of that name that is not as it was sent.
void edited(PendingIntent& intent) {
  intent.inputs["description"] = "as it was sent";
}

/// Once the state is in order a plan can be saved, and carried out.
void check_recovered(Desk& desk) {
  desk.good({"state", "recover", "--local"});
  desk.good({"plan", "--local", "--destroy", "--out", "p.plan"});
  CHECK(desk.good({"apply", "--local", "p.plan"}).code == 0);
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("open calls: every command that only looks says that there are some") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  CHECK(!has(desk.good({"state", "list", "--local"}).err, "open"));
  CHECK(Json::parse(desk.good({"plan", "--local", "--json"}).out).at("open_calls") == 0);
  lose_creates(desk, {kFlowAddress});
  const std::string told = "1 call of an earlier run is open; the next apply settles it.\n";
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"plan"}, {"plan", "--refresh=false"}, {"status"}, {"state", "list"}, {"runs"}}) {
    std::vector<std::string> arguments = command;
    arguments.emplace_back("--local");
    INFO(command[0]);
    CHECK(has(desk.good(arguments).err, told));
  }
  CHECK(has(desk.run({"drift", "--local"}).err, told));
  for (const char* command : {"plan", "status", "drift"}) {
    INFO(command);
    CHECK(Json::parse(desk.run({command, "--local", "--json"}).out).at("open_calls") == 1);
  }
}

TEST_CASE("open calls: who only looks does not say that anything was done or is not to come") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  const std::string id = lose_creates(desk, {kFlowAddress}).at(0);
  CHECK(has(desk.good({"plan", "--local"}).err,
            "an earlier run created it as " + id + "; it would be taken over\n"));
  desk.good({"apply", "--local", "--yes"});

  lose_creates(desk, {kFlowAddress}, never_made);
  const std::string there =
      "pipelines.events.flow: an earlier run meant to create it, and it is "
      "not there yet; apply looks for it ";
  CHECK(has(desk.good({"plan", "--local"}).err, there + "for up to 45 s\n"));
  desk.environment = {{"SLUICE_SETTLE", "2m"}};
  CHECK(has(desk.run({"drift", "--local"}).err, there + "for up to 120 s\n"));
  desk.environment = {{"SLUICE_SETTLE", "0"}};
  CHECK(has(desk.run({"drift", "--local"}).err, "not there yet; apply looks for it again\n"));
}

TEST_CASE("open calls: a run that is at work is named, since they may be its own") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  lose_creates(desk, {kFlowAddress}, never_made);
  store::StateStore other = store_of(desk);
  other.lock(kOther, Millis(0));
  const Said said = desk.good({"plan", "--local"});
  CHECK(has(said.err,
            "1 call is open, and `sluice apply` of bob@site is at work (process 12 on "
            "site, since 2026-01-02T03:04:05Z): they may be its own."));
  const Said saving = desk.run({"plan", "--local", "--out", "p.plan"});
  CHECK(saving.code == 1);
  CHECK(has(saving.err, "`sluice apply` of bob@site is at work"));
  CHECK(has(saving.err, "Wait for it to end, and plan again."));
}

TEST_CASE("open calls: no plan is saved that apply would refuse") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  lose_creates(desk, {kFlowAddress});
  // 1, as of every command that refuses to go on before it is known what an earlier run did. 4 says
  // that to plan again is enough, and here it is not.
  const Said refused = desk.run({"plan", "--local", "--out", "p.plan"});
  INFO(refused.err);
  CHECK(refused.code == 1);
  CHECK(refused.out.empty());
  CHECK(has(refused.err, "1 call of an earlier run is open"));
  CHECK(has(refused.err, "`sluice apply`"));
  CHECK(has(refused.err, "`sluice state recover`"));
  CHECK(!has(refused.err, "Saved."));
  CHECK(desk.files.bytes("p.plan") == nullptr);
  check_recovered(desk);
}

TEST_CASE("open calls: what a run has not saved stands in the way of a saved plan as well") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  {
    store::StateStore store = store_of(desk);
    store.lock(kOther, Millis(0));
    store.begin(store.load(), {}, "bob@site");
    store.sync();
  }
  const Said refused = desk.run({"plan", "--local", "--out", "p.plan"});
  CHECK(refused.code == 1);
  CHECK(has(refused.err, "an earlier run has not saved what it did"));
  check_recovered(desk);
}

TEST_CASE("open calls: an unclear create is chosen for, and neither imported nor made once more") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  lose_creates(desk, {kSourceAddress}, edited);
  const Said plan = desk.good({"plan", "--local"});
  INFO(plan.out, plan.err);
  CHECK(has(plan.out, "`sluice apply --adopt\npipelines.events.source=ID`"));
  CHECK(!has(plan.out, "sluice import"));
  CHECK(!has(plan.out, "--allow-duplicate-names"));
  const Json json = Json::parse(desk.good({"plan", "--local", "--json"}).out);
  REQUIRE(json.at("clashes").size() == 1);
  CHECK(json.at("clashes").at(0).at("lost_create") == true);
}

TEST_CASE("open calls: an unclear create stops its branch alone, and does not end well") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  const std::vector<std::string> ids = lose_creates(desk, {kSourceAddress}, edited);
  const Said said = desk.run({"apply", "--local", "--yes"});
  INFO(said.out, said.err);
  CHECK(said.code == 4);
  CHECK(times(said.out + said.err, "may be it: " + ids.at(0)) == 1);
  CHECK(has(said.out, "1 failed"));
  CHECK(has(said.err, "look at a new plan before the next apply"));
  CHECK(!has(said.err, "again to go on"));
  // A destroy could take away what the unclear object stands on.
  const Said destroy = desk.run({"destroy", "--local", "--yes"});
  CHECK(destroy.code == 4);
  CHECK(!has(destroy.out, "deleted"));
}

TEST_CASE("open calls: an unclear create of what the spec no longer names is not passed over") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  const std::vector<std::string> ids = lose_creates(desk, {kFlowAddress}, edited);
  std::string text = read_text(source_dir() + "/specs/customerio.yaml");
  desk.files.put(kSpecPath, text.substr(0, text.find("pipelines:")));
  const Said said = desk.run({"apply", "--local", "--yes"});
  INFO(said.out, said.err);
  CHECK(said.code == 4);
  CHECK(has(said.err, "error: pipelines.events.flow: "));
  CHECK(has(said.err, "may be it: " + ids.at(0)));
  // What it may stand on is left to it.
  CHECK(has(said.err, "pipelines.events.flow may stand on it"));
  CHECK(times(said.err, "may be it: " + ids.at(0)) == 1);
  CHECK(has(said.out, "0 deleted; 3 failed"));
}

TEST_CASE("open calls: an unclear create counts as much as a step that fails on its own") {
  NetworkDesk desk;
  const std::string one = many_pipelines(1);
  desk.files.put(kSpecPath, many_pipelines(2));
  REQUIRE(desk.on_state({"apply", "--yes", "--allow-duplicate-names"}).code == 0);
  for (const char* part : {"flow", "mapping", "target"})
    REQUIRE(desk.on_state({"state", "rm", std::string("pipelines.p1.") + part}).code == 0);
  const std::vector<std::string> ids = lose_creates(desk, {"pipelines.p1.source"}, edited);
  desk.files.put(kSpecPath, std::string(one).replace(one.find("metric,"), 7, "action,"));
  desk.answer = [](const http::Request& request) -> std::optional<http::Outcome> {
    if (request.method != "PUT") return std::nullopt;
    return http::Response{400, {}, "{}"};
  };
  const Said said = desk.on_state({"apply", "--yes", "--json"});
  INFO(said.out, said.err);
  CHECK(said.code == 4);
  CHECK(has(said.err, "pipelines.p1.source: "));
  CHECK(has(said.out, "\"exit_code\":4"));
  CHECK(has(said.out, "\"failed\":1"));
}

TEST_CASE(
    "open calls: what is unclear does not move, and blocks its branch in an unread plan as well") {
  const std::string text = read_text(source_dir() + "/specs/customerio.yaml");
  for (const bool moves : {true, false}) {
    Desk desk;
    desk.good({"apply", "--local", "--yes"});
    const std::vector<std::string> ids = lose_creates(desk, {kSourceAddress}, edited);
    std::string renamed = text;
    if (moves) {
      const std::size_t at = renamed.find("  events:");
      renamed.replace(at, 9, "  fresh: ");
      for (std::size_t i = 0; (i = renamed.find("pipelines.events")) != std::string::npos;)
        renamed.replace(i, 16, "pipelines.fresh");
      renamed += "\nmoved: [{from: pipelines.events, to: pipelines.fresh}]\n";
      desk.files.put(kSpecPath, renamed);
    }
    std::vector<std::string> command = {"apply", "--local", "--yes"};
    if (!moves) command.emplace_back("--refresh=false");
    const Said said = desk.run(command);
    INFO(said.out, said.err);
    CHECK(said.code == 4);
    CHECK(has(said.err, "may be it: " + ids.at(0)));
    CHECK(!has(said.err, "created"));
    CHECK(!has(said.err, "--allow-duplicate-names"));
  }
}

TEST_CASE("open calls: what was settled is told before what was not") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  const std::vector<std::string> ids =
      lose_creates(desk, {kSourceAddress, "pipelines.events.target"}, edited);
  const Said said = desk.run(
      {"apply", "--local", "--yes", "--adopt", std::string(kSourceAddress) + "=" + ids.at(0)});
  INFO(said.err);
  CHECK(said.code == 4);
  const std::size_t settled = said.err.find(
      "pipelines.events.source: an earlier run created it as " + ids.at(0) + "; taken over\n");
  const std::size_t error = said.err.find("error: pipelines.events.target:");
  CHECK(settled < error);
  CHECK(error != std::string::npos);
}

TEST_CASE("open calls: while they are looked for people see which, and for how long") {
  const auto told = [](bool is_terminal, const std::vector<std::string>& command) {
    Desk desk;
    desk.good({"apply", "--local", "--yes"});
    lose_creates(desk, {kFlowAddress}, never_made);
    desk.err_is_terminal = is_terminal;
    return desk.run(command).err;
  };
  const std::string piped = told(false, {"state", "recover", "--local"});
  INFO(piped);
  CHECK(has(piped, "\n44 s left to look for pipelines.events.flow\n"));
  CHECK(times(piped, " s left to look for pipelines.events.flow\n") == 5);
  const std::string shown = told(true, {"state", "recover", "--local"});
  CHECK(has(shown, "\r44 s left to look for pipelines.events.flow\x1b[K\r43 s left"));
  CHECK(
      has(shown, "\r\x1b[Kpipelines.events.flow: an earlier run meant to create it and did not\n"));
  for (const char* flag : {"--quiet", "--json"}) {
    const std::string silent = told(false, {"apply", "--local", "--yes", flag});
    CHECK(has(silent, "meant to create it and did not"));
    CHECK(!has(silent, "left to look for"));
  }
}

TEST_CASE("open calls: of more than three addresses the others are counted") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  lose_creates(
      desk, {kFlowAddress, kSourceAddress, "pipelines.events.target", "pipelines.events.mapping"},
      never_made);
  CHECK(has(desk.good({"state", "recover", "--local"}).err,
            " s left to look for pipelines.events.flow, pipelines.events.mapping, "
            "pipelines.events.source and 1 more\n"));
}

TEST_CASE("discover: what a lost create may have made is not shown as nobody's") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  const std::string platform = *desk.files.bytes(std::string(kStatePath) + ".platform");
  const State old = store_of(desk).read();
  const Record flow = old.records.at(*Address::parse(kFlowAddress));
  desk.files.forget(kStatePath);
  desk.files.put(std::string(kStatePath) + ".platform", platform);
  {
    // Its first run was killed, so there is a journal and no state.
    store::StateStore store = store_of(desk);
    store.lock(kOther, Millis(0));
    State state = store.load();
    state.lineage = old.lineage;
    state.place = old.place;
    store.begin(state, {}, "bob@site");
    store::JournalRecord sent;
    sent.type = store::JournalRecord::Type::intent;
    sent.intent = PendingIntent();
    sent.intent->op = "1";
    sent.intent->action = "create";
    sent.intent->address = flow.address;
    sent.intent->kind = flow.kind;
    sent.intent->name = flow.name;
    sent.intent->inputs = flow.inputs;
    store.append(sent);
    store.sync();
  }
  const Said text = desk.good({"discover", "--local"});
  CHECK(has(text.out, "may be what a create made whose answer was lost, of"));
  const Json found = Json::parse(desk.good({"discover", "--local", "--json"}).out);
  CHECK(found.at("flows").at(0).at("lost_create_of") ==
        "pipelines.events.flow of state/customerio.local.json");
  for (const Json& object : found.at("unused"))
    CHECK(object.at("lost_create_of").is_null());
}

TEST_CASE("open calls: an object that another state has is not taken for what a lost create made") {
  Desk desk;
  desk.good({"apply", "--local", "--yes"});
  desk.files.put("state/other.json", *desk.files.bytes(kStatePath));
  const std::string id = lose_creates(desk, {kFlowAddress}).at(0);
  const std::string owner = id + " is pipelines.events.flow of state/other.json";
  const Said plan = desk.good({"plan", "--local"});
  CHECK(has(plan.err, owner));
  CHECK(!has(plan.err, "it would be taken over"));
  const Said apply = desk.run({"apply", "--local", "--yes"});
  INFO(apply.out, apply.err);
  CHECK(apply.code == 4);
  CHECK(has(apply.err, owner));
  CHECK(desk.run({"state", "recover", "--local"}).code == 4);
  desk.files.forget("state/other.json");
  CHECK(desk.good({"state", "recover", "--local"}).code == 0);
  CHECK(store_of(desk).read().records.at(*Address::parse(kFlowAddress)).id == id);
}

TEST_CASE("open calls: those in another state, or in what was rescued of it, have their way on") {
  for (const bool rescued : {false, true}) {
    Desk desk;
    desk.good({"apply", "--local", "--yes"});
    lose_creates(desk, {kFlowAddress});
    const State state = store_of(desk).read();
    REQUIRE(state.pending.size() == 1);
    desk.good({"state", "recover", "--local"});
    const std::string path = rescued ? "state/other.json.rescue.json" : "state/other.json";
    desk.files.put(path, store::state_to_text(state, "test"));
    const Said said = desk.run({"adopt", "--local", "--all", "--yes", "--name", "customerio"});
    INFO(said.out, said.err);
    CHECK(said.code == 1);
    CHECK(has(said.err, "An earlier run on " + path + " was cut off"));
    CHECK(has(said.err, "Put the two together, or move it away.") == rescued);
    CHECK(has(said.err, "Run `sluice apply` with its spec first") == !rescued);
  }
}

TEST_CASE("open calls: two states that may have made one object let people choose in each") {
  for (const bool is_mine : {true, false}) {
    Desk desk;
    desk.good({"apply", "--local", "--yes"});
    const std::string id = lose_creates(desk, {kFlowAddress}).at(0);
    desk.files.put("state/other.json", store::state_to_text(store_of(desk).read(), "test"));
    const Said apply = desk.run({"apply", "--local", "--yes"});
    INFO(apply.err);
    CHECK(apply.code == 4);
    CHECK(has(apply.err, "a create of that name is open in state/other.json, too"));
    const std::string choice = std::string(kFlowAddress) + "=" + (is_mine ? id : "none");
    desk.good({"apply", "--local", "--yes", "--adopt", choice});
    const State state = store_of(desk).read();
    CHECK(state.pending.empty());
    CHECK(state.records.contains(*Address::parse(kFlowAddress)) == is_mine);
  }
}
