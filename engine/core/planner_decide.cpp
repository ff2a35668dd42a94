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

Cause cause_of(const FieldRule& rule, const Json& recorded, const FieldDifference& difference) {
  if (!references_in(difference.right).empty()) return Cause::follows;
  const auto same = [&rule](const Json& left, const Json& right) {
    return rule.equality == Equality::keyed ? left == right : equal_under(rule, left, right);
  };
  if (same(recorded, difference.right)) return Cause::drift;
  if (same(recorded, difference.left)) return Cause::spec;
  return Cause::both;
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

std::vector<Change> changes_of(const KindRules& rules, const Fields& recorded, const Fields& found,
                               const Fields& wanted) {
  std::vector<Change> changes;
  for (const FieldDifference& difference : differences(rules, found, wanted)) {
    const FieldRule* rule = rules.field(base_name(difference.field));
    assert(rule != nullptr);
    Change change;
    change.field = difference.field;
    change.before = difference.left;
    change.after = difference.right;
    change.cause = cause_of(*rule, value_of(recorded, difference.field), difference);
    change.forces_replacement = rule->field_class == FieldClass::create_only;
    changes.push_back(std::move(change));
  }
  return changes;
}

/// Puts in what is known already, so that only what apply must find out stays a reference.
Fields with_known(const Input& input, const Fields& fields,
                  const std::map<Address, Decision>& decided) {
  Fields result = fields;
  for (auto& [name, value] : result) {
    const auto known = resolve(
        value, [&](const Reference& reference) { return known_now(input, reference, decided); });
    if (known) value = *known;
  }
  return result;
}

void choose_action(const std::map<Address, Forced>& forced, const Address& address,
                   Decision& decision) {
  const auto push = forced.find(address);
  const bool must = std::any_of(decision.changes.begin(), decision.changes.end(),
                                [](const Change& change) { return change.forces_replacement; });
  if (push != forced.end()) {
    decision.action = Action::replace;
    decision.reason = push->second.reason;
    decision.follows = push->second.by;
  } else if (must) {
    decision.action = Action::replace;
    decision.reason = Reason::create_only;
  } else if (!decision.changes.empty()) {
    decision.action = Action::update;
    decision.reason = reason_of(decision.changes);
  }
}

}  // namespace

const Record* Input::record(const Address& address) const {
  const auto found = recorded.records.find(address);
  return found == recorded.records.end() ? nullptr : &found->second;
}

const Observed* Input::object(const std::string& id) const {
  const auto found = observed.objects.find(id);
  return found == observed.objects.end() ? nullptr : &found->second;
}

Decision decide(const Input& input, const Resource& resource,
                const std::map<Address, Decision>& decided,
                const std::map<Address, Forced>& forced) {
  Decision decision;
  decision.kind = resource.kind;
  decision.wanted = with_known(input, resource.fields, decided);
  const Record* record = input.record(resource.address);
  if (record == nullptr || record->id.empty()) {
    decision.action = Action::create;
    decision.reason = Reason::not_recorded;
    return decision;
  }
  const Observed* object = input.object(record->id);
  if (object == nullptr && input.options.refreshed) {
    assert(input.observed.looked_up.contains(record->id));
    decision.action = Action::create;
    decision.reason = Reason::gone;
    return decision;
  }
  decision.id = record->id;
  decision.etag = object != nullptr ? object->etag : record->etag;
  decision.facts = object != nullptr ? object->facts : record->facts;
  decision.found = object != nullptr ? object->fields : record->inputs;
  for (const std::string& field : resource.ignore) {
    const auto kept = decision.found.find(field);
    if (kept == decision.found.end()) {
      decision.wanted.erase(field);
    } else {
      decision.wanted[field] = kept->second;
    }
  }
  decision.changes = changes_of(input.catalogue.rules(resource.kind), record->inputs,
                                decision.found, decision.wanted);
  choose_action(forced, resource.address, decision);
  return decision;
}

}  // namespace sluice::planner
