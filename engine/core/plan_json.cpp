#include "core/plan.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <set>

namespace sluice {

namespace {

// Since 2, a noop says nothing of fields that stay; since 3, drift tells of which object it is.
constexpr int kFormatVersion = 3;

constexpr std::array kActions = {Action::create, Action::update, Action::replace,
                                 Action::remove, Action::forget, Action::noop};
constexpr std::array kReasons = {
    Reason::equal,   Reason::not_recorded,   Reason::gone,        Reason::spec_changed,
    Reason::drifted, Reason::spec_and_drift, Reason::create_only, Reason::requested,
    Reason::follows, Reason::not_in_spec,    Reason::destroyed,   Reason::replaced_before,
    Reason::let_go};
constexpr std::array kCauses = {Cause::spec, Cause::drift, Cause::both, Cause::follows};
constexpr std::array kModes = {PlanMode::normal, PlanMode::destroy, PlanMode::refresh_only};
constexpr int kDepthMax = 96;  // A value of a reply has up to 64 levels, and stands in a step.
constexpr std::uint64_t kNumberMax = std::numeric_limits<std::int64_t>::max();

std::string_view name_of(Action value) {
  return action_name(value);
}
std::string_view name_of(Reason value) {
  return reason_name(value);
}
std::string_view name_of(Cause value) {
  return cause_name(value);
}

std::string_view name_of(PlanMode value) {
  switch (value) {
    case PlanMode::normal:
      return "normal";
    case PlanMode::destroy:
      return "destroy";
    case PlanMode::refresh_only:
      return "refresh_only";
  }
  return "normal";
}

/// What a document says wrongly is told by throwing this inside the file; it never leaves it.
struct Malformed {
  std::string what;
};

std::string shown(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The readers are strict, since the library's own take a flag for a number, null for an empty list
// and a text for a list of one.

const Json& member(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) throw Malformed{fmt::format("\"{}\" is missing", key)};
  return *found;
}

const Json& member(const Json& object, const char* key, bool (*is_right)(const Json&),
                   const char* type) {
  const Json& value = member(object, key);
  if (!is_right(value)) throw Malformed{fmt::format("\"{}\" is not {}", key, type)};
  return value;
}

const Json& list_at(const Json& object, const char* key) {
  return member(
      object, key, [](const Json& value) { return value.is_array(); }, "a list");
}

const Json& object_at(const Json& object, const char* key) {
  return member(
      object, key, [](const Json& value) { return value.is_object(); }, "an object");
}

std::string text_at(const Json& object, const char* key) {
  return member(
      object, key, [](const Json& value) { return value.is_string(); }, "a text");
}

bool flag_at(const Json& object, const char* key) {
  return member(
      object, key, [](const Json& value) { return value.is_boolean(); }, "true or false");
}

std::int64_t number_at(const Json& object, const char* key) {
  const auto is_right = [](const Json& value) {
    return value.is_number_integer() &&
           (!value.is_number_unsigned() || value.get<std::uint64_t>() <= kNumberMax);
  };
  return member(object, key, is_right, "a whole number");
}

Fields fields_at(const Json& object, const char* key) {
  return object_at(object, key).get<Fields>();
}

/// A list whose entries are all objects.
const Json& objects_at(const Json& object, const char* key) {
  const Json& list = list_at(object, key);
  for (const Json& item : list) {
    if (!item.is_object()) throw Malformed{fmt::format("an entry of \"{}\" is no object", key)};
  }
  return list;
}

std::vector<std::string> texts_at(const Json& object, const char* key) {
  std::vector<std::string> result;
  for (const Json& item : list_at(object, key)) {
    if (!item.is_string()) throw Malformed{fmt::format("an entry of \"{}\" is no text", key)};
    result.push_back(item);
  }
  return result;
}

template <class Enum, std::size_t size>
Enum word_at(const Json& object, const char* key, const std::array<Enum, size>& all) {
  const Json& text = member(object, key);
  for (const Enum value : all) {
    if (text == name_of(value)) return value;
  }
  throw Malformed{fmt::format("\"{}\" is the unknown word {}", key, shown(text))};
}

Address address_from(const std::string& text) {
  const auto address = Address::parse(text);
  if (!address) throw Malformed{shown(text) + " is not an address"};
  return *address;
}

Json addresses_to_json(const std::set<Address>& addresses) {
  Json result = Json::array();
  for (const Address& address : addresses)
    result.push_back(address.text());
  return result;
}

Json step_to_json(const Step& step) {
  Json changes = Json::array();
  for (const Change& change : step.changes) {
    changes.push_back({{"field", change.field},
                       {"before", change.before},
                       {"after", change.after},
                       {"cause", cause_name(change.cause)},
                       {"forces_replacement", change.forces_replacement},
                       {"breaks", change.breaks}});
  }
  return {{"key", step.key},
          {"action", action_name(step.action)},
          {"reason", reason_name(step.reason)},
          {"address", step.address.text()},
          {"kind", step.kind},
          {"name", step.name},
          {"id", step.id},
          {"etag", step.etag},
          {"facts", step.facts},
          {"before", step.before},
          {"after", step.after},
          {"depends_on", addresses_to_json(step.depends_on)},
          {"protect", step.protect},
          {"deposed", step.deposed},
          {"changes", std::move(changes)},
          {"waits_for", step.waits_for},
          {"note", step.note}};
}

Step step_from_json(const Json& json) {
  Step step;
  step.key = text_at(json, "key");
  step.action = word_at(json, "action", kActions);
  step.reason = word_at(json, "reason", kReasons);
  step.address = address_from(text_at(json, "address"));
  step.kind = text_at(json, "kind");
  step.name = text_at(json, "name");
  step.id = text_at(json, "id");
  step.etag = text_at(json, "etag");
  step.facts = object_at(json, "facts");
  step.before = fields_at(json, "before");
  step.after = fields_at(json, "after");
  for (const std::string& text : texts_at(json, "depends_on"))
    step.depends_on.insert(address_from(text));
  step.protect = flag_at(json, "protect");
  step.deposed = flag_at(json, "deposed");
  for (const Json& item : objects_at(json, "changes")) {
    step.changes.push_back({text_at(item, "field"), member(item, "before"), member(item, "after"),
                            word_at(item, "cause", kCauses), flag_at(item, "forces_replacement"),
                            flag_at(item, "breaks")});
  }
  step.waits_for = texts_at(json, "waits_for");
  step.note = text_at(json, "note");
  return step;
}

Json drift_to_json(const std::vector<Drift>& drift) {
  Json result = Json::array();
  for (const Drift& item : drift) {
    result.push_back({{"address", item.address.text()},
                      {"field", item.field},
                      {"recorded", item.recorded},
                      {"observed", item.observed},
                      {"updated_by", item.updated_by},
                      {"updated_at", item.updated_at},
                      {"deposed", item.deposed}});
  }
  return result;
}

Json clashes_to_json(const std::vector<NameClash>& clashes) {
  Json result = Json::array();
  for (const NameClash& clash : clashes) {
    result.push_back({{"address", clash.address.text()},
                      {"kind", clash.kind},
                      {"name", clash.name},
                      {"ids", clash.ids}});
  }
  return result;
}

Json kept_to_json(const std::vector<Kept>& kept) {
  Json result = Json::array();
  for (const Kept& item : kept) {
    result.push_back({{"address", item.address.text()},
                      {"kind", item.kind},
                      {"name", item.name},
                      {"id", item.id},
                      {"because", item.because}});
  }
  return result;
}

Json relocations_to_json(const std::vector<Relocation>& relocations) {
  Json result = Json::array();
  for (const Relocation& item : relocations)
    result.push_back({{"from", item.from.text()}, {"to", item.to.text()}});
  return result;
}

std::vector<Relocation> relocations_at(const Json& json, const char* key) {
  std::vector<Relocation> result;
  for (const Json& item : objects_at(json, key)) {
    result.push_back({address_from(text_at(item, "from")), address_from(text_at(item, "to"))});
  }
  return result;
}

/// Apply would wait for ever for a step that is not there.
void check_order(const std::vector<Step>& steps) {
  std::set<std::string> seen;
  for (const Step& step : steps) {
    for (const std::string& key : step.waits_for) {
      if (!seen.contains(key)) throw Malformed{step.key + " waits for " + key + ", not before it"};
    }
    if (!seen.insert(step.key).second) throw Malformed{step.key + " stands in it twice"};
  }
}

Plan read_plan(const Json& json) {
  if (!json.is_object()) throw Malformed{"it is no object"};
  const std::int64_t version = number_at(json, "format_version");
  if (version != kFormatVersion) {
    throw Malformed{
        fmt::format("its format_version is {}, and this sluice reads {}", version, kFormatVersion)};
  }
  Plan plan;
  plan.id = text_at(json, "id");
  plan.mode = word_at(json, "mode", kModes);
  plan.refreshed = flag_at(json, "refreshed");
  plan.spec_name = text_at(json, "spec");
  plan.environment = text_at(json, "environment");
  plan.spec_hash = text_at(json, "spec_hash");
  plan.place = {text_at(json, "endpoint"), text_at(json, "org"), text_at(json, "sandbox")};
  plan.ims = text_at(json, "ims");
  plan.state_path = text_at(json, "state_path");
  plan.lineage = text_at(json, "lineage");
  plan.serial = number_at(json, "serial");
  for (const Json& step : objects_at(json, "steps"))
    plan.steps.push_back(step_from_json(step));
  check_order(plan.steps);
  for (const Json& item : objects_at(json, "drift")) {
    plan.drift.push_back({address_from(text_at(item, "address")), text_at(item, "field"),
                          member(item, "recorded"), member(item, "observed"),
                          text_at(item, "updated_by"), number_at(item, "updated_at"),
                          text_at(item, "deposed")});
  }
  for (const Json& item : objects_at(json, "clashes")) {
    plan.clashes.push_back({address_from(text_at(item, "address")), text_at(item, "kind"),
                            text_at(item, "name"), texts_at(item, "ids")});
  }
  for (const Json& item : objects_at(json, "kept")) {
    plan.kept.push_back({address_from(text_at(item, "address")), text_at(item, "kind"),
                         text_at(item, "name"), text_at(item, "id"), text_at(item, "because")});
  }
  plan.moves = relocations_at(json, "moves");
  plan.renames = relocations_at(json, "renames");
  plan.outputs = fields_at(json, "outputs");
  return plan;
}

}  // namespace

Json plan_to_json(const Plan& plan) {
  Json steps = Json::array();
  for (const Step& step : plan.steps)
    steps.push_back(step_to_json(step));
  return {{"format_version", kFormatVersion},
          {"id", plan.id},
          {"mode", name_of(plan.mode)},
          {"refreshed", plan.refreshed},
          {"spec", plan.spec_name},
          {"environment", plan.environment},
          {"spec_hash", plan.spec_hash},
          {"endpoint", plan.place.endpoint},
          {"org", plan.place.org},
          {"sandbox", plan.place.sandbox},
          {"ims", plan.ims},
          {"state_path", plan.state_path},
          {"lineage", plan.lineage},
          {"serial", plan.serial},
          {"steps", std::move(steps)},
          {"drift", drift_to_json(plan.drift)},
          {"clashes", clashes_to_json(plan.clashes)},
          {"kept", kept_to_json(plan.kept)},
          {"moves", relocations_to_json(plan.moves)},
          {"renames", relocations_to_json(plan.renames)},
          {"outputs", plan.outputs}};
}

std::optional<Plan> plan_from_text(std::string_view text, Diagnostics& diagnostics) {
  const auto stop_deep = [](int depth, Json::parse_event_t, const Json&) {
    if (depth >= kDepthMax) throw Malformed{"it is nested too deep"};
    return true;
  };
  try {
    return read_plan(Json::parse(text, stop_deep, false));
  } catch (const Malformed& malformed) {
    diagnostics.error({}, "This is not a plan file of sluice: " + malformed.what,
                      "Make one with `sluice plan --out FILE`.");
    return std::nullopt;
  }
}

}  // namespace sluice
