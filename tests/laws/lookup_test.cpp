// Which object a create made whose answer was lost, and when only people can tell.

#include "core/fatal.hpp"
#include "laws/random_spec.hpp"
#include "laws/whole_spec.hpp"
#include "run/lookup.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr const char* kSource = "sourceConnections";

const Address kAddress = *Address::parse("pipelines.p.source");

std::vector<Resource> one_pipeline() {
  SeededRandom random(3);
  auto result = read_resources(spec_text({{"p", random_pipeline(random, "p", {})}}));
  for (Resource& resource : result) {
    if (resource.address == kAddress) resource.fields["description"] = "Ours";
  }
  return result;
}

/// A site on which a process died while its first create was on its way, and the platform has the
/// object: the source connection, whichever is sent first.
struct Orphaned {
  Orphaned() {
    for (int nth = 1; site.platform.ids("dev", kSource).empty(); ++nth) {
      REQUIRE(nth < 4);
      site.files.put("state/test.json.journal", "");
      EngineProcess process(site);
      process.dying.die_at = nth;
      process.dying.after = true;
      CHECK_THROWS_AS(process.engine.apply(desired), ProcessDied);
    }
    site.files.restart();
    id = site.platform.ids("dev", kSource).front();
  }

  /// What the next apply says, or nothing when all went well.
  std::string apply(const std::map<Address, std::string>& adopt = {}) {
    EngineProcess process(site);
    process.engine.options().adopt = adopt;
    try {
      const bool is_complete = process.engine.apply(desired).complete();
      CHECK(is_complete);
    } catch (const Fatal& fatal) {
      code = fatal.code();
      return fatal.diagnostic().summary + " | " + fatal.diagnostic().detail;
    }
    return {};
  }

  std::size_t sources() const { return site.platform.ids("dev", kSource).size(); }

  std::vector<Resource> desired = one_pipeline();
  Site site{5};
  std::string id;
  ExitCode code = ExitCode::done;
};

}  // namespace

TEST_CASE("look_up: an object that is as it was to be is taken over") {
  Orphaned place;
  CHECK(place.apply().empty());
  CHECK(place.sources() == 1);
}

TEST_CASE("look_up: one that somebody edited is not made again, and people choose") {
  Orphaned place;
  REQUIRE(place.site.platform.edit(kSource, place.id, "description", "by hand"));
  const std::string said = place.apply();
  CHECK(said ==
        "pipelines.p.source: The answer to the create of pipelines.p.source was lost, and one "
        "source connection named \"laws p source\" may be it: " +
            place.id +
            "; it is not as it was to be, so somebody may have edited it | Choose with `sluice "
            "apply --adopt pipelines.p.source=ID`, or `--adopt pipelines.p.source=none` if it is "
            "none of "
            "what is there.");
  CHECK(place.code == ExitCode::conflict);
  CHECK(place.sources() == 1);
  CHECK(place.apply({{kAddress, place.id}}).empty());
  CHECK(place.sources() == 1);
}

TEST_CASE("recover: what only people can tell stops its branch, and nothing else") {
  Orphaned place;
  REQUIRE(place.site.platform.edit(kSource, place.id, "description", "by hand"));
  SeededRandom random(4);
  std::vector<Resource> more = place.desired;
  for (const Resource& resource :
       read_resources(spec_text({{"q", random_pipeline(random, "q", {})}}))) {
    more.push_back(resource);
  }
  std::string said;
  {
    EngineProcess process(place.site);
    process.engine.goes_on_unclear = true;
    process.engine.options().on_event = [&said](const run::ApplyEvent& event) {
      if (event.kind == run::ApplyEvent::Kind::failed) said += event.detail + " " + event.advice;
    };
    const run::ApplyReport report = process.engine.apply(more);
    CHECK(report.failed == 1);
    CHECK(report.conflict);
    const State state = process.engine.store().read();
    CHECK(state.pending.size() == 1);
    CHECK(state.records.contains(*Address::parse("pipelines.q.flow")));
    CHECK_FALSE(state.records.contains(kAddress));
    CHECK_FALSE(state.records.contains(*Address::parse("pipelines.p.flow")));
  }
  CHECK(said.find("may be it: " + place.id) != std::string::npos);
  CHECK(place.sources() == 2);
  place.desired = more;
  CHECK(place.apply({{kAddress, place.id}}).empty());
  CHECK(place.sources() == 2);
}

TEST_CASE("recover: people may say that it made none of what is there") {
  Orphaned place;
  REQUIRE(place.site.platform.edit(kSource, place.id, "description", "by hand"));
  CHECK(!place.apply().empty());
  CHECK(place.apply({{kAddress, run::kNoneChosen}}).empty());
  CHECK(place.sources() == 2);
  const State state = EngineProcess(place.site).engine.store().read();
  CHECK(state.records.at(kAddress).id != place.id);
}

TEST_CASE("recover: what was chosen must be one that may be it, and is asked for once") {
  Orphaned place;
  const std::string no =
      "pipelines.p.source: no-such-id is no source connection that the lost create";
  CHECK(place.apply({{kAddress, "no-such-id"}}).starts_with(no));
  CHECK(place.code == ExitCode::conflict);
  CHECK(place.sources() == 1);
  // Whatever has another name was not made by it.
  REQUIRE(place.site.platform.edit(kSource, place.id, "name", "Another"));
  CHECK(place.apply({{kAddress, place.id}}).find(" is no source connection that") !=
        std::string::npos);
  CHECK(place.sources() == 1);

  State state;
  run::refuse_needless(state, {});
  CHECK_THROWS_AS(run::refuse_needless(state, {{kAddress, "id"}}), Fatal);
  state.records[kAddress].id = "id";
  run::refuse_needless(state, {{kAddress, "id"}});
  CHECK_THROWS_AS(run::refuse_needless(state, {{kAddress, "other"}}), Fatal);
}

TEST_CASE("recover: a plan tells of what only people can tell, and goes on") {
  Orphaned place;
  REQUIRE(place.site.platform.edit(kSource, place.id, "description", "by hand"));
  EngineProcess process(place.site);
  State state = process.engine.store().read();
  const auto lines = run::recover_in_memory(state, process.engine.remote(), {});
  CHECK(state.pending.size() == 1);
  CHECK(!state.records.contains(kAddress));
  CHECK(std::any_of(lines.begin(), lines.end(), [&place](const std::string& line) {
    return line.find("may be it: " + place.id) != std::string::npos;
  }));
}

TEST_CASE("look_up: what was sent with other credentials is found all the same") {
  Orphaned place;
  EngineProcess process(place.site);
  process.engine.options().own_client = "a-colleague";
  CHECK(process.engine.apply(place.desired).complete());
  CHECK(place.sources() == 1);
}

TEST_CASE("recover: of several lost creates people choose one after the other") {
  // All creates are on their way when the process dies, and somebody edits what they made.
  Site site{6};
  SeededRandom random(3);
  const auto desired = read_resources(spec_text(
      {{"p", random_pipeline(random, "p", {})}, {"q", random_pipeline(random, "q", {})}}));
  {
    EngineProcess process(site);
    process.dying.die_at = 2;
    process.dying.after = true;
    process.dying.keeps = true;
    CHECK_THROWS_AS(process.engine.apply(desired), ProcessDied);
  }
  site.files.restart();
  std::map<Address, std::string> made;
  for (const auto& [op, intent] : EngineProcess(site).engine.store().read().pending) {
    const std::string collection = intent.kind + "s";
    for (const std::string& id : site.platform.ids("dev", collection)) {
      if (site.platform.object(collection, id).at("name") != intent.name) continue;
      const bool is_set = collection == "mappingSets";
      const Json theirs = is_set ? Json::array() : Json{{"id", "another"}, {"version", "1.0"}};
      REQUIRE(site.platform.edit(collection, id, is_set ? "mappings" : "connectionSpec", theirs));
      made[intent.address] = id;
    }
  }
  REQUIRE(made.size() == 2);
  const auto apply = [&](const std::map<Address, std::string>& adopt) {
    EngineProcess process(site);
    process.engine.options().adopt = adopt;
    try {
      const bool is_complete = process.engine.apply(desired).complete();
      CHECK(is_complete);
    } catch (const Fatal& fatal) {
      CHECK(fatal.code() == ExitCode::conflict);
      return fatal.diagnostics().size();
    }
    return std::size_t{0};
  };
  CHECK(apply({}) == 2);
  CHECK(apply({*made.begin()}) == 1);
  CHECK(apply({*made.rbegin()}) == 0);
}

TEST_CASE("recover: a deletion that may still arrive is waited for") {
  Site site{7};
  const auto desired = one_pipeline();
  {
    EngineProcess process(site);
    REQUIRE(process.engine.apply(desired).complete());
  }
  for (const bool arrived : {true, false}) {
    {
      EngineProcess process(site);
      process.dying.die_at = 1;
      process.dying.after = arrived;
      CHECK_THROWS_AS(process.engine.apply({}), ProcessDied);
    }
    site.files.restart();
    const Millis begun = site.clock.monotonic();
    EngineProcess process(site);
    REQUIRE(process.engine.store().read().pending.size() == 1);
    process.engine.options().settle = Millis(45'000);
    CHECK(process.engine.apply(desired).complete());
    CHECK((site.clock.monotonic() - begun >= Millis(45'000)) == !arrived);
  }
}

namespace {

/// A site of the whole spec on which a process died when a create had made the first object for
/// which `is_it` holds.
struct Lost {
  Lost(std::uint64_t seed, const emulator::Switches& switches, std::string where,
       const std::function<bool(const Json&)>& is_it)
      : site(seed, switches), collection(std::move(where)) {
    for (int turn = 1; id.empty(); ++turn) {
      REQUIRE(turn < 20);
      before = site.platform.ids("dev", collection).size();
      {
        EngineProcess process(site);
        process.dying.die_at = 1;
        process.dying.after = true;
        CHECK_THROWS_AS(apply_in(process, wanted), ProcessDied);
      }
      site.files.restart();
      for (const std::string& each : site.platform.ids("dev", collection)) {
        if (is_it(site.platform.object(collection, each))) id = each;
      }
    }
  }

  /// What the next apply says of its create.
  std::string refused() {
    try {
      (void)apply_on(site, wanted);
    } catch (const Fatal& fatal) {
      CHECK(fatal.code() == ExitCode::conflict);
      CHECK(site.platform.ids("dev", collection).size() == before + 1);
      return fatal.what();
    }
    return {};
  }

  /// The apply that chooses it, and the next.
  void choose(const Address& address) {
    EngineProcess process(site);
    process.engine.options().adopt = {{address, id}};
    CHECK(apply_in(process, wanted).report.complete());
    check_whole(site, wanted, collection);
  }

  Wanted wanted{kWhole};
  Site site;
  std::string collection;
  std::string id;
  std::size_t before = 0;
};

}  // namespace

TEST_CASE("look_up: an identity that somebody edited is known by its field") {
  Lost lost(7, {}, "descriptors",
            [](const Json& object) { return object.value("xdm:namespace", "") == "Email"; });
  REQUIRE(lost.site.platform.edit("descriptors", lost.id, "xdm:namespace", "Phone"));
  CHECK_MESSAGE(holds_text(lost.refused(), "and one identity may be it: " + lost.id), lost.id);
  lost.choose(*Address::parse("schemas.events[\"email\"].identity"));
}

TEST_CASE("look_up: a mapping set whose name the platform keeps to itself is left to people") {
  emulator::Switches switches;
  switches.echo_mapping_name = false;
  Lost lost(8, switches, "mappingSets", [](const Json&) { return true; });
  const std::string said = lost.refused();
  CHECK_MESSAGE(holds_text(said, "and one mapping set whose name the platform does not tell"),
                said);
  CHECK(holds_text(said, lost.id));
  const bool is_hook = holds_text(said, "pipelines.hook.mapping");
  lost.choose(*Address::parse(is_hook ? "pipelines.hook.mapping" : "pipelines.clicks.mapping"));
}
