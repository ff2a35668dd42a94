#include "core/plan.hpp"

#include <array>

namespace sluice {

namespace {

constexpr int kFormatVersion = 1;

constexpr std::array kActions = {Action::create, Action::update, Action::replace,
                                 Action::remove, Action::forget, Action::noop};
constexpr std::array kReasons = {
    Reason::equal,   Reason::not_recorded,   Reason::gone,        Reason::spec_changed,
    Reason::drifted, Reason::spec_and_drift, Reason::create_only, Reason::requested,
    Reason::follows, Reason::not_in_spec,    Reason::destroyed,   Reason::replaced_before};
constexpr std::array kCauses = {Cause::spec, Cause::drift, Cause::both, Cause::follows};
constexpr std::array<std::string_view, 3> kModes = {"normal", "destroy", "refresh_only"};

std::string_view name_of(Action value) {
  return action_name(value);
}
std::string_view name_of(Reason value) {
  return reason_name(value);
}
std::string_view name_of(Cause value) {
  return cause_name(value);
}

/// What a document says wrongly is told by throwing this inside the file; it never leaves it.
struct Malformed {
  std::string what;
};

template <class Enum, std::size_t size>
Enum from_name(const Json& text, const std::array<Enum, size>& all) {
  for (const Enum value : all) {
    if (text == name_of(value)) return value;
  }
  throw Malformed{"unknown word " + text.dump()};
}

Address address_from(const Json& text) {
  const auto address = Address::parse(text.get<std::string>());
  if (!address) throw Malformed{"not an address: " + text.dump()};
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
                       {"forces_replacement", change.forces_replacement}});
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
  json.at("key").get_to(step.key);
  step.action = from_name(json.at("action"), kActions);
  step.reason = from_name(json.at("reason"), kReasons);
  step.address = address_from(json.at("address"));
  json.at("kind").get_to(step.kind);
  json.at("name").get_to(step.name);
  json.at("id").get_to(step.id);
  json.at("etag").get_to(step.etag);
  step.facts = json.at("facts");
  json.at("before").get_to(step.before);
  json.at("after").get_to(step.after);
  for (const Json& text : json.at("depends_on"))
    step.depends_on.insert(address_from(text));
  json.at("protect").get_to(step.protect);
  json.at("deposed").get_to(step.deposed);
  for (const Json& item : json.at("changes")) {
    step.changes.push_back({item.at("field").get<std::string>(), item.at("before"),
                            item.at("after"), from_name(item.at("cause"), kCauses),
                            item.at("forces_replacement").get<bool>()});
  }
  json.at("waits_for").get_to(step.waits_for);
  json.at("note").get_to(step.note);
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
                      {"updated_at", item.updated_at}});
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

Plan read_plan(const Json& json) {
  if (json.at("format_version") != kFormatVersion) {
    throw Malformed{"its format_version is " + json.at("format_version").dump() +
                    ", and this sluice reads 1"};
  }
  Plan plan;
  json.at("id").get_to(plan.id);
  for (std::size_t i = 0; i < kModes.size(); ++i) {
    if (json.at("mode") == kModes[i]) plan.mode = static_cast<PlanMode>(i);
  }
  json.at("refreshed").get_to(plan.refreshed);
  json.at("spec").get_to(plan.spec_name);
  json.at("environment").get_to(plan.environment);
  json.at("spec_hash").get_to(plan.spec_hash);
  json.at("endpoint").get_to(plan.place.endpoint);
  json.at("org").get_to(plan.place.org);
  json.at("sandbox").get_to(plan.place.sandbox);
  json.at("lineage").get_to(plan.lineage);
  json.at("serial").get_to(plan.serial);
  for (const Json& step : json.at("steps"))
    plan.steps.push_back(step_from_json(step));
  for (const Json& item : json.at("drift")) {
    plan.drift.push_back({address_from(item.at("address")), item.at("field").get<std::string>(),
                          item.at("recorded"), item.at("observed"),
                          item.at("updated_by").get<std::string>(),
                          item.at("updated_at").get<std::int64_t>()});
  }
  for (const Json& item : json.at("clashes")) {
    plan.clashes.push_back({address_from(item.at("address")), item.at("kind").get<std::string>(),
                            item.at("name").get<std::string>(),
                            item.at("ids").get<std::vector<std::string>>()});
  }
  json.at("outputs").get_to(plan.outputs);
  return plan;
}

}  // namespace

Json plan_to_json(const Plan& plan) {
  Json steps = Json::array();
  for (const Step& step : plan.steps)
    steps.push_back(step_to_json(step));
  return {{"format_version", kFormatVersion},
          {"id", plan.id},
          {"mode", kModes[static_cast<std::size_t>(plan.mode)]},
          {"refreshed", plan.refreshed},
          {"spec", plan.spec_name},
          {"environment", plan.environment},
          {"spec_hash", plan.spec_hash},
          {"endpoint", plan.place.endpoint},
          {"org", plan.place.org},
          {"sandbox", plan.place.sandbox},
          {"lineage", plan.lineage},
          {"serial", plan.serial},
          {"steps", std::move(steps)},
          {"drift", drift_to_json(plan.drift)},
          {"clashes", clashes_to_json(plan.clashes)},
          {"outputs", plan.outputs}};
}

std::optional<Plan> plan_from_json(const Json& document, Diagnostics& diagnostics) {
  std::string what;
  try {
    return read_plan(document);
  } catch (const Malformed& malformed) {
    what = malformed.what;
  } catch (const Json::exception& error) {
    what = error.what();
  }
  diagnostics.error({}, "This is not a plan file of sluice: " + what,
                    "Make one with `sluice plan --out FILE`.");
  return std::nullopt;
}

}  // namespace sluice
