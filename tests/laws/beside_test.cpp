// What other states have where a run is. A create whose answer was lost may find their object, and
// an object of two states would be deleted by whichever is destroyed first.

#include "laws/whole_spec.hpp"

#include <optional>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr const char* kFlow = "pipelines.clicks.flow";

Wanted wanted() {
  return Wanted(edited(kWhole, "  clicks:\n", "  clicks:\n    flow: {name: Clicks flow}\n"));
}

/// The first create of a flow is processed and answered so.
void fault_flow(Site& site, emulator::Fault::Kind kind) {
  emulator::Fault fault;
  fault.kind = kind;
  fault.status = 409;
  fault.method = "POST";
  fault.path_part = "/flows";
  site.platform.add_fault(fault);
}

Run run_beside(Site& site, const run::AskBeside& beside,
               const std::optional<std::string>& chosen = std::nullopt) {
  EngineProcess process(site);
  process.engine.options().beside = beside;
  if (chosen) process.engine.options().adopt[*Address::parse(kFlow)] = *chosen;
  return apply_in(process, wanted());
}

/// Every flow that is there is another state's.
run::AskBeside owning_flows(Site& site) {
  return [&site] {
    run::Beside beside;
    for (const std::string& id : site.platform.ids("dev", "flows"))
      beside.owners[id] = "pipelines.clicks.flow of state/other.json";
    return beside;
  };
}

/// Another state has a create of this name open.
run::Beside creating(const std::string& kind, const std::string& name) {
  run::Beside beside;
  beside.creating[{kind, name}] = "state/other.json";
  return beside;
}

std::variant<run::Beside, run::Trouble> cut_state() {
  return run::Trouble{"state/other.json is cut", {}, false, false};
}

/// The id of the one flow of that name.
std::string flow_named(Site& site, const std::string& name) {
  for (const std::string& id : site.platform.ids("dev", "flows")) {
    if (site.platform.object("flows", id).at("name") == name) return id;
  }
  FAIL("no flow is named " << name);
  return {};
}

}  // namespace

TEST_CASE("law: what a 409 names is not taken over when it is another state's") {
  Site site(90);
  fault_flow(site, emulator::Fault::Kind::late_status);
  const Run run = run_beside(site, owning_flows(site));
  INFO(run.said);
  CHECK(run.report.failed >= 1);
  CHECK(holds_text(run.said, "409"));
  const State state = state_on(site);
  CHECK(state.pending.empty());
  CHECK(!state.records.contains(*Address::parse(kFlow)));
}

TEST_CASE("law: a lost create is not known by an object that another state owns") {
  Site site(91);
  fault_flow(site, emulator::Fault::Kind::lost_reply);
  const Run run = run_beside(site, owning_flows(site));
  INFO(run.said);
  CHECK(run.report.conflict);
  CHECK(holds_text(run.said, " is pipelines.clicks.flow of state/other.json"));
  REQUIRE(state_on(site).pending.size() == 1);
  const std::string other = flow_named(site, "Clicks flow");
  // People say that it made none of what is there, or that it did.
  CHECK(run_beside(site, owning_flows(site), run::kNoneChosen).report.complete());
  CHECK(site.platform.ids("dev", "flows").size() == 3);
  CHECK(state_on(site).records.at(*Address::parse(kFlow)).id != other);
}

TEST_CASE("law: a lost create is not known by an object that another state may have made") {
  for (const bool same_name : {true, false}) {
    Site site(92);
    fault_flow(site, emulator::Fault::Kind::lost_reply);
    const Run run = run_beside(
        site, [=] { return creating("flow", same_name ? "Clicks flow" : "Another flow"); });
    INFO(run.said);
    CHECK(run.report.complete() != same_name);
    CHECK(run.report.conflict == same_name);
    CHECK(holds_text(run.said, "a create of that name is open in state/other.json, too") ==
          same_name);
    CHECK(state_on(site).pending.size() == (same_name ? 1 : 0));
  }
}

TEST_CASE("law: when another state cannot be read a lost create stays open") {
  Site site(93);
  fault_flow(site, emulator::Fault::Kind::lost_reply);
  const Run run = run_beside(site, cut_state);
  INFO(run.said);
  CHECK(run.report.failed >= 1);
  CHECK(!run.report.conflict);
  CHECK(holds_text(run.said, "state/other.json is cut"));
  CHECK(state_on(site).pending.size() == 1);
  CHECK(apply_on(site, wanted()).report.complete());
  CHECK(site.platform.ids("dev", "flows").size() == 2);
}

TEST_CASE("law: a refusal is told, too, when it cannot be looked whether the object is there") {
  Site site(94);
  fault_flow(site, emulator::Fault::Kind::late_status);
  const Run run = run_beside(site, cut_state);
  INFO(run.said);
  CHECK(run.report.failed >= 1);
  CHECK(holds_text(run.said, "/flows: 409"));
  CHECK(holds_text(run.said, "it could not be looked whether it is there already: state/other"));
  CHECK(state_on(site).pending.size() == 1);
}

TEST_CASE("law: what another state is about to make is waited for") {
  Site site(95);
  fault_flow(site, emulator::Fault::Kind::lost_reply);
  int asked = 0;
  const Run run = run_beside(
      site, [&asked] { return ++asked == 1 ? creating("flow", "Clicks flow") : run::Beside{}; });
  INFO(run.said);
  CHECK(asked == 2);
  CHECK(run.report.complete());
}
