#pragma once

// Resources, and a world in which they have been applied, for tests of what is decided from them.
// The catalogue repeats the rules of the kinds from the design, so that a test of the planner does
// not depend on how `kinds/` writes them.

#include "core/planner.hpp"
#include "core/value.hpp"

#include <cassert>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

inline const std::string kFlow = "pipelines.a.flow";
inline const std::string kMapping = "pipelines.a.mapping";
inline const std::string kSource = "pipelines.a.source";
inline const std::string kTarget = "pipelines.a.target";

inline Address addr(std::string_view text) {
  const auto address = Address::parse(text);
  assert(address);
  return *address;
}

inline Json refer(std::string_view text) {
  const auto reference = Reference::parse(text);
  assert(reference);
  return reference_value(*reference);
}

inline Catalogue catalogue() {
  const auto in_place = FieldClass::in_place;
  const auto create_only = FieldClass::create_only;
  Catalogue result;
  result.kinds["sourceConnection"] = {"sourceConnection",
                                      "source",
                                      {{"name", in_place, Equality::exact},
                                       {"description", in_place, Equality::text},
                                       {"provider_id", FieldClass::write_only, Equality::exact},
                                       {"format", create_only, Equality::exact}},
                                      {"id"},
                                      {"target", "flow"},
                                      {}};
  result.kinds["targetConnection"] = {"targetConnection",
                                      "target",
                                      {{"name", in_place, Equality::exact},
                                       {"description", in_place, Equality::text},
                                       {"dataset", create_only, Equality::exact},
                                       {"schema.version", create_only, Equality::version}},
                                      {"id"},
                                      {"source", "flow"},
                                      {}};
  result.kinds["mappingSet"] = {"mappingSet",
                                "mapping",
                                {{"name", in_place, Equality::if_told},
                                 {"schema.id", create_only, Equality::exact},
                                 {"rows", in_place, Equality::keyed}},
                                {"id", "version"},
                                {},
                                {}};
  result.kinds["flow"] = {"flow",
                          "flow",
                          {{"name", in_place, Equality::exact},
                           {"description", in_place, Equality::text},
                           {"flow_spec.id", create_only, Equality::exact},
                           {"source", create_only, Equality::exact},
                           {"target", create_only, Equality::exact},
                           {"mapping.id", in_place, Equality::exact},
                           {"mapping.version", in_place, Equality::exact},
                           {"state", in_place, Equality::if_told}},
                          {"id", "inlet_url", "webhook_url", "state"},
                          {"source", "target"},
                          "The inlet URL will change."};
  return result;
}

inline Json row(const std::string& source) {
  return {{"type", "attribute"}, {"source", source}};
}

/// The four parts of a pipeline, as a spec reader would give them.
inline std::vector<Resource> pipeline(const std::string& key) {
  const std::string at = "pipelines." + key + ".";
  const auto part = [&at](const std::string& name, const std::string& kind, Fields fields) {
    Resource resource;
    resource.address = addr(at + name);
    resource.kind = kind;
    resource.fields = std::move(fields);
    return resource;
  };
  return {part("source", "sourceConnection",
               {{"name", key + " source"}, {"provider_id", "provider"}, {"format", "json"}}),
          part("target", "targetConnection",
               {{"name", key + " target"}, {"dataset", "dataset-1"}, {"schema.version", "1"}}),
          part("mapping", "mappingSet",
               {{"name", key + " mapping"},
                {"schema.id", "schema-1"},
                {"rows", {{"_t.email", row("data.email")}, {"_t.id", row("data.id")}}}}),
          part("flow", "flow",
               {{"name", key + " flow"},
                {"description", "Events"},
                {"flow_spec.id", "streaming"},
                {"source", refer(at + "source.id")},
                {"target", refer(at + "target.id")},
                {"mapping.id", refer(at + "mapping.id")},
                {"mapping.version", refer(at + "mapping.version")},
                {"state", "enabled"}})};
}

/// Desired, recorded and observed, which start out equal and which a test then moves apart.
struct World {
  std::vector<Resource> desired;
  State state;
  ObservedWorld observed;
  PlanOptions options;

  Resource& want(std::string_view address) {
    for (Resource& resource : desired) {
      if (resource.address == addr(address)) return resource;
    }
    assert(false);
    return desired.front();
  }
  Record& record(std::string_view address) { return state.records.at(addr(address)); }
  Observed& object(std::string_view address) { return observed.objects.at(record(address).id); }

  /// Somebody deleted the object.
  void lose(std::string_view address) { observed.objects.erase(record(address).id); }

  /// The spec no longer has this pipeline.
  void drop(const std::string& key) {
    std::erase_if(desired,
                  [&key](const Resource& resource) { return resource.address.key == key; });
  }

  std::optional<Plan> plan(Diagnostics& diagnostics) const {
    return make_plan(desired, state, options.refreshed ? observed : ObservedWorld{}, catalogue(),
                     options, diagnostics);
  }
  Plan plan() const {
    Diagnostics diagnostics;
    std::optional<Plan> made = plan(diagnostics);
    assert(made);
    return std::move(*made);
  }
};

inline std::string id_of(std::string_view address) {
  return "id:" + std::string(address);
}

/// Where `desired` has been applied and nobody touched anything since.
inline World applied(const std::vector<Resource>& desired) {
  World world;
  world.desired = desired;
  world.state.lineage = "lineage-1";
  world.state.serial = 7;
  const Lookup known = [](const Reference& reference) -> std::optional<Json> {
    if (reference.attribute == "version") return Json(0);
    return Json(id_of(reference.address.text()));
  };
  for (const Resource& resource : desired) {
    Record record;
    record.address = resource.address;
    record.kind = resource.kind;
    record.id = id_of(resource.address.text());
    record.etag = "\"etag of " + resource.address.text() + "\"";
    for (const auto& [name, value] : resource.fields)
      record.inputs[name] = *resolve(value, known);
    record.name = record.inputs.at("name").get<std::string>();
    record.depends_on = resource.needs();
    record.protect = resource.protect;
    if (resource.kind == "mappingSet") record.facts = {{"version", 0}};

    Observed object;
    object.id = record.id;
    object.etag = record.etag;
    object.fields = record.inputs;
    object.fields.erase("provider_id");  // The platform does not tell it back.
    object.facts = record.facts;
    object.updated_by = "somebody@example.com";
    object.updated_at = 1'700'000'000'000;
    world.observed.looked_up.insert(object.id);
    world.observed.objects[object.id] = std::move(object);
    world.state.records[record.address] = std::move(record);
  }
  return world;
}

inline World applied_pipeline() {
  return applied(pipeline("a"));
}

/// Two pipelines; the description of b's flow names a's flow.
inline World applied_pair() {
  std::vector<Resource> desired = pipeline("a");
  for (Resource& resource : pipeline("b"))
    desired.push_back(std::move(resource));
  desired.back().fields["description"] = {
      {"$join", Json::array({"After ", refer("pipelines.a.flow.id")})}};
  return applied(desired);
}

/// One line for each step that does something, in the plan's order: "update pipelines.a.flow:
/// spec_changed".
inline std::string story(const Plan& plan) {
  std::string text;
  for (const Step& step : plan.steps) {
    if (step.action == Action::noop) continue;
    text += std::string(action_name(step.action)) + " " + step.key + ": " +
            std::string(reason_name(step.reason)) + "\n";
  }
  return text;
}

inline const Step& step_of(const Plan& plan, std::string_view key) {
  for (const Step& step : plan.steps) {
    if (step.key == key) return step;
  }
  assert(false);
  return plan.steps.front();
}

/// Of a plan that does not outlive the call, a copy.
inline Step step_of(Plan&& plan, std::string_view key) {
  const Plan& kept = plan;
  return step_of(kept, key);
}

/// One line for each change of a step: "description: "x" -> "y" (spec)", with "!" at the end where
/// it forces a replacement.
inline std::string changes_of(const Step& step) {
  std::string text;
  for (const Change& change : step.changes) {
    text += change.field + ": " + change.before.dump() + " -> " + change.after.dump() + " (" +
            std::string(cause_name(change.cause)) + ")" +
            (change.forces_replacement ? "!\n" : "\n");
  }
  return text;
}

/// An earlier run replaced the object and did not get to deleting it.
inline void leave_behind(World& world, const std::string& address, const std::string& id) {
  Record& record = world.record(address);
  record.deposed.push_back({id, record.kind, "\"old\"", "2026-01-01T00:00:00Z", "replaced"});
  Observed object = world.object(address);
  object.id = id;
  object.etag = "\"seen\"";
  world.observed.looked_up.insert(id);
  world.observed.objects[id] = object;
}

}  // namespace sluice::test
