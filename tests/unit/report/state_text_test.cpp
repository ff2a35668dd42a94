#include "plans.hpp"
#include "report/text.hpp"
#include "support/golden.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <string>

using namespace sluice;
using namespace sluice::test;
using report::state_text;

namespace {

Record mapping_record() {
  Record record;
  record.address = part("mapping");
  record.kind = "mappingSet";
  record.id = kMappingId;
  record.name = "customerio events mapping";
  record.inputs = {
      {"name", record.name},
      {"rows", {{"_extconndev.cio_id", {{"type", "attribute"}, {"source", "data.cio_id"}}}}}};
  record.facts = {{"version", 3}};
  return record;
}

State state() {
  State result;
  result.lineage = "0b5ee3a2-0000-4000-8000-000000000002";
  result.serial = 12;
  result.spec_name = "customerio";
  result.environment = "prod";
  result.place = {"https://platform.adobe.io", "745F37C35E4B776E0A49421B@AdobeOrg", "prod"};
  result.applied_plan = "6f1d8a4e-0000-4000-8000-000000000001";
  result.applied_by = "ci@runner-7 https://ci.example.com/run/42";
  Record flow;
  flow.address = part("flow");
  flow.kind = "flow";
  flow.id = kFlowId;
  flow.name = kFlowName;
  flow.inputs = {{"source", kSourceId}, {"state", "enabled"}};
  flow.depends_on = {part("mapping"), part("source"), part("target")};
  flow.protect = true;
  flow.deposed = {
      {"5f5ecf42-6f88-428a-b142-9bed0717f005", "flow", "", "2026-01-02T03:04:05Z", "create_only"}};
  PendingIntent intent;
  intent.action = "create";
  intent.address = part("target");
  intent.name = "Target";
  intent.since = "2026-01-02T03:04:05Z";
  result.records = {{flow.address, flow}, {part("mapping"), mapping_record()}};
  result.pending = {{"op-1", intent}};
  return result;
}

}  // namespace

TEST_CASE("state_text: a whole state looks as it was designed") {
  check_golden("state/state.txt", state_text(state(), {}));
}

TEST_CASE("state_text: says when there is none, or nothing in it") {
  CHECK(state_text(State(), {}) == "There is no state yet: nothing has been applied.\n");
  State empty = state();
  empty.records.clear();
  empty.pending.clear();
  CHECK(state_text(empty, {}).ends_with("\n\nIt holds no resources.\n"));
}

TEST_CASE("state_text: colour is only added, and others' text is harmless") {
  State hostile = state();
  hostile.applied_by = "eve\n::error::\x1b[2J";
  const std::string text = state_text(hostile, {});
  const std::regex code("\x1b\\[[0-9]+m");
  CHECK(std::regex_replace(state_text(hostile, {true}), code, "") == text);
  CHECK(text.find("  applied by: eve\\n::error::\\x1b[2J\n") != std::string::npos);
}

TEST_CASE("record_text: shows one record with its fields and what the platform told of it") {
  CHECK(report::record_text(mapping_record(), {}) ==
        "    pipelines.events.mapping  mapping set\n"
        "        id: 3d3cad20a1b74f0c9f2079cbe5f5f003\n"
        "        name: \"customerio events mapping\"\n"
        "        rows (1):\n"
        "          _extconndev.cio_id <- data.cio_id\n"
        "        version: 3  (told by the platform)\n");
}

TEST_CASE("record_text: what is left is only a replaced object") {
  Record record;
  record.address = part("flow");
  record.kind = "flow";
  record.deposed = {{"old", "flow", "", "", ""}};
  CHECK(report::record_text(record, {}) ==
        "    pipelines.events.flow  flow\n"
        "        replaced, not deleted yet: flow old\n");
}
