// What the platform seems to say and may not mean: that an object is gone, that another client made
// it, that a call was not done. Whoever believed it would make a thing twice, or leave it behind.

#include "core/fatal.hpp"
#include "laws/bent.hpp"

#include <functional>
#include <optional>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string flow_of(Site& site) {
  return state_on(site).records.at(*Address::parse("pipelines.hook.flow")).id;
}

/// What ends the command, or an empty text.
std::string end_of(const std::function<void()>& command, ExitCode code) {
  try {
    command();
  } catch (const Fatal& fatal) {
    CHECK(fatal.code() == code);
    return fatal.diagnostic().summary;
  }
  return {};
}

}  // namespace

TEST_CASE("law: a flow that an access label hides is neither made again nor forgotten") {
  for (const bool destroys : {false, true}) {
    Site site(70);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const auto before = census(site.platform);
    const std::string flow = flow_of(site);
    REQUIRE(site.platform.hide("flows", flow));
    const Run run =
        destroys ? apply_on(site, Wanted(), destroying()) : apply_on(site, Wanted(kWhole));
    INFO(run.said);
    CHECK(run.report.conflict);
    CHECK(holds_text(run.said, "A read does not find the flow " + flow + ", and yet it exists"));
    CHECK(holds_text(run.said, "FLOW-2120-403"));
    CHECK(state_on(site).records.at(*Address::parse("pipelines.hook.flow")).id == flow);
    // What it stands on is left as well.
    for (const char* kind : {"mappingSets", "sourceConnections", "targetConnections"}) {
      CHECK(site.platform.ids("dev", kind).size() >= 1);
    }
    if (!destroys) CHECK(census(site.platform) == before);
  }
}

TEST_CASE("law: a flow that is really gone is made again, and forgotten by a destroy") {
  for (const bool destroys : {false, true}) {
    Site site(71);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const auto before = census(site.platform);
    REQUIRE(site.platform.erase("flows", flow_of(site)));
    const Run run =
        destroys ? apply_on(site, Wanted(), destroying()) : apply_on(site, Wanted(kWhole));
    INFO(run.said);
    CHECK(run.report.complete());
    if (!destroys) CHECK(census(site.platform) == before);
    if (destroys) CHECK(site.platform.ids("dev", "sourceConnections").empty());
  }
}

TEST_CASE("law: a 404 without the service's code is no proof that an object is gone") {
  for (const bool destroys : {false, true}) {
    Site site(72);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const auto before = census(site.platform);
    for (const char* path : {"/flows/", "/schemas/", "/descriptors/"}) {
      BentProcess process(site);
      // Some page that stands in for the service knows no path.
      process.bending.change = [&](http::Request& request) {
        if (request.target.find(path) != std::string::npos) request.target = "/nothing/here";
      };
      const std::string said = end_of(
          [&] {
            process.apply(Wanted(destroys ? "" : kWhole), destroys ? destroying() : PlanOptions());
          },
          ExitCode::failed);
      INFO(std::string(path));
      CHECK(holds_text(said, "404"));
      site.files.restart();
    }
    CHECK(census(site.platform) == before);
  }
}

TEST_CASE("law: what a list has is not gone, whatever a read says") {
  for (const char* address : {"pipelines.hook.flow", "pipelines.hook.mapping", "datasets.events"}) {
    for (const bool destroys : {false, true}) {
      Site site(73);
      REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
      const auto before = census(site.platform);
      const std::string id = state_on(site).records.at(*Address::parse(address)).id;
      BentProcess process(site);
      process.bending.change = [&](http::Request& request) {
        const std::size_t at = request.target.find("/" + id);
        if (request.method == "GET" && at != std::string::npos) request.target[at + 1] = 'x';
      };
      const std::string said = end_of(
          [&] {
            process.apply(Wanted(destroys ? "" : kWhole), destroys ? destroying() : PlanOptions());
          },
          ExitCode::conflict);
      INFO(std::string(address));
      CHECK(holds_text(said, id + " and says of it that it does not exist"));
      CHECK(census(site.platform) == before);
    }
  }
}

TEST_CASE(
    "law: an object that goes between plan and deletion is forgotten only if it is not hidden") {
  Site site(74);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string flow = flow_of(site);
  EngineProcess process(site);
  process.engine.before_apply = [&] { REQUIRE(site.platform.hide("flows", flow)); };
  const Run run = apply_in(process, Wanted(), destroying());
  INFO(run.said);
  CHECK(run.report.conflict);
  CHECK(state_on(site).records.at(*Address::parse("pipelines.hook.flow")).id == flow);
}

TEST_CASE("law: a lost create that seems to be another client's, or too old, is not made again") {
  const auto lose_create = [](Site& site, const std::string& client) {
    EngineProcess process(site);
    process.engine.options().own_client = client;
    emulator::Fault fault;
    fault.kind = emulator::Fault::Kind::lost_reply;
    fault.method = "POST";
    fault.path_part = "/sourceConnections";
    site.platform.add_fault(fault);
    return apply_in(process, Wanted(kWhole));
  };
  Site site(75);
  const Run run = lose_create(site, "somebody-else");
  INFO(run.said);
  CHECK(run.report.conflict);
  CHECK(holds_text(run.said, "the platform tells another client or an earlier time"));
  CHECK(site.platform.ids("dev", "sourceConnections").size() == 2);
  // People may say that it is the one.
  const State state = state_on(site);
  REQUIRE(state.pending.size() == 1);
  const PendingIntent intent = state.pending.begin()->second;
  std::string made;
  for (const std::string& id : site.platform.ids("dev", "sourceConnections")) {
    const auto name = site.platform.object("sourceConnections", id).at("name");
    if (name == intent.name) made = id;
  }
  EngineProcess process(site);
  process.engine.options().adopt[intent.address] = made;
  CHECK(apply_in(process, Wanted(kWhole)).report.complete());
  CHECK(site.platform.ids("dev", "sourceConnections").size() == 2);
}

TEST_CASE("law: a create that is refused since the object is there is looked for once") {
  for (const bool made : {true, false}) {
    Site site(82);
    emulator::Fault fault;
    fault.kind = made ? emulator::Fault::Kind::late_status : emulator::Fault::Kind::status;
    fault.status = 409;
    fault.method = "POST";
    fault.path_part = "/flows";
    site.platform.add_fault(fault);
    const Millis begun = site.clock.monotonic();
    const Run run = apply_on(site, Wanted(kWhole));
    INFO(run.said);
    CHECK(run.report.complete() == made);
    CHECK(site.clock.monotonic() - begun < Millis(5000));
    CHECK(site.platform.ids("dev", "flows").size() == (made ? 2 : 1));
    CHECK(state_on(site).pending.empty());
  }
}

TEST_CASE("law: an update whose answers are all lost stays open until it is known") {
  const Wanted more(edited(kWhole, "name: Hook source}", "name: Hook source, description: More}"));
  for (const bool arrives : {false, true}) {
    Site site(76);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    for (int i = 0; i < 4; ++i) {
      emulator::Fault fault;
      fault.kind = emulator::Fault::Kind::lost_request;
      fault.method = "PATCH";
      site.platform.add_fault(fault);
    }
    const Run run = apply_on(site, more);
    INFO(run.said);
    CHECK(run.report.failed == 1);
    CHECK_FALSE(run.report.conflict);
    CHECK_FALSE(holds_text(run.said, "Its etag moved at every try"));
    const State state = state_on(site);
    CHECK(state.pending.size() == 4);
    const PendingIntent intent = state.pending.begin()->second;
    CHECK(intent.action == "update");
    // The next run waits as long as one of them may still arrive. All four are for one object.
    if (arrives) REQUIRE(site.platform.edit("sourceConnections", intent.id, "description", "More"));
    const Millis begun = site.clock.monotonic();
    CHECK(apply_on(site, more).report.complete());
    CHECK((site.clock.monotonic() - begun >= Millis(5000)) == !arrives);
    CHECK(state_on(site).pending.empty());
  }
}

TEST_CASE(
    "law: a flow that is hidden while a change of it is open is neither forgotten nor remade") {
  const Wanted more(edited(kWhole, "{name: Hook flow}", "{name: Hook flow, description: More}"));
  Site site(83);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string flow = flow_of(site);
  {
    EngineProcess process(site);
    process.dying.die_at = 1;
    CHECK_THROWS_AS(apply_in(process, more), ProcessDied);
  }
  site.files.restart();
  REQUIRE(state_on(site).pending.size() == 1);
  REQUIRE(site.platform.hide("flows", flow));
  const std::string said = end_of([&] { (void)apply_on(site, more); }, ExitCode::conflict);
  CHECK(holds_text(said, "A read does not find the flow " + flow + ", and yet it exists"));
  CHECK(state_on(site).records.at(*Address::parse("pipelines.hook.flow")).id == flow);
  CHECK(site.platform.ids("dev", "flows").size() == 2);
}

TEST_CASE("law: an update that comes through settles those of it that were lost before") {
  const Wanted more(edited(kWhole, "name: Hook source}", "name: Hook source, description: More}"));
  Site site(77);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  emulator::Fault fault;
  fault.kind = emulator::Fault::Kind::lost_request;
  fault.method = "PATCH";
  site.platform.add_fault(fault);
  CHECK(apply_on(site, more).report.complete());
  CHECK(state_on(site).pending.empty());
}

TEST_CASE("law: a deletion whose answers are lost stays open when the run stops") {
  Site site(78);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  bool is_interrupted = false;
  BentProcess process(site);
  process.engine.options().interrupted = [&] { return is_interrupted; };
  process.bending.seen = [&](const http::Request& request) {
    if (request.method == "DELETE") is_interrupted = true;
  };
  emulator::Fault fault;
  fault.kind = emulator::Fault::Kind::lost_request;
  fault.method = "DELETE";
  site.platform.add_fault(fault);
  const Run run = process.apply(Wanted(), destroying());
  CHECK(run.report.interrupted);
  CHECK(state_on(site).pending.size() == 1);
}

TEST_CASE("law: after an interrupt no mutation is begun, be it a repeated one") {
  const Wanted more(edited(kWhole, "name: Hook source}", "name: Hook source, description: More}"));
  Site site(79);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  bool is_interrupted = false;
  int patches = 0;
  BentProcess process(site);
  process.engine.options().interrupted = [&] { return is_interrupted; };
  process.bending.seen = [&](const http::Request& request) {
    if (request.method != "PATCH") return;
    ++patches;
    is_interrupted = true;
  };
  emulator::Fault fault;
  fault.kind = emulator::Fault::Kind::lost_request;
  fault.method = "PATCH";
  site.platform.add_fault(fault);
  const Run run = process.apply(more);
  INFO(run.said);
  CHECK(run.report.interrupted);
  CHECK(patches == 1);
  CHECK(holds_text(run.said, "It was not sent, since the run was stopped"));
}

TEST_CASE("law: a disk that is full when a call is announced keeps it from being sent") {
  int held_back = 0;
  for (int fail_at = 1; fail_at < 200; ++fail_at) {
    Site site(80);
    BentProcess process(site);
    site.files.faults.fail_at = fail_at;
    site.files.faults.code = ENOSPC;
    int later = 0;
    process.bending.seen = [&](const http::Request& request) {
      if (request.method != "GET" && request.target.find("/ims/") == std::string::npos &&
          process.engine.store().reserve_used()) {
        ++later;
      }
    };
    std::optional<Run> run;
    try {
      run = process.apply(Wanted(kWhole));
    } catch (const Fatal&) {
      continue;
    }
    if (run->report.complete() && site.files.operations() < fail_at) break;
    INFO("operation " << fail_at);
    CHECK(later == 0);
    if (holds_text(run->said, "It was not sent, since the disk is full")) ++held_back;
  }
  CHECK(held_back > 0);
}

TEST_CASE("law: an interrupt ends the wait for what became of open calls") {
  Site site(81);
  {
    EngineProcess process(site);
    process.dying.die_at = 1;
    CHECK_THROWS_AS(apply_in(process, Wanted(kWhole)), ProcessDied);
  }
  site.files.restart();
  REQUIRE(state_on(site).pending.size() >= 1);
  EngineProcess process(site);
  process.engine.options().settle = Millis(45'000);
  const Millis begun = site.clock.monotonic();
  process.engine.options().interrupted = [&] {
    return site.clock.monotonic() - begun > Millis(2000);
  };
  const Run run = apply_in(process, Wanted(kWhole));
  CHECK(site.clock.monotonic() - begun < Millis(10'000));
  CHECK(run.report.interrupted);
  CHECK(!state_on(site).pending.empty());
}
