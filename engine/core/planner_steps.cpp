#include "core/compare.hpp"
#include "core/planner_parts.hpp"

#include <algorithm>

namespace sluice::planner {

namespace {

/// The fields of `found` that `managed` names, so that a plan holds nothing of others' business.
Fields only(const Fields& found, const Fields& managed) {
  Fields result;
  for (const auto& [name, value] : managed) {
    const auto it = found.find(name);
    if (it != found.end()) result.emplace(name, it->second);
  }
  return result;
}

std::string deposed_key(const Address& address, const std::string& id) {
  return address.text() + "~" + id;
}

/// The removal of an address's present object, or its being forgotten when it is gone already.
Step removal(const Input& input, const Record& record, Reason reason) {
  Step step;
  step.key = record.address.text();
  step.address = record.address;
  step.kind = record.kind;
  step.name = record.name;
  step.id = record.id;
  step.depends_on = record.depends_on;
  step.protect = record.protect;
  step.reason = reason;
  step.action = Action::remove;
  const Observed* object = input.object(record.id);
  if (object == nullptr && input.options.refreshed) {
    step.action = Action::forget;
    step.reason = Reason::gone;
    return step;
  }
  step.etag = object != nullptr ? object->etag : record.etag;
  step.facts = object != nullptr ? object->facts : record.facts;
  step.before = object != nullptr ? only(object->fields, record.inputs) : record.inputs;
  return step;
}

Step deposed_removal(const Input& input, const Record& record, const Deposed& deposed) {
  Step step;
  step.key = deposed_key(record.address, deposed.id);
  step.address = record.address;
  step.kind = deposed.kind;
  step.name = record.name;
  step.id = deposed.id;
  step.deposed = true;
  step.reason = Reason::replaced_before;
  step.action = Action::remove;
  const Observed* object = input.object(deposed.id);
  if (object != nullptr) {
    step.etag = object->etag;
    step.facts = object->facts;
  } else if (input.options.refreshed) {
    step.action = Action::forget;
    step.reason = Reason::gone;
  } else {
    step.etag = deposed.etag;
  }
  return step;
}

bool makes(const Step& step) {
  return !step.deposed && step.action != Action::remove && step.action != Action::forget;
}

}  // namespace

std::vector<Drift> find_drift(const Input& input, const std::vector<Resource>& desired) {
  std::map<Address, const Resource*> by_address;
  for (const Resource& resource : desired)
    by_address[resource.address] = &resource;
  std::vector<Drift> result;
  for (const auto& [address, record] : input.recorded.records) {
    const Observed* object = input.object(record.id);
    if (object == nullptr || !input.is_selected(address)) continue;
    const auto wanted = by_address.find(address);
    const KindRules& rules = input.catalogue.rules(record.kind);
    for (FieldDifference& found : differences(rules, object->fields, record.inputs)) {
      const bool ignored =
          wanted != by_address.end() && wanted->second->ignore.contains(found.field);
      if (ignored) continue;
      result.push_back({address, found.field, std::move(found.right), std::move(found.left),
                        object->updated_by, object->updated_at});
    }
  }
  return result;
}

std::vector<NameClash> find_clashes(const Input& input, const std::vector<Step>& steps) {
  std::vector<NameClash> result;
  std::map<std::string, std::set<std::string>> owned;
  for (const Step& step : steps) {
    if (step.action != Action::create && step.action != Action::replace) continue;
    const auto kind = input.observed.by_name.find(step.kind);
    if (kind == input.observed.by_name.end()) continue;
    const auto named = kind->second.find(step.name);
    if (named == kind->second.end()) continue;
    if (!owned.contains(step.kind)) owned[step.kind] = input.recorded.ids_of(step.kind);
    NameClash clash{step.address, step.kind, step.name, {}};
    for (const Observed& object : named->second) {
      if (!owned[step.kind].contains(object.id)) clash.ids.push_back(object.id);
    }
    std::sort(clash.ids.begin(), clash.ids.end());
    if (!clash.ids.empty()) result.push_back(std::move(clash));
  }
  return result;
}

void add_steps(const Input& input, const Resource& resource, const Decision& decision,
               std::vector<Step>& steps) {
  Step step;
  step.key = resource.address.text();
  step.action = decision.action;
  step.reason = decision.reason;
  step.address = resource.address;
  step.kind = resource.kind;
  const auto name = resource.fields.find("name");
  if (name != resource.fields.end() && name->second.is_string()) {
    step.name = name->second.get<std::string>();
  }
  step.id = decision.id;
  step.etag = decision.etag;
  step.facts = decision.facts;
  step.before = only(decision.found, decision.wanted);
  step.after = decision.wanted;
  step.depends_on = resource.needs();
  step.protect = resource.protect;
  step.changes = decision.changes;
  const bool remade = decision.action == Action::replace || decision.reason == Reason::gone;
  if (remade) step.note = input.catalogue.rules(resource.kind).replacement_note;
  if (decision.action == Action::replace) {
    Step old;
    old.key = deposed_key(resource.address, decision.id);
    old.action = Action::remove;
    old.reason = decision.reason;
    old.address = resource.address;
    old.kind = resource.kind;
    old.name = step.name;
    old.id = decision.id;
    old.etag = decision.etag;
    old.facts = decision.facts;
    const Record* record = input.record(resource.address);
    if (record != nullptr) old.before = only(decision.found, record->inputs);
    old.deposed = true;
    steps.push_back(std::move(old));
  }
  steps.push_back(std::move(step));
}

void add_refresh_steps(const Input& input, std::vector<Step>& steps) {
  for (const auto& [address, record] : input.recorded.records) {
    const Observed* object = input.object(record.id);
    if (object == nullptr || !input.is_selected(address)) continue;
    Step step;
    step.key = address.text();
    step.address = address;
    step.kind = record.kind;
    step.name = record.name;
    step.id = record.id;
    step.etag = object->etag;
    step.facts = object->facts;
    step.before = record.inputs;
    step.after = only(object->fields, record.inputs);
    step.depends_on = record.depends_on;
    step.protect = record.protect;
    steps.push_back(std::move(step));
  }
}

void add_removals(const Input& input, std::vector<Step>& steps) {
  for (const auto& [address, record] : input.recorded.records) {
    if (!input.is_selected(address)) continue;
    const bool destroy = input.options.mode == PlanMode::destroy;
    const bool unwanted = destroy || !input.desired.contains(address);
    if (!record.id.empty()) {
      const bool gone = input.options.refreshed && input.object(record.id) == nullptr;
      const Reason reason = destroy ? Reason::destroyed : Reason::not_in_spec;
      if (input.options.mode == PlanMode::refresh_only ? gone : unwanted) {
        steps.push_back(removal(input, record, reason));
      }
    }
    if (input.options.mode == PlanMode::refresh_only) continue;
    for (const Deposed& deposed : record.deposed) {
      steps.push_back(deposed_removal(input, record, deposed));
    }
  }
}

void add_waits(const State& recorded, std::vector<Step>& steps) {
  std::map<Address, std::vector<std::string>> keys_at;  // Every step of an address.
  std::map<Address, std::string> maker_at;              // The one that makes or keeps it.
  std::map<Address, std::set<Address>> built_on;        // Recorded: who stands on an address.
  for (const Step& step : steps) {
    keys_at[step.address].push_back(step.key);
    if (makes(step)) maker_at[step.address] = step.key;
  }
  for (const auto& [address, record] : recorded.records) {
    for (const Address& need : record.depends_on)
      built_on[need].insert(address);
  }
  for (Step& step : steps) {
    std::set<std::string> waits;
    if (makes(step)) {
      for (const Address& need : step.depends_on) {
        if (maker_at.contains(need)) waits.insert(maker_at.at(need));
      }
    } else {
      for (const Address& other : built_on[step.address]) {
        waits.insert(keys_at[other].begin(), keys_at[other].end());
      }
      if (step.deposed && maker_at.contains(step.address)) {
        waits.insert(maker_at.at(step.address));
      }
    }
    step.waits_for.assign(waits.begin(), waits.end());
  }
}

}  // namespace sluice::planner
