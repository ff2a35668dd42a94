#include "run/adopt.hpp"

#include "core/compare.hpp"
#include "core/fatal.hpp"
#include "core/planner.hpp"
#include "core/value.hpp"
#include "run/adopt_stores.hpp"
#include "spec/spec_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace sluice::run {

namespace {

struct PartKind {
  const char* part;
  const char* kind;
  const char* noun;
};
constexpr std::array kPipelineParts = {PartKind{"source", "sourceConnection", "source connection"},
                                       PartKind{"target", "targetConnection", "target connection"},
                                       PartKind{"mapping", "mappingSet", "mapping set"},
                                       PartKind{"flow", "flow", "flow"}};

/// How the walk marks a second row for a destination.
constexpr std::string_view kAgain = " (again)";

/// A flow with the key that it is to have.
struct Keyed {
  std::string key;
  const FoundFlow* found = nullptr;
};

/// What a text means, once it is read back and planned on.
struct Proof {
  std::string problem;  ///< Empty when the plan is empty.
  std::vector<Record> records;
};

std::string flow_name(const FoundFlow& found) {
  const auto name = found.flow.fields.find("name");
  return name != found.flow.fields.end() && name->second.is_string()
             ? name->second.get<std::string>()
             : std::string();
}

/// What the writer must not be given: values of a kind that the platform does not document.
std::string odd_value(const FoundFlow& found, const Catalogue& catalogue) {
  for (const PartKind& part : kPipelineParts) {
    for (const FieldRule& rule : catalogue.rules(part.kind).fields) {
      const Fields& fields = found.part(part.part).fields;
      const auto value = fields.find(rule.name);
      if (value == fields.end() || rule.equality == Equality::keyed) continue;
      if (value->second.is_string() || value->second.is_number()) continue;
      return fmt::format("{} of its {} is no text", rule.name, part.noun);
    }
  }
  const auto rows = found.mapping.fields.find("rows");
  if (rows == found.mapping.fields.end()) return "its mapping set tells of no rows";
  for (const auto& [destination, row] : rows->second.items()) {
    const std::string type = row.value("type", std::string());
    if (type != "attribute" && type != "expression" && type != "static") {
      return fmt::format("the row for {} of its mapping set is of the type {}", destination, type);
    }
    if (!destination.ends_with(kAgain)) continue;
    const std::string first = destination.substr(0, destination.size() - kAgain.size());
    if (rows->second.contains(first)) return "its mapping set has two rows for " + first;
  }
  return {};
}

/// What the spec says of one object: all that is told and may be said. What the language fills in
/// although the platform does not tell it is left to the platform, or it would differ for ever.
Resource resource_of(const Address& address, const KindRules& rules, const Observed& object,
                     const std::map<std::string, Json>& filled_in) {
  Resource resource;
  resource.address = address;
  resource.kind = rules.kind;
  for (const FieldRule& rule : rules.fields) {
    const auto value = object.fields.find(rule.name);
    if (value != object.fields.end()) {
      resource.fields[rule.name] = value->second;
    } else if (rule.is_told() && filled_in.contains(rule.name)) {
      resource.ignore.insert(rule.name);
    }
  }
  const auto description = resource.fields.find("description");
  if (description != resource.fields.end() && description->second == "") {
    resource.fields.erase(description);
  }
  return resource;
}

std::vector<Resource> resources_of(const Keyed& keyed, const FoundStores& stores,
                                   const Catalogue& catalogue) {
  const ConnectorPreset& preset =
      spec::fitting_preset(keyed.found->source.fields, keyed.found->flow.fields, catalogue);
  const std::map<std::string, Json> schema = {{"schema.id", ""}, {"schema.version", "1"}};
  std::map<std::string, Json> target = preset.target;
  target.insert(schema.begin(), schema.end());
  const std::array<const std::map<std::string, Json>*, 4> filled_in = {&preset.source, &target,
                                                                       &schema, &preset.flow};
  std::vector<Resource> resources;
  for (std::size_t at = 0; at < kPipelineParts.size(); ++at) {
    const PartKind& part = kPipelineParts[at];
    resources.push_back(resource_of({"pipelines", keyed.key, "", part.part},
                                    catalogue.rules(part.kind), keyed.found->part(part.part),
                                    *filled_in[at]));
  }
  Fields& target_fields = resources.at(1).fields;
  const auto dataset = target_fields.find("dataset");
  if (dataset != target_fields.end() && dataset->second.is_string()) {
    const auto key = stores.keys.find(dataset->second.get<std::string>());
    if (key != stores.keys.end()) {
      dataset->second = reference_value({{"datasets", key->second, "", ""}, "id"});
    }
  }
  // An enabled flow needs no word; people may stop it without a plan that starts it again.
  Fields& flow = resources.back().fields;
  const auto state = flow.find("state");
  if (state != flow.end() && state->second != "disabled") flow.erase(state);
  return resources;
}

/// The record that an apply of this resource would have left.
Record record_of(const Resource& resource, const Observed& object, const KindRules& rules,
                 const Lookup& known) {
  Record record;
  record.address = resource.address;
  record.kind = resource.kind;
  record.id = object.id;
  record.etag = object.etag;
  record.facts = object.facts;
  record.depends_on = resource.needs();
  record.protect = resource.protect;
  record.name = resource.fields.at("name").get<std::string>();
  for (const auto& [field, value] : resource.fields) {
    const auto found = object.fields.find(field);
    const bool ignored = resource.ignore.contains(field);
    const FieldRule* rule = rules.field(field);
    if (ignored && found != object.fields.end()) {
      record.inputs[field] = found->second;
    } else if (!ignored || (rule != nullptr && !rule->is_told())) {
      record.inputs[field] = resolve(value, known).value_or(Json());
    }
  }
  return record;
}

std::string part_of(const Address& address) {
  return address.section == "pipelines" ? address.part : address.text();
}

std::string changes_text(const Plan& plan) {
  std::vector<std::string> fields;
  for (const Step& step : plan.steps) {
    for (const Change& change : step.changes) {
      if (change.cause == Cause::follows) continue;
      fields.push_back(fmt::format("{} of its {}", change.field, part_of(step.address)));
    }
  }
  for (const Drift& drift : plan.drift)
    fields.push_back(fmt::format("{} of its {}", drift.field, part_of(drift.address)));
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  return fmt::format("a spec cannot say {}", fmt::join(fields, ", "));
}

/// Reads the text back and plans on what it says, what would be recorded and what was read: the
/// very thing that the next `sluice plan` does.
Proof prove(const std::string& text, const std::vector<Keyed>& flows, const FoundStores& stores,
            const Catalogue& catalogue) {
  Proof proof;
  Diagnostics diagnostics;
  const auto spec = spec::read_spec({{"the spec", text}}, {}, catalogue, diagnostics);
  if (!spec) {
    const Diagnostic error = diagnostics.sorted().front();
    proof.problem = "a spec cannot say it: " + error.summary;
    return proof;
  }
  std::map<Address, const Observed*> objects = store_objects(stores);
  for (const Keyed& keyed : flows) {
    for (const PartKind& part : kPipelineParts)
      objects[{"pipelines", keyed.key, "", part.part}] = &keyed.found->part(part.part);
  }
  const auto object_at = [&objects](const Address& address) -> const Observed& {
    return *objects.at(address);
  };
  const Lookup known = [&object_at](const Reference& reference) -> std::optional<Json> {
    const Observed& object = object_at(reference.address);
    return reference.attribute == "id" ? Json(object.id) : object.facts.at(reference.attribute);
  };
  State state;
  ObservedWorld world;
  for (const Resource& resource : spec->resources) {
    const Observed& object = object_at(resource.address);
    Record record = record_of(resource, object, catalogue.rules(resource.kind), known);
    state.records[record.address] = record;
    world.looked_up.insert(object.id);
    world.objects[object.id] = object;
    proof.records.push_back(std::move(record));
  }
  const auto plan = make_plan(spec->resources, state, world, catalogue, {}, diagnostics);
  assert(plan);
  if (plan->has_changes() || !plan->drift.empty()) proof.problem = changes_text(*plan);
  return proof;
}

std::string text_for(const std::string& name, const spec::PlatformPart& platform,
                     const std::vector<Keyed>& flows, const FoundStores& stores,
                     const Catalogue& catalogue) {
  spec::NewSpec spec{name, platform, store_resources(stores, catalogue)};
  for (const Keyed& keyed : flows) {
    for (Resource& resource : resources_of(keyed, stores, catalogue))
      spec.resources.push_back(std::move(resource));
  }
  return spec::spec_text(spec, catalogue);
}

/// Why this flow cannot be taken, all by itself; empty when it can.
std::string problem_of(const FoundFlow& found, const spec::PlatformPart& platform,
                       const Catalogue& catalogue) {
  std::string problem = odd_value(found, catalogue);
  if (!problem.empty()) return problem;
  const std::vector<Keyed> alone = {{"p", &found}};
  return prove(text_for("n", platform, alone, {}, catalogue), alone, {}, catalogue).problem;
}

/// Names of one kind differ within a spec: the first flow that bears one keeps it.
class Names {
 public:
  std::string problem_of(const FoundFlow& found) {
    for (const PartKind& part : kPipelineParts) {
      const Observed& object = found.part(part.part);
      const auto name = object.fields.find("name");
      if (name == object.fields.end()) continue;
      const auto first = taken_.find({part.kind, name->second.dump()});
      if (first == taken_.end()) continue;
      return fmt::format(
          "its {} has the same name as that of flow {}, and the names of one kind differ in a "
          "spec: rename one, or adopt them into a spec each",
          part.noun, first->second);
    }
    for (const PartKind& part : kPipelineParts) {
      const Observed& object = found.part(part.part);
      const auto name = object.fields.find("name");
      if (name != object.fields.end()) {
        taken_[{part.kind, name->second.dump()}] = found.flow.id;
      }
    }
    return {};
  }

 private:
  std::map<std::pair<std::string, std::string>, std::string> taken_;
};

}  // namespace

Adoption adopt_flows(const std::string& spec_name, const spec::PlatformPart& platform,
                     std::vector<FoundFlow> found, const FoundStores& stores,
                     const Catalogue& catalogue) {
  Adoption adoption;
  adoption.notes = stores.notes;
  std::stable_sort(found.begin(), found.end(), [](const FoundFlow& left, const FoundFlow& right) {
    return left.flow.created_at < right.flow.created_at;
  });
  Names names;
  std::vector<Keyed> flows;
  std::vector<std::string> flow_names;
  for (const FoundFlow& one : found) {
    std::string problem = problem_of(one, platform, catalogue);
    if (problem.empty()) problem = names.problem_of(one);
    if (!problem.empty()) {
      adoption.left_out.push_back({one.flow.id, flow_name(one), std::move(problem)});
      continue;
    }
    flows.push_back({{}, &one});
    flow_names.push_back(flow_name(one));
  }
  if (flows.empty()) return adoption;
  const std::vector<std::string> keys = unique_keys(flow_names);
  for (std::size_t at = 0; at < flows.size(); ++at)
    flows[at].key = keys[at];
  adoption.text = text_for(spec_name, platform, flows, stores, catalogue);
  const Proof proof = prove(adoption.text, flows, stores, catalogue);
  if (!proof.problem.empty()) {
    throw Fatal(
        ExitCode::failed, "These flows cannot stand in one spec: " + proof.problem,
        "Adopt them one by one, each with a --name of its own, or with datasets and schemas "
        "by their ids (without --with-dataset and --with-schema).");
  }
  for (const Keyed& keyed : flows) {
    AdoptedPipeline pipeline{keyed.key, {}, keyed.found->notes};
    for (const Record& record : proof.records) {
      const Address& address = record.address;
      if (address.section == "pipelines" && address.key == keyed.key) {
        pipeline.records.push_back(record);
      }
    }
    adoption.pipelines.push_back(std::move(pipeline));
  }
  std::map<std::pair<std::string, std::string>, AdoptedPipeline> others;
  for (const Record& record : proof.records) {
    const Address& address = record.address;
    if (address.section == "pipelines") continue;
    AdoptedPipeline& store = others[{address.section, address.key}];
    store.key = address.key;
    store.section = address.section;
    store.records.push_back(record);
  }
  for (auto& [key, store] : others)
    adoption.pipelines.push_back(std::move(store));
  return adoption;
}

}  // namespace sluice::run
