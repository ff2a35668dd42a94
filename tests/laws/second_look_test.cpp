// What is looked at once more right before it is done: things that came back, calls that may have
// been for nothing, and changes that may still be under way.

#include "laws/bent.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr Millis kSettle{20'000};

emulator::Fault fault_of(emulator::Fault::Kind kind, const std::string& method,
                         const std::string& path, int status = 503) {
  emulator::Fault fault;
  fault.kind = kind;
  fault.method = method;
  fault.path_part = path;
  fault.status = status;
  return fault;
}

/// Has the plan see a collection as credentials see it that may not look into it.
void hide_from_plan(BentProcess& process, const std::string& path) {
  process.bending.change = [path](http::Request& request) {
    if (request.target.find(path) != std::string::npos) request.headers["x-sandbox-name"] = "prod";
  };
  process.engine.before_apply = [&process] { process.bending.change = {}; };
}

/// An apply of `text`, in which a PATCH's request is lost once. Gives the time until it was sent
/// again.
Millis pause_of(const std::string& path, const std::string& text) {
  Site site(102);
  CHECK(apply_on(site, Wanted(kWhole)).report.complete());
  site.platform.add_fault(fault_of(emulator::Fault::Kind::lost_request, "PATCH", path));
  std::vector<Millis> sent;
  {
    BentProcess process(site);
    process.engine.options().settle = kSettle;
    process.bending.seen = [&](const http::Request& request) {
      const bool is_patch =
          request.method == "PATCH" && request.target.find(path) != std::string::npos;
      if (is_patch) sent.push_back(site.clock.monotonic());
    };
    CHECK(process.apply(Wanted(text)).report.complete());
  }
  check_whole(site, Wanted(text), path);
  REQUIRE(sent.size() == 2);
  return sent[1] - sent[0];
}

}  // namespace

TEST_CASE("law: what a plan took for gone is not made again when it is there") {
  const std::map<std::string, std::string> collections = {
      {"datasets.events", "dataSets"},
      {"pipelines.hook.mapping", "mappingSets"},
      {"accounts.web", "connections"},
      {"pipelines.hook.source", "sourceConnections"}};
  for (const auto& [address, collection] : collections) {
    for (const bool forgets : {false, true}) {
      Site site(100);
      REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
      const std::size_t before = site.platform.ids("dev", collection).size();
      const std::string id = state_on(site).records.at(*Address::parse(address)).id;
      PlanOptions options;
      options.allow_data_loss = true;
      if (forgets) options.mode = PlanMode::refresh_only;
      Run run;
      {
        BentProcess process(site);
        hide_from_plan(process, "/" + collection);
        run = process.apply(Wanted(kWhole), options);
      }
      INFO(address, run.said);
      CHECK(run.report.conflict);
      CHECK(holds_text(run.said, id + ", which the plan took for gone, is there"));
      CHECK(site.platform.ids("dev", collection).size() == before);
      CHECK(state_on(site).records.at(*Address::parse(address)).id == id);
      CHECK(apply_on(site, Wanted(kWhole)).report.complete());
      check_whole(site, Wanted(kWhole), address);
    }
  }
}

TEST_CASE("law: a saved plan that took for gone what is there is refused as a whole") {
  for (const bool erased : {false, true}) {
    Site site(105);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const std::string id = state_on(site).records.at(*Address::parse("datasets.events")).id;
    if (erased) REQUIRE(site.platform.erase("dataSets", id));
    BentProcess process(site);
    hide_from_plan(process, "/dataSets");
    PlanOptions options;
    options.allow_data_loss = true;
    Plan plan = process.engine.plan(Wanted(kWhole).resources, options);
    process.bending.change = {};
    const std::string said = refusal_of(process.engine, plan);
    CHECK(holds_text(said, id + ", which the plan took for gone, is there") == !erased);
    CHECK(said.empty() == erased);
  }
}

TEST_CASE("law: a create that is refused since its own twin was there first takes that over") {
  const std::map<std::string, int> refusals = {
      {"/flows", 409}, {"/schemas", 400}, {"/fieldgroups", 400}, {"/descriptors", 400}};
  for (const auto& [path, status] : refusals) {
    for (const bool made : {true, false}) {
      Site site(101);
      const auto kind = made ? emulator::Fault::Kind::late_status : emulator::Fault::Kind::status;
      site.platform.add_fault(fault_of(kind, "POST", path, status));
      const Run run = apply_on(site, Wanted(kWhole));
      INFO(path, run.said);
      CHECK(run.report.complete() == made);
      CHECK(!run.report.conflict);
      CHECK(state_on(site).pending.empty());
      CHECK(apply_on(site, Wanted(kWhole)).report.complete());
      check_whole(site, Wanted(kWhole), path);
    }
  }
}

TEST_CASE("law: a lost change that no etag guards is sent again when it cannot arrive any more") {
  const Millis guarded =
      pause_of("/sourceConnections",
               edited(kWhole, "name: Hook source}", "name: Hook source, description: More}"));
  const Millis unguarded =
      pause_of("/schemas", edited(kWhole, "title: Events\n    description: First",
                                  "title: Events\n    description: Second"));
  CHECK(unguarded - guarded >= kSettle);
  CHECK(unguarded - guarded < kSettle + Millis(5000));
}

TEST_CASE("law: a deletion that was lost is sent again when it cannot arrive any more") {
  const auto pause_with = [](Millis settle) {
    Site site(104);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    site.platform.add_fault(
        fault_of(emulator::Fault::Kind::lost_request, "DELETE", "/sourceConnections"));
    std::map<std::string, std::vector<Millis>> sent;
    BentProcess process(site);
    process.engine.options().settle = settle;
    process.bending.seen = [&](const http::Request& request) {
      if (request.method == "DELETE") sent[request.target].push_back(site.clock.monotonic());
    };
    CHECK(process.apply(Wanted(), destroying()).report.complete());
    Millis pause{0};
    for (const auto& [target, times] : sent)
      pause = std::max(pause, times.back() - times.front());
    return pause;
  };
  const Millis without = pause_with(Millis(0));
  const Millis with = pause_with(kSettle);
  CHECK(with - without >= kSettle);
  CHECK(with - without < kSettle + Millis(5000));
}

TEST_CASE("law: one 404 to a deletion does not mean that mapping sets cannot be deleted") {
  for (int refusals = 1; refusals <= 2; ++refusals) {
    Site site(103);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const std::string set = state_on(site).records.at(*Address::parse("pipelines.hook.mapping")).id;
    for (int i = 0; i < refusals; ++i) {
      site.platform.add_fault(
          fault_of(emulator::Fault::Kind::status, "DELETE", "/mappingSets/" + set, 404));
    }
    const Run run = apply_on(site, Wanted(), destroying());
    INFO(run.said);
    CHECK(run.report.complete());
    CHECK(run.report.kept.size() == (refusals == 2 ? 1 : 0));
    CHECK(site.platform.object("mappingSets", set).is_null() == (refusals == 1));
    CHECK(run.report.done.remove + static_cast<int>(run.report.kept.size()) ==
          static_cast<int>(Wanted(kWhole).resources.size()));
  }
}

TEST_CASE("law: a saved plan forgets what was replaced, kept and deleted by somebody") {
  Site site(106);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string old = state_on(site).records.at(*Address::parse("pipelines.hook.flow")).id;
  PlanOptions hold;
  hold.replace = {*Address::parse("pipelines.hook.flow")};
  hold.hold_old = true;
  REQUIRE(apply_on(site, Wanted(kWhole), hold).report.complete());
  REQUIRE(site.platform.erase("flows", old));
  EngineProcess process(site);
  Plan plan = process.engine.plan(Wanted(kWhole).resources);
  REQUIRE(plan.has_changes());
  CHECK(refusal_of(process.engine, plan).empty());
}

TEST_CASE("law: a PUT that was sent twice on its way went over nobody's version") {
  const std::string more = edited(kWhole, "{source: id, destination: _extconndev.cioId}]\n    flow",
                                  "{source: email, destination: _extconndev.cioId}]\n    flow");
  Site site(107);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  BentProcess process(site);
  process.bending.change = [&](http::Request& request) {
    if (request.method == "PUT") (void)site.platform.handle(request);
  };
  const Run run = process.apply(Wanted(more));
  INFO(run.said);
  CHECK(run.report.complete());
}

TEST_CASE("law: a version of a mapping set that a write went over is told") {
  const std::string more = edited(kWhole, "{source: id, destination: _extconndev.cioId}]\n    flow",
                                  "{source: email, destination: _extconndev.cioId}]\n    flow");
  Site site(104);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string set = state_on(site).records.at(*Address::parse("pipelines.hook.mapping")).id;
  BentProcess process(site);
  process.bending.seen = [&](const http::Request& request) {
    if (request.method != "PUT") return;
    Json rows = site.platform.object("mappingSets", set).at("mappings");
    rows[0]["description"] = "theirs";
    REQUIRE(site.platform.edit("mappingSets", set, "mappings", rows));
  };
  const Run run = process.apply(Wanted(more));
  INFO(run.said);
  CHECK(run.report.conflict);
  CHECK(
      holds_text(run.said,
                 "Somebody made version 1 of the mapping set between the look and the write, which "
                 "made version 2"));
  CHECK(holds_text(run.said, set + "?version=1"));
  CHECK(state_on(site).pending.empty());
}
