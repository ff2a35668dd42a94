#include "core/plan.hpp"
#include "support/builders.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// A plan in which no member has its default.
Plan full_plan() {
  Step first;
  first.key = "pipelines.a.source";
  first.action = Action::replace;
  first.reason = Reason::create_only;
  first.address = addr("pipelines.a.source");
  first.kind = "sourceConnection";
  first.name = "a \"source\"\n\xC3\xA9";
  first.id = "id-1";
  first.etag = "\"etag-1\"";
  first.facts = {{"version", 3}};
  first.before = {{"format", "json"}, {"nothing", nullptr}};
  first.after = {{"format", "xml"}, {"rows", Json::object()}};
  first.protect = true;
  first.changes = {{"format", "json", "xml", Cause::both, true},
                   {"rows[x]", nullptr, row("data.x"), Cause::drift, false}};
  first.note = "Said next to it.";
  Step second;
  second.key = "pipelines.a.flow~id-2";
  second.action = Action::remove;
  second.reason = Reason::follows;
  second.address = addr("pipelines.a.flow");
  second.kind = "flow";
  second.depends_on = {addr("pipelines.a.source"), addr("pipelines.a[\"x\"].flow")};
  second.deposed = true;
  second.waits_for = {"pipelines.a.source"};
  second.after = {{"source", refer("pipelines.a.source.id")}};

  Plan plan;
  plan.id = "plan-1";
  plan.mode = PlanMode::destroy;
  plan.refreshed = false;
  plan.spec_name = "customerio";
  plan.environment = "prod";
  plan.spec_hash = "hash";
  plan.place = {"https://example.com", "org", "dev"};
  plan.ims = "https://ims-na1.adobelogin.com";
  plan.state_path = "state/x.json";
  plan.lineage = "lineage-1";
  plan.serial = std::numeric_limits<std::int64_t>::max();
  plan.steps = {first, second};
  plan.drift = {
      {addr("pipelines.a.flow"), "name", "a", nullptr, "somebody", 1'700'000'000'000, "id-7"}};
  plan.clashes = {{addr("pipelines.a.flow"), "flow", "a flow", {"id-8", "id-9"}}};
  plan.outputs = {{"url", refer("pipelines.a.flow.inlet_url")}, {"text", "fixed"}};
  return plan;
}

/// What the reader says of a document, which must be an error and only one.
std::string refusal(const std::string& text) {
  Diagnostics diagnostics;
  const auto plan = plan_from_text(text, diagnostics);
  if (plan || diagnostics.list().size() != 1 || !diagnostics.has_errors()) return "accepted";
  return diagnostics.list().front().summary;
}

std::string refusal(const Json& document) {
  return refusal(document.dump());
}

Json full_document() {
  return plan_to_json(full_plan());
}

/// The full document with one member, named as a JSON pointer, set to something else.
Json with(const std::string& pointer, Json value) {
  Json document = full_document();
  document[Json::json_pointer(pointer)] = std::move(value);
  return document;
}

/// Every member of every object of the document, but not what lies inside fields, which are free.
std::vector<std::string> members(const Json& document) {
  std::vector<std::string> result;
  for (const auto& [key, value] : document.items())
    result.push_back("/" + key);
  for (const char* list : {"/steps/0", "/drift/0", "/clashes/0", "/steps/0/changes/0"}) {
    for (const auto& [key, value] : document.at(Json::json_pointer(list)).items())
      result.push_back(std::string(list) + "/" + key);
  }
  return result;
}

/// Members that may hold any JSON.
bool is_free(const std::string& member) {
  for (const char* end : {"/changes/0/before", "/changes/0/after", "/recorded", "/observed"}) {
    if (member.ends_with(end)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("plan_to_json: what is written is read back whole") {
  Diagnostics diagnostics;
  for (const PlanMode mode : {PlanMode::normal, PlanMode::destroy, PlanMode::refresh_only}) {
    Plan plan = full_plan();
    plan.mode = mode;
    const std::string text = plan_to_json(plan).dump();
    const auto read = plan_from_text(text, diagnostics);
    REQUIRE(read);
    CHECK(*read == plan);
    CHECK(plan_to_json(*read).dump() == text);
  }
  CHECK(diagnostics.list().empty());
}

TEST_CASE("plan_from_text: what is nested deeper than any reply is no plan, however deep") {
  const auto said_of = [](std::size_t depth) {
    std::string text = with("/outputs", {{"x", "HERE"}}).dump();
    const std::string nested = std::string(depth, '[') + std::string(depth, ']');
    text.replace(text.find("\"HERE\""), 6, nested);
    Diagnostics diagnostics;
    const auto plan = plan_from_text(text, diagnostics);
    return plan ? "accepted" : diagnostics.list().at(0).summary;
  };
  CHECK(said_of(64) == "accepted");
  for (const std::size_t depth : {100U, 200'000U})
    CHECK(said_of(depth) == "This is not a plan file of sluice: it is nested too deep");
}

TEST_CASE("plan_to_json: every action, reason and cause has a word of its own that is read back") {
  Diagnostics diagnostics;
  const auto reread = [&diagnostics](const Plan& plan) {
    const auto read = plan_from_text(plan_to_json(plan).dump(), diagnostics);
    return read && *read == plan;
  };
  for (int i = 0; i <= static_cast<int>(Action::noop); ++i) {
    Plan plan = full_plan();
    plan.steps[0].action = static_cast<Action>(i);
    CHECK_MESSAGE(reread(plan), i);
  }
  for (int i = 0; i <= static_cast<int>(Reason::replaced_before); ++i) {
    Plan plan = full_plan();
    plan.steps[0].reason = static_cast<Reason>(i);
    CHECK_MESSAGE(reread(plan), i);
  }
  for (int i = 0; i <= static_cast<int>(Cause::follows); ++i) {
    Plan plan = full_plan();
    plan.steps[0].changes[0].cause = static_cast<Cause>(i);
    CHECK_MESSAGE(reread(plan), i);
  }
}

TEST_CASE("plan_from_text: an empty plan is a plan") {
  Diagnostics diagnostics;
  const auto read = plan_from_text(plan_to_json(Plan{}).dump(), diagnostics);
  REQUIRE(read);
  CHECK(*read == Plan{});
}

TEST_CASE("plan_from_text: what is no plan is refused") {
  for (const Json& document : {Json(), Json(5), Json("plan"), Json::array(), Json::object(),
                               Json{{"format_version", 1}}, Json::array({full_document()})}) {
    CHECK_MESSAGE(refusal(document).starts_with("This is not a plan file of sluice"),
                  document.dump());
  }
}

TEST_CASE("plan_from_text: a member that is missing is named") {
  for (const std::string& member : members(full_document())) {
    Json document = full_document();
    const Json::json_pointer pointer(member);
    document[pointer.parent_pointer()].erase(pointer.back());
    const std::string said = refusal(document);
    CHECK_MESSAGE(said.starts_with("This is not a plan file of sluice"), member);
    CHECK_MESSAGE(said.find("\"" + pointer.back() + "\"") != std::string::npos, said);
  }
}

TEST_CASE("plan_from_text: a member of the wrong type is refused") {
  const std::vector<Json> values = {nullptr, true, 5, -0.5, "text", Json::array({1}), {{"a", 1}}};
  for (const std::string& member : members(full_document())) {
    if (is_free(member)) continue;
    const Json right = full_document().at(Json::json_pointer(member));
    for (const Json& value : values) {
      if (value.type() == right.type() || (value.is_number_integer() && right.is_number())) {
        continue;
      }
      CHECK_MESSAGE(refusal(with(member, value)) != "accepted", member, " = ", value.dump());
    }
  }
}

TEST_CASE("plan_from_text: a word that is not known is refused and repeated") {
  for (const char* member : {"/mode", "/steps/0/action", "/steps/0/reason", "/steps/0/address",
                             "/steps/0/changes/0/cause", "/steps/1/depends_on/0",
                             "/drift/0/address", "/clashes/0/address"}) {
    for (const char* word : {"", "explode", "Normal", "normal "}) {
      const std::string said = refusal(with(member, word));
      CHECK_MESSAGE(said.find("\"" + std::string(word) + "\"") != std::string::npos, member, said);
    }
  }
}

TEST_CASE("plan_from_text: numbers that no plan has are refused") {
  for (const char* member : {"/serial", "/drift/0/updated_at"}) {
    for (const Json& number :
         {Json(1e300), Json(1.5), Json(true), Json(std::numeric_limits<std::uint64_t>::max()),
          Json(std::numeric_limits<double>::infinity()), Json("7")}) {
      CHECK_MESSAGE(refusal(with(member, number)) != "accepted", member, " = ", number.dump());
    }
  }
  for (const Json& version :
       {Json(0), Json(1), Json(2), Json(4), Json(-1), Json("1"), Json(1.5), Json(true)})
    CHECK_MESSAGE(refusal(with("/format_version", version)) != "accepted", version.dump());
}

TEST_CASE("plan_from_text: a newer format is told apart from a damaged file") {
  CHECK(refusal(with("/format_version", 4)).find("format_version is 4") != std::string::npos);
}

TEST_CASE("plan_from_text: text that is no UTF-8 is refused without a throw") {
  // The note may be any text that can be one.
  for (const char* member : {"/mode", "/steps/0/address", "/steps/0/note"}) {
    std::string text = with(member, "HERE").dump();
    text.replace(text.find("HERE"), 4, "\xFF\xFE");
    CHECK_MESSAGE(refusal(text) != "accepted", member);
  }
}

TEST_CASE("plan_from_text: steps that could not be carried out in their order are refused") {
  CHECK(refusal(with("/steps/1/key", "pipelines.a.source")) != "accepted");
  CHECK(refusal(with("/steps/1/waits_for/0", "pipelines.nowhere.flow")) != "accepted");
  CHECK(refusal(with("/steps/0/waits_for", Json::array({"pipelines.a.source"}))) != "accepted");
  Json document = full_document();
  std::swap(document["steps"][0], document["steps"][1]);
  CHECK(refusal(document) != "accepted");
}

TEST_CASE("Plan: has_changes is true when applying would do anything") {
  Plan plan;
  CHECK_FALSE(plan.has_changes());
  plan.steps.emplace_back();
  CHECK_FALSE(plan.has_changes());
  plan.drift = full_plan().drift;
  CHECK_FALSE(plan.has_changes());
  plan.mode = PlanMode::refresh_only;
  CHECK_FALSE(plan.has_changes());  // What drifted was replaced.
  plan.drift.front().deposed.clear();
  CHECK(plan.has_changes());
  plan.mode = PlanMode::normal;
  for (const Action action :
       {Action::create, Action::update, Action::replace, Action::remove, Action::forget}) {
    plan.steps.back().action = action;
    CHECK(plan.has_changes());
  }
}

TEST_CASE("count: a replacement counts once, an object left over by an earlier run by itself") {
  Plan plan;
  const auto add = [&plan](Action action, Reason reason, bool deposed) {
    Step step;
    step.action = action;
    step.reason = reason;
    step.deposed = deposed;
    plan.steps.push_back(step);
  };
  add(Action::create, Reason::not_recorded, false);
  add(Action::update, Reason::drifted, false);
  add(Action::update, Reason::spec_changed, false);
  add(Action::replace, Reason::create_only, false);
  add(Action::remove, Reason::create_only, true);
  add(Action::remove, Reason::replaced_before, true);
  add(Action::remove, Reason::not_in_spec, false);
  add(Action::remove, Reason::destroyed, false);
  add(Action::forget, Reason::gone, false);
  add(Action::noop, Reason::equal, false);
  const PlanCounts counts = count(plan);
  CHECK(counts.create == 1);
  CHECK(counts.update == 2);
  CHECK(counts.replace == 1);
  CHECK(counts.remove == 3);
  CHECK(counts.forget == 1);
}
