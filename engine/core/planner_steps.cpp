#include "core/compare.hpp"
#include "core/planner_parts.hpp"

#include <algorithm>
#include <cassert>

namespace sluice::planner {

namespace {

/// The fields of `found` that `managed` names, so that a plan holds nothing of others' business.
Fields only(const KindRules& rules, const Fields& found, const Fields& managed) {
  Fields result;
  for (const auto& [name, value] : managed) {
    const auto it = found.find(name);
    const FieldRule* rule = rules.field(name);
    if (it == found.end()) continue;
    result.emplace(name, rule == nullptr ? it->second : managed_part(*rule, it->second, value));
  }
  return result;
}

/// All that can be compared of an object whose managed fields nobody knows any more.
Fields told(const KindRules& rules, const Fields& found) {
  Fields result;
  for (const auto& [name, value] : found) {
    const FieldRule* rule = rules.field(name);
    const bool is_compared = rule != nullptr && rule->field_class != FieldClass::write_only &&
                             rule->field_class != FieldClass::recorded;
    if (is_compared) result.emplace(name, value);
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
  step.before = object != nullptr
                    ? only(input.catalogue.rules(record.kind), object->fields, record.inputs)
                    : record.inputs;
  return step;
}

}  // namespace

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
    const KindRules& rules = input.catalogue.rules(deposed.kind);
    step.before = deposed.inputs.empty() ? told(rules, object->fields)
                                         : only(rules, object->fields, deposed.inputs);
    // The record's name is that of the object which took its place.
    const auto name = object->fields.find("name");
    if (name != object->fields.end() && name->second.is_string()) {
      step.name = name->second.get<std::string>();
    }
  } else if (input.options.refreshed) {
    step.action = Action::forget;
    step.reason = Reason::gone;
  } else {
    step.etag = deposed.etag;
    step.facts = deposed.facts;
    step.before = deposed.inputs;
  }
  return step;
}

namespace {

/// The recorded inputs as they are now. What the platform does not tell back is believed.
Fields refreshed_inputs(const KindRules& rules, const Record& record, const Observed& object) {
  Fields result;
  for (const auto& [name, value] : record.inputs) {
    const auto found = object.fields.find(name);
    const FieldRule* rule = rules.field(name);
    if (found != object.fields.end() && rule != nullptr) {
      result[name] = managed_part(*rule, found->second, value);
    } else if (rule == nullptr || !rule->is_told()) {
      result[name] = value;
    }
  }
  return result;
}

/// What people must know of a step that makes a new object in the place of another.
std::string note_of(const Input& input, const Decision& decision) {
  std::string note;
  if (decision.action == Action::create && decision.reason != Reason::gone) {
    return input.catalogue.rules(decision.kind).creation_note;
  }
  if (decision.action != Action::replace && decision.reason != Reason::gone) return note;
  if (!decision.follows.section.empty()) {
    note = "It is replaced together with " + decision.follows.text() + ".";
  }
  const std::string& more = input.catalogue.rules(decision.kind).replacement_note;
  note += (note.empty() || more.empty() ? "" : " ") + more;
  if (decision.action == Action::replace && input.options.hold_old) {
    note += note.empty() ? "" : " ";
    note += "The old one stays until an apply without --hold-old.";
  }
  return note;
}

/// Whether the state would say the same after a step that does nothing else.
bool is_recorded(const Step& step, const Fields& fields, const Record* record) {
  return record != nullptr && record->inputs == fields && record->name == step.name &&
         record->depends_on == step.depends_on && record->protect == step.protect;
}

bool makes(const Step& step) {
  return !step.deposed && step.action != Action::remove && step.action != Action::forget;
}

bool is_true(const Fields& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found != fields.end() && found->second == true;
}

void add_wait(Step& step, const std::string& key) {
  const auto known = std::find(step.waits_for.begin(), step.waits_for.end(), key);
  if (key != step.key && known == step.waits_for.end()) step.waits_for.push_back(key);
}

/// Whoever takes a field that is true of one part of a whole at most waits for those that lose it.
/// The parts of a whole that is replaced are in nobody's way: they go with the old one.
void wait_for_givers(const Catalogue& catalogue, std::vector<Step>& steps) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> givers;
  for (const Step& step : steps) {
    const std::string& field = catalogue.rules(step.kind).sole_field;
    if (field.empty() || step.deposed || !is_true(step.before, field)) continue;
    const bool gives = step.action == Action::remove ||
                       (step.action == Action::update && !is_true(step.after, field));
    if (gives) givers[{step.kind, whole_of(step.address)}].push_back(step.key);
  }
  for (Step& step : steps) {
    const std::string& field = catalogue.rules(step.kind).sole_field;
    if (field.empty() || !makes(step) || !is_true(step.after, field)) continue;
    for (const std::string& key : givers[{step.kind, whole_of(step.address)}])
      add_wait(step, key);
  }
}

/// For each address, the step that makes or keeps its object. Looks into the steps.
class Makers {
 public:
  explicit Makers(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (makes(step)) sorted_.push_back(&step);
    }
    const auto is_before = [](const Step* left, const Step* right) {
      return left->address < right->address;
    };
    // Most plans come sorted, and to see that is a tenth of the work of sorting.
    if (!std::is_sorted(sorted_.begin(), sorted_.end(), is_before)) {
      std::sort(sorted_.begin(), sorted_.end(), is_before);
    }
  }

  const Step* find(const Address& address) const {
    const auto found = std::lower_bound(
        sorted_.begin(), sorted_.end(), address,
        [](const Step* step, const Address& wanted) { return step->address < wanted; });
    return found == sorted_.end() || (*found)->address != address ? nullptr : *found;
  }

 private:
  std::vector<const Step*> sorted_;
};

/// What a removal has to wait for: the steps of whatever is recorded to stand on the same address.
/// Most plans remove nothing and need none of it.
class Removals {
 public:
  Removals(const State& recorded, const std::vector<Step>& steps) {
    if (std::all_of(steps.begin(), steps.end(), makes)) return;
    for (const Step& step : steps)
      keys_at_[step.address].push_back(step.key);
    for (const auto& [address, record] : recorded.records) {
      for (const Address& need : record.depends_on)
        built_on_[need].insert(address);
    }
  }

  std::set<std::string> built_on(const Address& address) const {
    std::set<std::string> keys;
    const auto others = built_on_.find(address);
    if (others == built_on_.end()) return keys;
    for (const Address& other : others->second) {
      const auto steps = keys_at_.find(other);
      if (steps != keys_at_.end()) keys.insert(steps->second.begin(), steps->second.end());
    }
    return keys;
  }

 private:
  std::map<Address, std::vector<std::string>> keys_at_;
  std::map<Address, std::set<Address>> built_on_;
};

/// The state no longer says what a replaced object that was left over stands on, but the object
/// itself does: it names the ids.
void wait_for_leftovers(const Input& input, std::vector<Step>& steps) {
  std::map<std::string, std::vector<std::string>> leftovers;  // Keys, by what they stand on.
  for (const Step& step : steps) {
    const bool is_left = step.deposed && step.action == Action::remove;
    const Observed* object = is_left ? input.object(step.id) : nullptr;
    if (object == nullptr) continue;
    for (const Json& value : Json(object->fields).flatten()) {
      if (value.is_string()) leftovers[value.get<std::string>()].push_back(step.key);
    }
  }
  for (Step& step : steps) {
    if (step.action != Action::remove || !leftovers.contains(step.id)) continue;
    for (const std::string& key : leftovers.at(step.id))
      add_wait(step, key);
  }
}

/// What is forgotten and stays is forgotten from the bottom up. If a run ends in between, the next
/// one still knows of what stays on the platform, and deletes nothing under it.
class LettingGo {
 public:
  explicit LettingGo(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (!is_let_go(step)) continue;
      (step.deposed ? leftovers_ : present_).insert(step.key);
    }
  }

  std::set<std::string> before(const Step& step) const {
    if (step.deposed) return {};
    std::set<std::string> keys = leftovers_;
    for (const Address& need : step.depends_on) {
      const auto found = present_.find(need.text());
      if (found != present_.end()) keys.insert(*found);
    }
    return keys;
  }

 private:
  std::set<std::string> leftovers_;
  std::set<std::string> present_;
};

}  // namespace

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

void add_steps(const Input& input, const Wanted& wanted, Decision decision,
               std::vector<Step>& steps) {
  const Resource& resource = *wanted.resource;
  Step step;
  step.key = resource.address.text();
  step.action = decision.action;
  step.reason = decision.reason;
  step.address = resource.address;
  step.kind = resource.kind;
  const Fields& fields = decision.wanted_of(resource);
  const auto name = fields.find("name");
  if (name != fields.end() && name->second.is_string()) {
    step.name = name->second.get<std::string>();
  }
  step.id = decision.id;
  step.etag = decision.etag;
  step.facts = decision.facts;
  const KindRules& rules = input.catalogue.rules(resource.kind);
  if (decision.found != nullptr && step.action != Action::noop) {
    step.before = only(rules, *decision.found, fields);
  }
  step.depends_on = wanted.needs;
  step.protect = resource.protect;
  if (step.action != Action::noop || !is_recorded(step, fields, input.record(step.address))) {
    step.after = decision.wanted ? std::move(*decision.wanted) : resource.fields;
  }
  step.changes = std::move(decision.changes);
  step.note = note_of(input, decision);
  if (decision.action == Action::replace && !input.options.hold_old) {
    const Record* record = input.record(resource.address);
    assert(record != nullptr);
    Step old;
    old.key = deposed_key(resource.address, decision.id);
    old.action = Action::remove;
    old.reason = decision.reason;
    old.address = resource.address;
    old.kind = record->kind;
    old.name = record->name;
    old.id = decision.id;
    old.etag = decision.etag;
    old.facts = decision.facts;
    old.before =
        decision.found != nullptr ? only(rules, *decision.found, record->inputs) : record->inputs;
    old.deposed = true;
    steps.push_back(std::move(old));
  }
  steps.push_back(std::move(step));
}

void add_refresh_steps(const Input& input, std::vector<Step>& steps) {
  for (const auto& [address, record] : input.recorded.records) {
    if (record.id.empty() || !input.is_selected(address)) continue;
    const Observed* object = input.object(record.id);
    if (object == nullptr) continue;
    Step step;
    step.key = address.text();
    step.address = address;
    step.kind = record.kind;
    step.name = record.name;
    step.id = record.id;
    step.etag = object->etag;
    step.facts = object->facts;
    step.before = record.inputs;
    step.after = refreshed_inputs(input.catalogue.rules(record.kind), record, *object);
    step.depends_on = record.depends_on;
    step.protect = record.protect;
    steps.push_back(std::move(step));
  }
}

void add_removals(const Input& input, std::vector<Step>& steps) {
  const PlanMode mode = input.options.mode;
  const Reason reason = mode == PlanMode::destroy ? Reason::destroyed : Reason::not_in_spec;
  for (const auto& [address, record] : input.recorded.records) {
    if (!input.is_selected(address)) continue;
    std::vector<Step> found;
    const bool unwanted = mode != PlanMode::normal || !input.desired.contains(address);
    if (!record.id.empty() && unwanted) found.push_back(removal(input, record, reason));
    if (!found.empty() && input.options.let_go.contains(address)) {
      found.front().action = Action::forget;
      if (found.front().reason != Reason::gone) found.front().reason = Reason::let_go;
    }
    // What an earlier run replaced is held as well: what still stands on it may be held now.
    const bool holds = input.options.hold_old && mode == PlanMode::normal;
    for (const Deposed& deposed : record.deposed) {
      if (!holds) found.push_back(deposed_removal(input, record, deposed));
      // Where nothing else is left, it is what the spec lets go.
      const bool let_go = record.id.empty() && input.options.let_go.contains(address);
      if (holds || !let_go || found.back().action != Action::remove) continue;
      found.back().action = Action::forget;
      found.back().reason = Reason::let_go;
    }
    for (Step& step : found) {
      // A refresh only forgets what is gone already.
      if (mode == PlanMode::refresh_only && step.action != Action::forget) continue;
      steps.push_back(std::move(step));
    }
  }
}

void add_waits(const Input& input, std::vector<Step>& steps) {
  const Makers makers(steps);
  const Removals removals(input.recorded, steps);
  const LettingGo letting_go(steps);
  for (Step& step : steps) {
    std::set<std::string> waits;
    const auto wait_for_maker = [&](const Address& address) {
      const Step* maker = makers.find(address);
      if (maker != nullptr) waits.insert(maker->key);
    };
    if (makes(step)) {
      std::for_each(step.depends_on.begin(), step.depends_on.end(), wait_for_maker);
    } else if (is_let_go(step)) {
      waits = letting_go.before(step);
    } else {
      waits = removals.built_on(step.address);
      if (step.deposed) wait_for_maker(step.address);
    }
    step.waits_for.assign(waits.begin(), waits.end());
  }
  wait_for_givers(input.catalogue, steps);
  wait_for_leftovers(input, steps);
}

}  // namespace sluice::planner
