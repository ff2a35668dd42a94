#pragma once

// Plans built by hand, as the planner would make them for a pipeline named "events".

#include "core/plan.hpp"

#include <string>

namespace sluice::test {

inline Address part(const std::string& name) {
  return {"pipelines", "events", "", name};
}

inline Json ref(const std::string& text) {
  return {{"$ref", text}};
}

inline Plan empty_plan() {
  Plan plan;
  plan.id = "6f1d8a4e-0000-4000-8000-000000000001";
  plan.spec_name = "customerio";
  plan.place = {"https://platform.adobe.io", "745F37C35E4B776E0A49421B@AdobeOrg", "dev"};
  plan.lineage = "0b5ee3a2-0000-4000-8000-000000000002";
  plan.serial = 3;
  return plan;
}

inline Step step(const std::string& of, const std::string& kind, Action action, Reason reason) {
  Step result;
  result.address = part(of);
  result.key = result.address.text();
  result.kind = kind;
  result.action = action;
  result.reason = reason;
  return result;
}

inline Step step_on(const std::string& of, const std::string& kind, Action action, Reason reason,
                    const std::string& id, const std::string& name) {
  Step result = step(of, kind, action, reason);
  result.id = id;
  result.name = name;
  return result;
}

/// The removal of the object that `replacement` replaces.
inline Step old_half(const Step& replacement) {
  Step result = step_on("", replacement.kind, Action::remove, replacement.reason, replacement.id,
                        replacement.name);
  result.address = replacement.address;
  result.key = replacement.key + "~" + replacement.id;
  result.deposed = true;
  result.waits_for = {replacement.key};
  return result;
}

constexpr const char* kSourceId = "1b1a8b0e-3c55-4f57-9d0e-57a9c3d3f001";
constexpr const char* kTargetId = "2c2b9c1f-4d66-4068-8e1f-68bad4e4f002";
constexpr const char* kMappingId = "3d3cad20a1b74f0c9f2079cbe5f5f003";
constexpr const char* kFlowId = "4e4dbe31-5e77-4179-a031-8adcf606f004";
constexpr const char* kFlowName = "Streaming Dataflow for Customer.io";

/// Everything new.
inline Plan create_plan() {
  Plan plan = empty_plan();
  plan.environment = "prod";
  plan.place.sandbox = "prod";
  Step mapping = step("mapping", "mappingSet", Action::create, Reason::not_recorded);
  mapping.after = {
      {"name", "customerio events mapping"},
      {"schema.id", "https://ns.adobe.com/extconndev/schemas/9d3c1f"},
      {"schema.version", "1"},
      {"rows",
       {{"_extconndev.cio_id", {{"type", "attribute"}, {"source", "data.identifiers.cio_id"}}},
        {"_extconndev.timestampx", {{"type", "expression"}, {"source", "to_integer(timestamp)"}}},
        {"_extconndev.vendor", {{"type", "static"}, {"source", "customer.io"}}}}}};
  Step source = step("source", "sourceConnection", Action::create, Reason::not_recorded);
  source.after = {{"connection_spec.id", "96479064-7b8a-4d69-b9ed-21c5683837ea"},
                  {"connection_spec.version", "1.0"},
                  {"format", "json"},
                  {"name", "Streaming Source Connection for Customer.io"}};
  Step flow = step("flow", "flow", Action::create, Reason::not_recorded);
  flow.after = {{"description", {{"$join", {"fed by ", ref("pipelines.events.source.id")}}}},
                {"mapping.id", ref("pipelines.events.mapping.id")},
                {"mapping.version", ref("pipelines.events.mapping.version")},
                {"name", kFlowName},
                {"source", ref("pipelines.events.source.id")},
                {"state", "enabled"},
                {"target", "2c2b9c1f-4d66-4068-8e1f-68bad4e4f002"}};
  plan.steps = {mapping, source, flow};
  return plan;
}

/// Some of everything: an update of what drifted, a replacement that draws the flow with it, an
/// object left over, an entry to forget, and a name that is taken.
inline Plan mixed_plan() {
  Plan plan = empty_plan();
  Step source =
      step_on("source", "sourceConnection", Action::update, Reason::spec_and_drift, kSourceId, "");
  source.after = {{"name", "Customer.io (EU)"}, {"description", "from the spec"}};
  source.changes = {{"description", "by hand", "from the spec", Cause::drift, false},
                    {"name", "Customer.io", "Customer.io (EU)", Cause::spec, false}};
  Step mapping = step_on("mapping", "mappingSet", Action::update, Reason::spec_changed, kMappingId,
                         "customerio events mapping");
  mapping.changes = {{"rows[_extconndev.cio_id]",
                      {{"type", "attribute"}, {"source", "data.cio_id"}},
                      {{"type", "attribute"}, {"source", "data.identifiers.cio_id"}},
                      Cause::spec,
                      false},
                     {"rows[_extconndev.email]",
                      nullptr,
                      {{"type", "expression"}, {"source", "lower(data.email)"}},
                      Cause::spec,
                      false},
                     {"rows[_extconndev.phone]",
                      {{"type", "attribute"}, {"source", "data.phone"}},
                      nullptr,
                      Cause::spec,
                      false}};
  Step target = step_on("target", "targetConnection", Action::replace, Reason::create_only,
                        kTargetId, "Streaming Target Connection for Customer.io");
  target.changes = {
      {"dataset", "64a1f0c2b7d3e81c2f9a0001", "64a1f0c2b7d3e81c2f9a0002", Cause::spec, true}};
  Step flow = step_on("flow", "flow", Action::replace, Reason::create_only, kFlowId, kFlowName);
  flow.changes = {
      {"mapping.version", 3, ref("pipelines.events.mapping.version"), Cause::follows, false},
      {"target", kTargetId, ref("pipelines.events.target.id"), Cause::follows, true}};
  flow.note =
      "The inlet URL will change: point the webhook that posts to it at the new one "
      "(`sluice output`).";
  Step left = step_on("flow", "flow", Action::remove, Reason::replaced_before,
                      "5f5ecf42-6f88-428a-b142-9bed0717f005", kFlowName);
  left.key += "~" + left.id;
  left.deposed = true;
  Step gone = step_on("flow", "flow", Action::forget, Reason::gone,
                      "6a6fd053-7a99-439b-8253-acfe1828f006", "Brand A flow");
  gone.address = {"pipelines", "brands", "brand-a", "flow"};
  gone.key = gone.address.text();
  Step same = step_on("source", "sourceConnection", Action::noop, Reason::equal,
                      "7b70e164-8baa-44ac-9364-bd0f2939f007", "Untouched");
  plan.steps = {source, mapping, target, flow, old_half(flow), old_half(target), left, gone, same};
  plan.drift = {{part("source"), "description", "from the spec", "by hand", "someone@example.com",
                 1'767'323'045'000}};
  plan.clashes = {
      {part("flow"),
       "flow",
       kFlowName,
       {"8c81f275-9cbb-45bd-a475-ce103a4af008", "9d920386-adcc-46ce-b586-df214b5bf009"}}};
  return plan;
}

}  // namespace sluice::test
