// Every mutation of an apply goes wrong in every way, for every kind of object: one more apply, and
// all is as if nothing had happened.

#include "laws/whole_spec.hpp"

#include <fmt/format.h>

using namespace sluice;
using namespace sluice::test;

namespace {

using FaultKind = emulator::Fault::Kind;

/// What goes wrong with a mutation.
struct Mishap {
  std::string name;
  std::optional<emulator::Fault> fault;  ///< None: the process dies.
  bool after = false;                    ///< It dies after the platform did it.
};

Mishap fault_of(const std::string& name, FaultKind kind, int status = 0) {
  return {name, emulator::Fault{kind, "", "", status, ""}, false};
}

/// Those after which something is done that is not known of.
std::vector<Mishap> two_mishaps() {
  return {{"death after", std::nullopt, true}, fault_of("lost reply", FaultKind::lost_reply)};
}

/// All that differ in what the engine knows afterwards.
std::vector<Mishap> few_mishaps() {
  std::vector<Mishap> result = two_mishaps();
  result.push_back({"death before", std::nullopt, false});
  result.push_back(fault_of("500", FaultKind::status, 500));
  result.push_back(fault_of("cut body", FaultKind::cut_body));
  return result;
}

std::vector<Mishap> all_mishaps() {
  std::vector<Mishap> result = few_mishaps();
  result.push_back(fault_of("lost request", FaultKind::lost_request));
  result.push_back(fault_of("late 500", FaultKind::late_status, 500));
  result.push_back(fault_of("503", FaultKind::status, 503));
  result.push_back(fault_of("429", FaultKind::status, 429));
  return result;
}

/// An apply on the way from one spec to another.
struct Journey {
  Wanted before;
  Wanted after;
  PlanOptions options;
};

/// What is there before a journey, so that it need not be made each time.
struct Start {
  explicit Start(const Wanted& before) {
    Site site(11);
    if (before.resources.empty()) return;
    REQUIRE(apply_on(site, before).report.complete());
    platform = site.platform.save();
    state = *site.files.bytes("state/test.json");
    time = site.clock.monotonic();
  }

  void put_on(Site& site) const {
    if (platform.is_null()) return;
    site.clock.wait(time);
    REQUIRE(site.platform.restore(platform));
    site.files.put("state/test.json", state);
  }

  Json platform;
  std::string state;
  Millis time{0};
};

/// Runs it with the mishap at its Nth mutation. False when there is no such mutation.
bool suffer(const Start& start, const Journey& journey, const Mishap& mishap, int nth,
            const std::string& what) {
  Site site(12);
  start.put_on(site);
  bool struck = false;
  std::string said;
  {
    EngineProcess process(site);
    (mishap.fault ? process.dying.strike_at : process.dying.die_at) = nth;
    process.dying.after = mishap.after;
    if (mishap.fault) process.dying.fault = *mishap.fault;
    try {
      const Run run = apply_in(process, journey.after, journey.options);
      said = run.said;
      CHECK_MESSAGE(!run.report.conflict, what, ": taken for somebody else's edit: ", said);
    } catch (const ProcessDied&) {
      site.files.restart();
    }
    struck = process.dying.mutations() >= nth;
  }
  CHECK_MESSAGE(!holds_text(on_disk(site), journey.after.token), what, ": a secret on the disk");
  if (!struck) return false;
  const Run again = apply_on(site, journey.after, journey.options);
  CHECK_MESSAGE(again.report.complete(), what, ": ", said, again.said);
  check_whole(site, journey.after, what);
  CHECK_MESSAGE(!holds_text(said + again.said, journey.after.token), what, ": a secret was said");
  return true;
}

/// Returns how many mutations there were.
int suffer_all(const std::string& name, const Journey& journey,
               const std::vector<Mishap>& mishaps = few_mishaps()) {
  const Start start(journey.before);
  int most = 0;
  for (const Mishap& mishap : mishaps) {
    for (int nth = 1; nth < 100; ++nth) {
      const std::string what = fmt::format("{}, {} at mutation {}", name, mishap.name, nth);
      if (!suffer(start, journey, mishap, nth, what)) break;
      most = std::max(most, nth);
    }
  }
  return most;
}

}  // namespace

TEST_CASE("law: whatever goes wrong while everything is made, one more apply mends") {
  CHECK(suffer_all("create", {Wanted(), Wanted(kInProfile), {}}) == 15);
}

TEST_CASE("law: whatever goes wrong while everything is changed, one more apply mends") {
  std::string text = kInProfile;
  text = edited(text, "description: First", "description: Second");
  text = edited(text, "sent: {type: integer}", "sent: {type: integer, title: Seconds}");
  text =
      edited(text, "tags: {", "place: {type: object, properties: {city: {type: string}}}, tags: {");
  text = edited(text, "namespace: Email", "namespace: Phone");
  text = edited(text, "description: First", "description: Second");
  text = edited(text, "name: Web", "name: Web events");
  text = edited(text, "secrets_version: 1", "secrets_version: 2");
  text = edited(text, "Hook source", "Hook's source");
  text = edited(text, "name: Hook flow", "name: Hook's flow, state: disabled");
  // Schema, group, identity, dataset, account, source, flow, and its state.
  CHECK(suffer_all("update", {Wanted(kInProfile), Wanted(text, kNewToken), {}}, all_mishaps()) ==
        8);
}

TEST_CASE("law: whatever goes wrong while everything is destroyed, one more destroy mends") {
  PlanOptions options;
  options.mode = PlanMode::destroy;
  options.allow_data_loss = true;
  CHECK(suffer_all("destroy", {Wanted(kWhole), Wanted(), options}) == 14);
}

TEST_CASE("law: whatever goes wrong while a schema is replaced, neither old nor new is lost") {
  PlanOptions options;
  options.allow_breaking = true;
  options.allow_data_loss = true;
  const std::string text = edited(edited(kWhole, "title: Events", "title: Newer events"),
                                  "sent: {type: integer}", "sent: {type: string}");
  CHECK(suffer_all("replace", {Wanted(kWhole), Wanted(text), options}, two_mishaps()) > 20);
}

TEST_CASE("law: whatever goes wrong while the primary identity moves, one more apply mends") {
  std::string text = edited(kWhole, "namespace: CIO, primary: true", "namespace: CIO");
  text = edited(text, "namespace: Email", "namespace: Email, primary: true");
  CHECK(suffer_all("primary", {Wanted(kWhole), Wanted(text), {}}) == 2);
  CHECK(suffer_all("primary back", {Wanted(text), Wanted(kWhole), {}}) == 2);
  const std::string gone = edited(text, ", identity: {namespace: CIO}", "");
  CHECK(suffer_all("primary gone", {Wanted(kWhole), Wanted(gone), {}}) == 2);
  CHECK(suffer_all("primary new", {Wanted(gone), Wanted(kWhole), {}}) == 2);
}

TEST_CASE("law: a field group that no schema has any more goes after the schema that had it") {
  std::string text = edited(kWhole, "title: Events", "title: Newer events");
  const std::size_t from = text.find("    fields:");
  text = text.erase(from, text.find("datasets:") - from);
  const std::size_t cut = text.find("pipelines:");
  const std::string before = kWhole.substr(0, kWhole.find("pipelines:"));
  PlanOptions options;
  options.allow_breaking = true;
  options.allow_data_loss = true;
  CHECK(suffer_all("without fields", {Wanted(before), Wanted(text.substr(0, cut)), options}) > 5);
}

TEST_CASE("law: a replacement that fails again and again makes its connections once") {
  const std::size_t clicks = kWhole.find("  clicks:");
  const std::string text =
      kWhole.substr(0, clicks) + edited(kWhole.substr(clicks), "{source: id, ", "{source: other, ");
  Site site(12);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  auto expected = census(site.platform);
  // The old ones stay until the new flow is there.
  ++expected["sourceConnections"];
  ++expected["targetConnections"];
  const Wanted wanted(text);
  for (int i = 0; i < 3; ++i) {
    site.platform.add_fault({FaultKind::status, "PUT", "/mappingSets", 400, ""});
    CHECK_FALSE(apply_on(site, wanted).report.complete());
    CHECK(census(site.platform) == expected);
  }
  CHECK(apply_on(site, wanted).report.complete());
  check_whole(site, wanted, "after all");
}
