#pragma once

// A state with something in every field.

#include "core/resource.hpp"

namespace sluice::test {

inline const std::string kPath = "state/x.json";
inline const std::string kTool = "sluice 0.1.0";

inline Address address(std::string_view text) {
  return Address::parse(text).value();
}

inline Record sample_record(std::string_view where, const std::string& id) {
  Record record;
  record.address = address(where);
  record.kind = "flow";
  record.id = id;
  record.etag = "\"4600-1\"";
  record.name = "Orders";
  record.inputs = {{"name", "Orders"}, {"schema.id", "https://ns/1"}, {"limit", 2.5}};
  record.depends_on = {address("datasets.events"), address("schemas.events")};
  record.protect = true;
  record.facts = {{"version", 3}};
  record.deposed = {{"old-1",
                     "flow",
                     "\"1\"",
                     "2026-01-02T03:04:05Z",
                     "replaced",
                     {{"name", "Orders before"}},
                     {{"version", 2}}}};
  return record;
}

inline PendingIntent sample_intent(const std::string& op, std::string_view where) {
  PendingIntent intent;
  intent.op = op;
  intent.action = "create";
  intent.address = address(where);
  intent.kind = "flow";
  intent.id = "x";
  intent.name = "Orders";
  intent.inputs = {{"name", "Orders \u00e9 \"\n"}};
  intent.depends_on = {address("datasets.events")};
  intent.protect = true;
  intent.facts = {{"version", 1}};
  intent.since = "2026-01-02T03:04:05Z";
  intent.server_time = 1'760'000'000'123;
  intent.replaces = true;
  intent.client = "client-1";
  return intent;
}

inline State sample_state() {
  State state;
  state.lineage = "11111111-2222-4333-8444-555555555555";
  state.serial = 4;
  state.spec_name = "orders";
  state.environment = "dev";
  state.place = {"https://platform.example", "org@x", "sandbox-1"};
  state.applied_plan = "plan-1";
  state.applied_by = "ann@host";
  for (const char* where : {"pipelines.events[\"brand-a\"].flow", "datasets.events"}) {
    Record record = sample_record(where, std::string("id of ") + where);
    state.records[record.address] = record;
  }
  state.pending["op-1"] = sample_intent("op-1", "pipelines.events[\"brand-b\"].flow");
  return state;
}

}  // namespace sluice::test
