// Nothing is deleted under something that stays, and what stays for that is deleted later.

#include "laws/whole_spec.hpp"
#include "report/text.hpp"

#include <algorithm>

using namespace sluice;
using namespace sluice::test;

namespace {

const Address kEvents = *Address::parse("datasets.events");

PlanOptions giving_up() {
  PlanOptions options;
  options.allow_breaking = true;
  options.allow_data_loss = true;
  return options;
}

PlanOptions giving_up_only(const Address& address) {
  PlanOptions options = giving_up();
  options.targets = {address};
  return options;
}

PlanOptions keeping_old() {
  PlanOptions options;
  options.allow_breaking = true;
  options.hold_old = true;
  return options;
}

std::string kept_in(const Plan& plan) {
  std::string text;
  for (const Kept& kept : plan.kept)
    text += kept.address.text() + " " + kept.id + ": " + kept.because + "\n";
  return text;
}

/// The targets on the platform that write to a dataset.
std::size_t targets_on(const emulator::Platform& platform, const std::string& dataset) {
  const auto ids = platform.ids("dev", "targetConnections");
  return static_cast<std::size_t>(std::count_if(ids.begin(), ids.end(), [&](const std::string& id) {
    return holds_text(platform.object("targetConnections", id).dump(), dataset);
  }));
}

std::string old_dataset(const Site& site) {
  return id_of(site.platform, "dataSets", "name", "Events data");
}

/// The spec without what stands between two of its texts.
std::string without(const std::string& spec, const std::string& from, const std::string& to) {
  const std::size_t at = spec.find(from);
  return edited(spec, spec.substr(at, spec.find(to) - at), "");
}

/// Ends each run of `options` one mutation later than the one before, until `reached` holds.
template <typename Reached>
void die_until(Site& site, const Wanted& wanted, const PlanOptions& options, Reached reached) {
  for (int nth = 1; nth < 12; ++nth) {
    {
      EngineProcess process(site);
      process.dying.die_at = nth;
      CHECK_THROWS_AS(apply_in(process, wanted, options), ProcessDied);
    }
    site.files.restart();
    EngineProcess other(site);
    if (reached(other.engine.store().read())) return;
  }
  FAIL("no run came that far");
}

}  // namespace

TEST_CASE("law: a dataset stays as long as a pipeline that is not chosen writes to it") {
  const Wanted wanted(kReplaced);
  Site site(40);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string old = old_dataset(site);

  const Run run = apply_on(site, wanted, giving_up_only(kEvents));
  INFO(run.said);
  CHECK(run.report.complete());
  CHECK(targets_on(site.platform, old) == 2);
  CHECK(!site.platform.object("dataSets", old).is_null());
  CHECK_MESSAGE(holds_text(kept_in(run.plan), "datasets.events " + old +
                                                  ": it was replaced, and pipelines.clicks.target "
                                                  "stands on it"),
                kept_in(run.plan));
  CHECK(holds_text(kept_in(run.plan), "schemas.events"));
  CHECK(holds_text(report::plan_text(run.plan, {}), "The old one is kept."));

  // The same once more changes nothing; the whole moves the pipelines, and then lets go of it.
  CHECK_FALSE(plan_on(site, wanted, giving_up_only(kEvents)).has_changes());
  CHECK(apply_on(site, wanted, giving_up()).report.complete());
  check_whole(site, wanted, "all of it");
}

TEST_CASE("law: a dataset stays as long as what was replaced and held writes to it") {
  const Wanted wanted(kReplaced);
  Site site(41);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string old = old_dataset(site);
  REQUIRE(apply_on(site, wanted, keeping_old()).report.complete());

  const Run run = apply_on(site, wanted, giving_up_only(kEvents));
  CHECK(run.report.complete());
  CHECK(!site.platform.object("dataSets", old).is_null());
  CHECK_MESSAGE(holds_text(kept_in(run.plan), "what was replaced of pipelines.clicks.target"),
                kept_in(run.plan));
  CHECK(apply_on(site, wanted, giving_up()).report.complete());
  check_whole(site, wanted, "all of it");
}

TEST_CASE("law: a dataset that leaves the spec stays as long as what is held writes to it") {
  const std::string two =
      edited(kWhole, "datasets:\n",
             "datasets:\n  other: {name: Other data, schema: \"${schemas.events}\"}\n");
  std::string text = without(two, "  events: {name: Events data", "accounts:");
  for (int pipeline = 0; pipeline < 2; ++pipeline)
    text = edited(text, "${datasets.events}", "${datasets.other}");
  const Wanted wanted(text);
  Site site(42);
  REQUIRE(apply_on(site, Wanted(two)).report.complete());
  const std::string old = old_dataset(site);

  PlanOptions options = keeping_old();
  options.allow_data_loss = true;
  const Run run = apply_on(site, wanted, options);
  INFO(run.said);
  CHECK(run.report.complete());
  CHECK(targets_on(site.platform, old) == 2);
  CHECK(!site.platform.object("dataSets", old).is_null());
  CHECK_MESSAGE(holds_text(kept_in(run.plan),
                           "datasets.events " + old +
                               ": what was replaced of pipelines.clicks.target stands on it"),
                kept_in(run.plan));
  CHECK(apply_on(site, wanted, giving_up()).report.complete());
  check_whole(site, wanted, "all of it");
}

namespace {

/// A dataset was replaced, and the run ended before the pipelines came to stand on the new one.
struct HalfReplaced {
  explicit HalfReplaced(std::uint64_t seed) : site(seed) {
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    old = old_dataset(site);
    const auto is_replaced = [](const State& state) {
      return !state.records.at(kEvents).deposed.empty();
    };
    die_until(site, Wanted(kReplaced), giving_up(), is_replaced);
    REQUIRE(targets_on(site.platform, old) == 2);
  }

  /// The old dataset is there and in use, and no later plan or destroy takes it away.
  void check_stays(const Wanted& wanted, std::size_t users) {
    CHECK(apply_on(site, wanted, giving_up()).report.complete());
    CHECK_FALSE(plan_on(site, wanted, giving_up()).has_changes());
    PlanOptions destroy = giving_up();
    destroy.mode = PlanMode::destroy;
    // The account, which the state knows still, is in use where it does not look any more.
    for (int turn = 0; turn < 2; ++turn)
      (void)apply_on(site, wanted, destroy);
    CHECK(!site.platform.object("dataSets", old).is_null());
    CHECK(targets_on(site.platform, old) == users);
  }

  Site site;
  std::string old;
};

const std::string kLetGoHook = "removed: [{address: pipelines.hook, destroy: false}]\n";
const std::string kHookLetGo = without(kReplaced, "  hook:", "  clicks:") + kLetGoHook;
const std::string kAllLetGo = kReplaced.substr(0, kReplaced.find("pipelines:")) +
                              "removed: [{address: pipelines.hook, destroy: false}, "
                              "{address: pipelines.clicks, destroy: false}]\n";

}  // namespace

TEST_CASE("law: what is let go keeps what it stands on, also when that was replaced") {
  HalfReplaced half(43);
  const Wanted wanted(kAllLetGo);
  CHECK(apply_on(half.site, wanted, giving_up()).report.complete());
  half.check_stays(wanted, 2);
}

TEST_CASE("law: what is let go keeps what it stands on, wherever the letting go breaks off") {
  const Wanted wanted(kHookLetGo);
  for (int nth = 1; nth < 30; ++nth) {
    HalfReplaced half(47);
    bool died = false;
    {
      EngineProcess process(half.site);
      process.dying.die_at = nth;
      try {
        (void)apply_in(process, wanted, giving_up());
      } catch (const ProcessDied&) {
        died = true;
      }
    }
    half.site.files.restart();
    INFO("died at mutation ", nth);
    half.check_stays(wanted, 1);
    if (died) continue;
    CHECK(nth > 3);
    return;
  }
  FAIL("it never came to its end");
}

TEST_CASE("law: what is let go keeps what was replaced and is held, or not chosen") {
  const Wanted wanted(kAllLetGo);
  HalfReplaced held(48);
  PlanOptions hold = keeping_old();
  hold.allow_data_loss = true;
  CHECK(apply_on(held.site, wanted, hold).report.complete());
  held.check_stays(wanted, 2);

  HalfReplaced apart(49);
  PlanOptions only = giving_up();
  only.targets = {*Address::parse("pipelines.hook.flow"), *Address::parse("pipelines.hook.source"),
                  *Address::parse("pipelines.hook.target"),
                  *Address::parse("pipelines.hook.mapping")};
  CHECK(apply_on(apart.site, Wanted(kHookLetGo), only).report.complete());
  apart.check_stays(Wanted(kHookLetGo), 1);
}

TEST_CASE("law: nothing is replaced under what is let go, be the old one held or not") {
  for (const bool hold : {false, true}) {
    Site site(50);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    PlanOptions options = giving_up();
    options.hold_old = hold;
    std::string said;
    try {
      (void)plan_on(site, Wanted(kAllLetGo), options);
    } catch (const std::runtime_error& refused) {
      said = refused.what();
    }
    CHECK_MESSAGE(holds_text(said, "which is let go and stays, stands on it"), said);
  }
}

TEST_CASE("law: a destroy leaves what is let go on its feet") {
  Site site(51);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string old = old_dataset(site);
  const Wanted wanted(without(kWhole, "  hook:", "  clicks:") + kLetGoHook);
  for (const bool loses : {false, true}) {
    PlanOptions destroy;
    destroy.mode = PlanMode::destroy;
    destroy.allow_data_loss = loses;
    CHECK(apply_on(site, wanted, destroy).report.complete());
    CHECK(!site.platform.object("dataSets", old).is_null());
    CHECK(targets_on(site.platform, old) == 1);
    CHECK(site.platform.ids("dev", "flows").size() == 1);
  }
  EngineProcess process(site);
  CHECK(process.engine.store().read().records.empty());
}

TEST_CASE("law: an account stays as long as a source does that the spec no longer ties to it") {
  // What the connector stands for is written out, since the connector insists on an account.
  const std::string pipelines = kWhole.substr(kWhole.find("  clicks:"));
  const std::string account = "account: \"${accounts.web}\", ";
  const std::string written = "  clicks:\n    source: {" + account + R"(connection_spec: {
        id: bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb, version: "1.0"}}
    target: {dataset: "${datasets.events}", connection_spec: {
        id: c604ff05-7f1a-43c0-8e18-33bf874cb11c, version: "1.0"}}
    mapping: [{source: id, destination: _extconndev.cioId}]
    flow: {flow_spec: {id: c1a19761-d2c7-4702-b9fa-fe91f0613e81, version: "1.0"}}
)";
  const std::string whole = edited(kWhole, pipelines, written);
  const Wanted wanted(without(edited(whole, account, ""), "accounts:", "pipelines:"));
  Site site(52);
  REQUIRE(apply_on(site, Wanted(whole)).report.complete());
  for (int turn = 0; turn < 2; ++turn) {
    const Run run = apply_on(site, wanted);
    INFO(run.said);
    CHECK(run.report.complete());
    CHECK(holds_text(kept_in(run.plan), "pipelines.clicks.source stands on it"));
    CHECK(site.platform.ids("dev", "connections").size() == 1);
  }
}

TEST_CASE("law: a schema that is held keeps the identities that its successor has not") {
  Site site(53);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string old = id_of(site.platform, "descriptors", "xdm:namespace", "Email");
  const Wanted wanted(edited(kReplaced, ", identity: {namespace: Email}", ""));
  const Run run = apply_on(site, wanted, keeping_old());
  INFO(run.said);
  CHECK(run.report.complete());
  CHECK(!site.platform.object("descriptors", old).is_null());
  CHECK(apply_on(site, wanted, giving_up()).report.complete());
  check_whole(site, wanted, "all of it");
}

TEST_CASE("law: what the platform did not delete is in nobody's way") {
  emulator::Switches switches;
  switches.mapping_delete_status = 501;
  Site site(54, switches);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  PlanOptions replace;
  replace.replace = {*Address::parse("pipelines.hook.mapping")};
  for (int turn = 0; turn < 2; ++turn) {
    CHECK(plan_on(site, Wanted(kWhole), replace).clashes.empty());
    CHECK(apply_on(site, Wanted(kWhole), replace).report.complete());
  }
}

TEST_CASE("law: a pipeline is let go as a whole in the middle of its replacement") {
  Site site(44);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const Address source = *Address::parse("pipelines.hook.source");
  const std::string flow = id_of(site.platform, "flows", "name", "Hook flow");
  PlanOptions replace;
  replace.replace = {source};
  const auto is_replaced = [&](const State& state) {
    return !state.records.at(source).deposed.empty();
  };
  die_until(site, Wanted(kWhole), replace, is_replaced);

  const Wanted wanted(without(kWhole, "  hook:", "  clicks:") +
                      "removed: [{address: pipelines.hook, destroy: false}]\n");
  const Run run = apply_on(site, wanted);
  INFO(run.said);
  CHECK(run.report.complete());
  CHECK(!site.platform.object("flows", flow).is_null());
  const Json kept = site.platform.object("flows", flow);
  for (const std::string id : kept.at("sourceConnectionIds"))
    CHECK(!site.platform.object("sourceConnections", id).is_null());
  CHECK_FALSE(plan_on(site, wanted).has_changes());
  EngineProcess process(site);
  for (const auto& [address, record] : process.engine.store().read().records)
    CHECK(address.key != "hook");
}

TEST_CASE("law: an object moves to an address of which only what was replaced is left") {
  const std::string two =
      edited(kWhole, "datasets:\n",
             "datasets:\n  other: {name: Other data, schema: \"${schemas.events}\"}\n");
  Site site(46);
  REQUIRE(apply_on(site, Wanted(two)).report.complete());
  PlanOptions replace = keeping_old();
  replace.replace = {*Address::parse("datasets.other")};
  REQUIRE(apply_on(site, Wanted(two), replace).report.complete());
  PlanOptions keep = keeping_old();
  keep.allow_data_loss = true;
  REQUIRE(apply_on(site, Wanted(kWhole), keep).report.complete());

  std::string text = edited(kWhole, "  events: {name: Events data", "  other: {name: Events data");
  for (int pipeline = 0; pipeline < 2; ++pipeline)
    text = edited(text, "${datasets.events}", "${datasets.other}");
  const Wanted wanted(text + "moved: [{from: datasets.events, to: datasets.other}]\n");
  const std::string moved = old_dataset(site);
  CHECK(apply_on(site, wanted, giving_up()).report.complete());
  check_whole(site, wanted, "moved");
  CHECK(old_dataset(site) == moved);
}

TEST_CASE("law: what the spec names by its id is not deleted") {
  Site site(45);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string old = old_dataset(site);
  std::string text = without(kWhole, "datasets:", "accounts:");
  for (int pipeline = 0; pipeline < 2; ++pipeline)
    text = edited(text, "\"${datasets.events}\"", old + ", schema: {id: \"${schemas.events}\"}");
  const Wanted wanted(text);
  const Run run = apply_on(site, wanted, giving_up());
  INFO(run.said);
  CHECK(run.report.complete());
  CHECK(!site.platform.object("dataSets", old).is_null());
  CHECK_MESSAGE(holds_text(kept_in(run.plan),
                           "datasets.events " + old + ": pipelines.clicks.target stands on it"),
                kept_in(run.plan));
}
