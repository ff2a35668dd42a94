// Other people's edits that come between what is looked at and what is written, where no etag
// tells.

#include "laws/whole_spec.hpp"
#include "report/text.hpp"

#include <optional>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("law: an entry that somebody adds before ours is not overwritten") {
  const Json::json_pointer more("/customFields/properties/_extconndev/properties/more");
  const Json theirs = {{"type", "string"}, {"title", "Theirs"}, {"description", "By a colleague"}};
  const Wanted wanted(edited(
      kWhole, "sent: {", "more: {type: string, title: Ours, description: By us}\n      sent: {"));
  for (const bool looked : {true, false}) {
    Site site(30);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const std::string group = id_of(site.platform, "fieldgroups", "title", "Events fields");
    EngineProcess process(site);
    process.engine.before_apply = [&] {
      Json definitions = site.platform.object("fieldgroups", group).at("definitions");
      definitions[more] = theirs;
      REQUIRE(site.platform.edit("fieldgroups", group, "definitions", definitions));
    };
    PlanOptions options;
    options.refreshed = looked;
    const Run run = apply_in(process, wanted, options);
    INFO(run.said);
    CHECK(run.report.conflict);
    CHECK(holds_text(run.said, "properties[more] was nothing and is now {"));
    const Json definitions = site.platform.object("fieldgroups", group).at("definitions");
    CHECK(definitions.at(more).at("description") == "By a colleague");
  }
}

TEST_CASE("law: no mapping set is deleted under an edit, whichever version is told first") {
  for (const bool first : {false, true}) {
    emulator::Switches switches;
    if (first) switches.default_mapping_version = emulator::Switches::MappingVersion::first;
    Site site(31, switches);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const std::string set = site.platform.ids("dev", "mappingSets").front();
    PlanOptions destroy;
    destroy.mode = PlanMode::destroy;
    destroy.allow_data_loss = true;
    EngineProcess process(site);
    process.engine.before_apply = [&] {
      Json rows = site.platform.object("mappingSets", set).at("mappings");
      rows[0]["source"] = "theirs";
      REQUIRE(site.platform.edit("mappingSets", set, "mappings", rows));
    };
    const Run run = apply_in(process, Wanted(), destroy);
    INFO(run.said);
    CHECK(run.report.conflict);
    CHECK(!site.platform.object("mappingSets", set).is_null());
  }
}

namespace {

/// Makes new objects in the place of others, and keeps those.
PlanOptions holding() {
  PlanOptions options;
  options.allow_breaking = true;
  options.replace = {*Address::parse("pipelines.hook.mapping")};
  options.hold_old = true;
  return options;
}

PlanOptions losing(bool looked) {
  PlanOptions options;
  options.allow_breaking = true;
  options.allow_data_loss = true;
  options.refreshed = looked;
  return options;
}

/// An edit of an object that was replaced and held.
struct LateEdit {
  std::string collection;
  std::string field;
  std::string title;  ///< The old object's.
};

const std::vector<LateEdit> kLateEdits = {{"dataSets", "description", "Events data"},
                                          {"schemas", "title", "Events"},
                                          {"fieldgroups", "title", "Events fields"},
                                          {"mappingSets", "mappings", {}}};

std::string old_of(const emulator::Platform& platform, const LateEdit& edit) {
  if (edit.title.empty()) return platform.ids("dev", edit.collection).front();
  const bool is_named = edit.collection == "dataSets";
  return id_of(platform, edit.collection, is_named ? "name" : "title", edit.title);
}

void edit_late(emulator::Platform& platform, const LateEdit& edit, const std::string& id) {
  Json value = "Theirs";
  if (edit.field == "mappings") {
    value = platform.object(edit.collection, id).at("mappings");
    value[0]["source"] = "theirs";
  }
  REQUIRE(platform.edit(edit.collection, id, edit.field, value));
}

}  // namespace

TEST_CASE("law: what was replaced and held is not deleted under an edit") {
  const Wanted wanted(kReplaced);
  for (const LateEdit& edit : kLateEdits) {
    for (const bool looked : {true, false}) {
      INFO(edit.collection, looked ? ", looked at" : ", not looked at");
      Site site(28);
      REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
      const std::string old = old_of(site.platform, edit);
      REQUIRE(apply_on(site, wanted, holding()).report.complete());

      PlanOptions lose = losing(looked);
      std::optional<EngineProcess> process(site);
      process->engine.before_apply = [&] { edit_late(site.platform, edit, old); };
      const Run run = apply_in(*process, wanted, lose);
      process.reset();
      INFO(run.said);
      CHECK(run.report.conflict);
      CHECK(holds_text(run.said, "Somebody changed it since the plan"));
      CHECK(holds_text(run.said, "the next apply deletes it as it is then"));
      CHECK(!site.platform.object(edit.collection, old).is_null());

      // Who plans again sees it, and takes it into account.
      lose.refreshed = true;
      CHECK(apply_on(site, wanted, lose).report.complete());
      check_whole(site, wanted, "planned again");
      CHECK(site.platform.object(edit.collection, old).is_null());
    }
  }
}

TEST_CASE("law: a plan shows what somebody changed in what was replaced and held") {
  const Wanted wanted(kReplaced);
  for (const LateEdit& edit : kLateEdits) {
    Site site(32);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const std::string old = old_of(site.platform, edit);
    REQUIRE(apply_on(site, wanted, holding()).report.complete());
    PlanOptions refresh;
    refresh.mode = PlanMode::refresh_only;
    CHECK(plan_on(site, wanted, refresh).drift.empty());
    edit_late(site.platform, edit, old);
    const Plan plan = plan_on(site, wanted, losing(true));
    REQUIRE_MESSAGE(plan.drift.size() == 1, edit.collection);
    // The registry has two ids for each of its objects.
    const std::string& deposed = plan.drift.front().deposed;
    CHECK(deposed.substr(deposed.find_last_of("./") + 1) == old.substr(old.find_last_of("./") + 1));
    const std::string text = report::plan_text(plan, {});
    CHECK(holds_text(text, "what was replaced, id " + deposed));
    CHECK(holds_text(text, edit.field == "mappings" ? "theirs" : "Theirs"));
    CHECK(holds_text(text, "(apply deletes the object)"));
    CHECK_FALSE(plan_on(site, wanted, refresh).has_changes());
  }
}

TEST_CASE("law: what was replaced and held goes without a look when nobody edited it") {
  const Wanted wanted(kReplaced);
  Site site(29);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  REQUIRE(apply_on(site, wanted, holding()).report.complete());
  const Run run = apply_on(site, wanted, losing(false));
  CHECK_MESSAGE(run.report.complete(), run.said);
  check_whole(site, wanted, "without a look");
}
