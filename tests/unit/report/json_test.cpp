#include "report/json.hpp"

#include "plans.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace sluice;
using namespace sluice::test;

namespace {

std::set<std::string> keys(const Json& object) {
  std::set<std::string> result;
  for (const auto& [key, value] : object.items())
    result.insert(key);
  return result;
}

}  // namespace

TEST_CASE("plan_document: is the plan with a summary, and null for what is empty") {
  const Json document = report::plan_document(mixed_plan());
  CHECK(keys(document) ==
        std::set<std::string>{
            "format_version", "id",       "mode",    "refreshed", "spec",    "environment",
            "spec_hash",      "endpoint", "org",     "sandbox",   "ims",     "state_path",
            "lineage",        "serial",   "steps",   "drift",     "clashes", "kept",
            "unready",        "moves",    "renames", "outputs",   "changes", "summary"});
  CHECK(document.at("format_version") == 3);
  CHECK(document.at("changes") == true);
  CHECK(document.at("summary") ==
        Json({{"create", 0}, {"update", 2}, {"replace", 2}, {"delete", 1}, {"forget", 1}}));
  CHECK(document.at("environment").is_null());
  CHECK(document.at("steps").size() == 9);
  CHECK(document.at("steps").at(0).at("note").is_null());
  CHECK(document.at("steps").at(0).at("id") == kSourceId);
  CHECK(document.at("steps").at(3).at("changes").at(1) ==
        Json({{"field", "target"},
              {"before", kTargetId},
              {"after", {{"$ref", "pipelines.events.target.id"}}},
              {"cause", "follows"},
              {"forces_replacement", true},
              {"breaks", false}}));
  CHECK(document.at("drift").at(0).at("updated_at") == 1'767'323'045'000);
  CHECK(report::plan_document(create_plan()).at("steps").at(0).at("id").is_null());
  CHECK(report::plan_document(create_plan()).at("environment") == "prod");
}

TEST_CASE("plan_document: without changes it says so") {
  const Json document = report::plan_document(empty_plan());
  CHECK(document.at("changes") == false);
  CHECK(document.at("summary").at("create") == 0);
}

TEST_CASE("state_document: holds each record, and null for what is empty") {
  State state;
  state.lineage = "lineage";
  state.serial = 4;
  state.place = {"https://platform.adobe.io", "org", "dev"};
  Record record;
  record.address = part("flow");
  record.kind = "flow";
  record.id = kFlowId;
  record.inputs = {{"name", kFlowName}};
  record.depends_on = {part("source")};
  record.deposed = {{"old", "flow", "", "2026-01-02T03:04:05Z", "create_only"}};
  state.records[record.address] = record;
  PendingIntent intent;
  intent.action = "create";
  intent.address = part("target");
  state.pending["op"] = intent;

  const Json document = report::state_document(state);
  CHECK(document.at("format_version") == 1);
  CHECK(document.at("serial") == 4);
  CHECK(document.at("sandbox") == "dev");
  CHECK(document.at("environment").is_null());
  CHECK(document.at("pending").at(0).at("id").is_null());
  CHECK(document.at("pending").at(0).at("address") == "pipelines.events.target");
  CHECK(document.at("resources").size() == 1);
  const Json& shown = document.at("resources").at(0);
  CHECK(shown.at("fields") == Json({{"name", kFlowName}}));
  CHECK(shown.at("etag").is_null());
  CHECK(shown.at("depends_on") == Json::array({"pipelines.events.source"}));
  CHECK(shown.at("deposed").at(0).at("etag").is_null());
  CHECK(shown.at("deposed").at(0).at("id") == "old");
}

TEST_CASE("diagnostics_document: is valid without errors, and can be written whatever it quotes") {
  Diagnostics diagnostics;
  CHECK(report::diagnostics_document(diagnostics) ==
        Json({{"format_version", 1}, {"valid", true}, {"diagnostics", Json::array()}}));
  diagnostics.warning({}, "Only a warning");
  CHECK(report::diagnostics_document(diagnostics).at("valid") == true);

  diagnostics.add({Severity::error, {"x.yaml", 2, 3}, "Not UTF-8", "Save it as such.", "a\xff"});
  const Json document = report::diagnostics_document(diagnostics);
  CHECK(document.at("valid") == false);
  CHECK(document.at("diagnostics").at(0) == Json({{"severity", "warning"},
                                                  {"summary", "Only a warning"},
                                                  {"detail", nullptr},
                                                  {"file", nullptr},
                                                  {"line", nullptr},
                                                  {"column", nullptr},
                                                  {"excerpt", nullptr}}));
  CHECK(document.at("diagnostics").at(1).at("line") == 2);
  CHECK(document.at("diagnostics").at(1).at("excerpt") == "a\xef\xbf\xbd");
}
