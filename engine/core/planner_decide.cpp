#include "core/compare.hpp"
#include "core/planner_parts.hpp"
#include "core/value.hpp"

#include <algorithm>
#include <cassert>

namespace sluice::planner {

namespace {

/// What a reference to another resource gives now, before anything is applied.
std::optional<Json> known_now(const Input& input, const Reference& reference,
                              const std::map<Address, Decision>& decided) {
  const auto other = decided.find(reference.address);
  if (other != decided.end()) {
    const Action action = other->second.action;
    if (action == Action::create || action == Action::replace) return std::nullopt;
    if (reference.attribute != "id" && action == Action::update) return std::nullopt;
  }
  const Record* record = input.record(reference.address);
  if (record == nullptr || record->id.empty()) return std::nullopt;
  if (reference.attribute == "id") return Json(record->id);
  const Observed* object = input.object(record->id);
  const Json& facts = object != nullptr ? object->facts : record->facts;
  if (!facts.contains(reference.attribute)) return std::nullopt;
  return facts.at(reference.attribute);
}

/// The value of a changed field in `fields`, where "rows[key]" is an entry of "rows".
Json value_of(const Fields& fields, const std::string& field) {
  const auto whole = fields.find(field);
  if (whole != fields.end()) return whole->second;
  const std::size_t bracket = field.find('[');
  if (bracket == std::string::npos) return nullptr;
  const auto entries = fields.find(field.substr(0, bracket));
  const std::string key = field.substr(bracket + 1, field.size() - bracket - 2);
  if (entries == fields.end() || !entries->second.contains(key)) return nullptr;
  return entries->second.at(key);
}

std::string base_name(const std::string& field) {
  return field.substr(0, field.find('['));
}

std::set<std::string> names_of(const std::vector<FieldDifference>& list) {
  std::set<std::string> names;
  for (const FieldDifference& difference : list)
    names.insert(difference.field);
  return names;
}

Reason reason_of(const std::vector<Change>& changes) {
  bool spec = false;
  bool drift = false;
  bool follows = false;
  for (const Change& change : changes) {
    spec = spec || change.cause == Cause::spec || change.cause == Cause::both;
    drift = drift || change.cause == Cause::drift || change.cause == Cause::both;
    follows = follows || change.cause == Cause::follows;
  }
  if (spec && drift) return Reason::spec_and_drift;
  if (drift) return Reason::drifted;
  if (spec) return Reason::spec_changed;
  return follows ? Reason::follows : Reason::equal;
}

bool has_key(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// The entry of a change of "rows[entry]"; empty for a whole field.
std::string entry_name(const std::string& field) {
  const std::size_t bracket = field.find('[');
  return bracket == std::string::npos ? "" : field.substr(bracket + 1, field.size() - bracket - 2);
}

bool forces_replacement(const FieldRule& rule, const Change& change, const Fields& found) {
  if (rule.field_class == FieldClass::create_only || change.breaks) return true;
  if (has_key(rule.fixed_entries, entry_name(change.field))) return true;
  if (!rule.create_only_when) return false;
  const auto other = found.find(rule.create_only_when->field);
  return other != found.end() && other->second == rule.create_only_when->value;
}

/// A change of an entry that others may have built on.
bool breaks_entry(const FieldRule& rule, const Json& before, const Json& after) {
  if (rule.field_class != FieldClass::additive || !before.is_object() || !after.is_object()) {
    return false;
  }
  return std::any_of(rule.breaking_keys.begin(), rule.breaking_keys.end(),
                     [&](const std::string& key) {
                       return after.contains(key) && before.value(key, Json()) != after.at(key);
                     });
}

/// Whether an entry was recorded with a key that breaks others when it goes, still has it, and is
/// wanted without it. Other keys that are wanted no more are left to people.
bool lost_key(const FieldRule& rule, const Json& was, const Json& is, const Json& wanted) {
  if (!was.is_object() || !is.is_object() || !wanted.is_object()) return false;
  return std::any_of(rule.breaking_keys.begin(), rule.breaking_keys.end(),
                     [&](const std::string& key) {
                       return was.contains(key) && is.contains(key) && !wanted.contains(key);
                     });
}

/// The fields of a resource that exists: as last applied, as they are, and as they should be.
struct Views {
  const Fields& recorded;
  const Fields& found;
  const Fields& wanted;
};

/// What was recorded of an additive field, is still there and is not wanted any more.
void add_taken_out(const FieldRule& rule, const Views& views, std::vector<Change>& changes) {
  const auto was = views.recorded.find(rule.name);
  const auto is = views.found.find(rule.name);
  const auto wanted = views.wanted.find(rule.name);
  if (was == views.recorded.end() || is == views.found.end() || wanted == views.wanted.end()) {
    return;
  }
  Change change{rule.name, is->second, wanted->second, Cause::spec, true, true};
  if (was->second.is_array()) {
    const auto lacks = [](const Json& list, const Json& item) {
      return std::find(list.begin(), list.end(), item) == list.end();
    };
    const bool any = std::any_of(was->second.begin(), was->second.end(), [&](const Json& item) {
      return lacks(wanted->second, item) && !lacks(is->second, item);
    });
    std::erase_if(changes, [&](const Change& other) { return any && other.field == rule.name; });
    if (any) changes.push_back(std::move(change));
    return;
  }
  for (const auto& [key, value] : was->second.items()) {
    if (!is->second.contains(key)) continue;
    change.field = rule.name + "[" + key + "]";
    change.before = is->second.at(key);
    change.after = wanted->second.value(key, Json());
    if (!change.after.is_null() && !lost_key(rule, value, change.before, change.after)) continue;
    std::erase_if(changes, [&](const Change& other) { return other.field == change.field; });
    changes.push_back(change);
  }
}

/// What no reply tells: the wanted value is held against the recorded one.
void add_unseen(const FieldRule& rule, const Views& views, std::vector<Change>& changes) {
  const auto wanted = views.wanted.find(rule.name);
  if (wanted == views.wanted.end()) return;
  const auto was = views.recorded.find(rule.name);
  const Json before = was == views.recorded.end() ? Json() : was->second;
  if (before != wanted->second) changes.push_back({rule.name, before, wanted->second});
}

/// The same, for entries that a reply keeps to itself.
void add_hidden(const FieldRule& rule, const Views& views, std::vector<Change>& changes) {
  const auto wanted = views.wanted.find(rule.name);
  if (wanted == views.wanted.end() || !wanted->second.is_object()) return;
  for (const auto& [key, value] : wanted->second.items()) {
    const std::string field = rule.name + "[" + key + "]";
    const Json before = value_of(views.recorded, field);
    if (as_secret(value) || before == value) continue;
    if (is_hidden(value_of(views.found, field))) changes.push_back({field, before, value});
  }
}

/// The changes of a resource that exists. Who caused each is read off the recorded inputs, which
/// stand between the two: what is not as recorded has drifted, what is not wanted as recorded was
/// moved by the spec, or by what the spec refers to.
std::vector<Change> changes_of(const KindRules& rules, const Resource& resource,
                               const Views& views) {
  const auto found = differences(rules, views.found, views.wanted);
  std::vector<Change> changes;
  std::set<std::string> drifted;
  std::set<std::string> moved;
  if (!found.empty()) {
    drifted = names_of(differences(rules, views.found, views.recorded));
    moved = names_of(differences(rules, views.recorded, views.wanted));
  }
  for (const FieldDifference& difference : found) {
    const std::string& field = difference.field;
    const FieldRule* rule = rules.field(base_name(field));
    assert(rule != nullptr);
    Change change{field, difference.left, difference.right, Cause::spec, false};
    change.breaks = breaks_entry(*rule, difference.left, difference.right);
    change.forces_replacement = forces_replacement(*rule, change, views.found);
    if (!references_in(difference.right).empty()) {
      change.cause = Cause::follows;
    } else if (drifted.contains(field)) {
      change.cause = moved.contains(field) ? Cause::both : Cause::drift;
    } else if (as_reference(value_of(resource.fields, field))) {
      change.cause = Cause::follows;
    }
    changes.push_back(std::move(change));
  }
  for (const FieldRule& rule : rules.fields) {
    if (rule.field_class == FieldClass::additive) add_taken_out(rule, views, changes);
    if (rule.field_class == FieldClass::recorded) add_unseen(rule, views, changes);
    if (rule.hides_entries) add_hidden(rule, views, changes);
  }
  return changes;
}

/// Ignored fields keep what was found, so that they neither differ nor are set back when the object
/// is replaced.
void keep_ignored(const KindRules& rules, const std::set<std::string>& ignore, const Fields& found,
                  Fields& all) {
  for (const std::string& field : ignore) {
    const auto wanted = all.find(field);
    if (wanted == all.end()) continue;
    const auto kept = found.find(field);
    const FieldRule* rule = rules.field(field);
    if (kept != found.end()) {
      wanted->second =
          rule == nullptr ? kept->second : managed_part(*rule, kept->second, wanted->second);
    } else if (rule != nullptr && rule->is_told()) {
      all.erase(wanted);
    }
  }
}

/// Puts in what is known already, so that only what apply must find out stays a reference.
Fields with_known(const Input& input, Fields fields, const std::map<Address, Decision>& decided) {
  const Lookup now = [&](const Reference& reference) {
    return known_now(input, reference, decided);
  };
  for (auto& [name, value] : fields) {
    if (!may_refer(value)) continue;
    if (std::optional<Json> known = resolve(value, now)) value = std::move(*known);
  }
  return fields;
}

bool is_final(const Resource& resource) {
  return resource.ignore.empty() &&
         std::none_of(resource.fields.begin(), resource.fields.end(),
                      [](const auto& field) { return may_refer(field.second); });
}

void choose_action(const std::map<Address, Forced>& forced, const Address& address,
                   Decision& decision) {
  const auto push = forced.find(address);
  bool must = false;
  bool follows = true;
  for (const Change& change : decision.changes) {
    if (!change.forces_replacement) continue;
    must = true;
    follows = follows && change.cause == Cause::follows;
  }
  if (push != forced.end()) {
    decision.action = Action::replace;
    decision.reason = push->second.reason;
    decision.follows = push->second.by;
  } else if (must) {
    decision.action = Action::replace;
    decision.reason = follows ? Reason::follows : Reason::create_only;
  } else if (!decision.changes.empty()) {
    decision.action = Action::update;
    decision.reason = reason_of(decision.changes);
  }
}

}  // namespace

const Resource* Input::resource(const Address& address) const {
  const auto found = desired.find(address);
  return found == desired.end() ? nullptr : found->second->resource;
}

const Record* Input::record(const Address& address) const {
  const auto found = recorded.records.find(address);
  return found == recorded.records.end() ? nullptr : &found->second;
}

const Observed* Input::object(const std::string& id) const {
  if (!options.refreshed) return nullptr;
  const auto found = observed.objects.find(id);
  if (found != observed.objects.end()) return &found->second;
  assert(observed.looked_up.contains(id));
  return nullptr;
}

Decision decide(const Input& input, const Resource& resource,
                const std::map<Address, Decision>& decided,
                const std::map<Address, Forced>& forced) {
  Decision decision;
  decision.kind = resource.kind;
  if (!is_final(resource)) decision.wanted = with_known(input, resource.fields, decided);
  const Record* record = input.record(resource.address);
  if (record == nullptr || record->id.empty()) {
    decision.action = Action::create;
    decision.reason = Reason::not_recorded;
    return decision;
  }
  const Observed* object = input.object(record->id);
  if (object == nullptr && input.options.refreshed) {
    decision.action = Action::create;
    decision.reason = Reason::gone;
    return decision;
  }
  decision.id = record->id;
  decision.etag = object != nullptr ? object->etag : record->etag;
  decision.facts = object != nullptr ? object->facts : record->facts;
  if (record->kind != resource.kind) {
    // The fields of another kind cannot be compared.
    decision.action = Action::replace;
    decision.reason = Reason::create_only;
    decision.changes = {{"kind", record->kind, resource.kind, Cause::spec, true}};
    return decision;
  }
  const KindRules& rules = input.catalogue.rules(resource.kind);
  decision.found = object != nullptr ? &object->fields : &record->inputs;
  if (decision.wanted) {
    keep_ignored(rules, resource.ignore, *decision.found, *decision.wanted);
  }
  decision.changes =
      changes_of(rules, resource, {record->inputs, *decision.found, decision.wanted_of(resource)});
  choose_action(forced, resource.address, decision);
  return decision;
}

std::vector<Drift> find_drift(const Input& input) {
  std::vector<Drift> result;
  const auto compare = [&](const Address& address, const std::string& kind, const Fields& inputs,
                           const Observed& object, const std::string& deposed) {
    for (FieldDifference& found : differences(input.catalogue.rules(kind), object.fields, inputs)) {
      const Resource* wanted = input.resource(address);
      const bool ignored = wanted != nullptr && wanted->ignore.contains(base_name(found.field));
      if (ignored) continue;
      result.push_back({address, found.field, std::move(found.right), std::move(found.left),
                        object.updated_by, object.updated_at, deposed});
    }
  };
  for (const auto& [address, record] : input.recorded.records) {
    if (!input.is_selected(address)) continue;
    const Observed* object = record.id.empty() ? nullptr : input.object(record.id);
    if (object != nullptr) compare(address, record.kind, record.inputs, *object, {});
    for (const Deposed& old : record.deposed) {
      const Observed* there = input.object(old.id);
      if (there != nullptr) compare(address, old.kind, old.inputs, *there, old.id);
    }
  }
  return result;
}

}  // namespace sluice::planner
