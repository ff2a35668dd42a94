#include "core/planner.hpp"

#include "core/compare.hpp"
#include "core/order.hpp"
#include "core/planner_parts.hpp"
#include "core/value.hpp"

#include <algorithm>

namespace sluice {

namespace {

using planner::Decision;
using planner::Input;

/// The desired resources in dependency order, or nullopt with the loop as an error.
std::optional<std::vector<const Resource*>> in_order(const std::vector<Wanted>& all,
                                                     Diagnostics& diagnostics) {
  const auto order = dependency_order(all);
  if (const Cycle* cycle = std::get_if<Cycle>(&order)) {
    std::string path;
    for (const std::string& step : cycle->path)
      path += (path.empty() ? "" : " -> ") + step;
    diagnostics.error(all[cycle->first].resource->where, "Dependency loop: " + path,
                      "Take one of these references out.");
    return std::nullopt;
  }
  std::vector<const Resource*> result;
  result.reserve(all.size());
  for (const std::size_t position : std::get<std::vector<std::size_t>>(order))
    result.push_back(all[position].resource);
  return result;
}

/// Adds what must go along with the chosen addresses: what the spec builds them on, and for those
/// that are to be removed, what the state says is built on them.
std::set<Address> close_over(std::set<Address> chosen, const Input& input) {
  std::map<Address, std::set<Address>> built_on;
  for (const auto& [address, record] : input.recorded.records) {
    for (const Address& need : record.depends_on)
      built_on[need].insert(address);
  }
  std::vector<Address> open(chosen.begin(), chosen.end());
  while (!open.empty()) {
    const Address next = open.back();
    open.pop_back();
    const auto wanted = input.desired.find(next);
    const bool stays = input.options.mode != PlanMode::destroy && wanted != input.desired.end();
    for (const Address& other : stays ? wanted->second->needs : built_on[next]) {
      if (chosen.insert(other).second) open.push_back(other);
    }
  }
  return chosen;
}

bool check_named(const std::set<Address>& named, const char* flag,
                 const std::vector<Resource>& desired, const State& recorded,
                 Diagnostics& diagnostics) {
  if (named.empty()) return true;
  std::set<Address> known;
  std::vector<std::string> texts;
  for (const Resource& resource : desired)
    known.insert(resource.address);
  for (const auto& [address, record] : recorded.records)
    known.insert(address);
  for (const Address& address : known)
    texts.push_back(address.text());
  bool good = true;
  for (const Address& address : named) {
    if (known.contains(address)) continue;
    const std::string guess = nearest(address.text(), texts);
    diagnostics.error(
        {}, std::string(flag) + " names nothing: " + address.text(),
        guess.empty() ? "`sluice state list` shows what there is." : "Did you mean " + guess + "?");
    good = false;
  }
  return good;
}

/// A state may come from a newer program.
bool check_kinds(const State& recorded, const Catalogue& catalogue, Diagnostics& diagnostics) {
  bool good = true;
  const auto check = [&](const Address& address, const std::string& kind) {
    if (catalogue.kinds.contains(kind)) return;
    diagnostics.error({},
                      "The state holds " + address.text() + " of the kind \"" + kind +
                          "\", which this sluice does not know",
                      "Use the version of sluice that wrote the state, or a newer one.");
    good = false;
  };
  for (const auto& [address, record] : recorded.records) {
    check(address, record.kind);
    for (const Deposed& deposed : record.deposed)
      check(address, deposed.kind);
  }
  return good;
}

/// Whether what goes with the part still stands on an object before its present one: then an
/// earlier apply replaced the part and failed before it came to the rest, and the part is as good
/// as new.
bool is_renewed(const Input& input, const Address& part) {
  const Record* record = input.record(part);
  if (record == nullptr) return false;
  const std::vector<std::string>& others = input.catalogue.rules(record->kind).replaced_with;
  return std::any_of(others.begin(), others.end(), [&](const std::string& name) {
    Address address = part;
    address.part = name;
    const Record* other = input.record(address);
    if (other == nullptr) return false;
    const auto stands_on = other->inputs.find(part.part);
    return stands_on != other->inputs.end() && stands_on->second.is_string() &&
           stands_on->second != record->id;
  });
}

/// Finds the parts that must be replaced together with one that is. True when there are new ones;
/// they are chosen too, since a part that is left behind would stand on a deleted object.
bool spread(Input& input, const std::vector<const Resource*>& order,
            const std::map<Address, Decision>& decisions,
            std::map<Address, planner::Forced>& forced) {
  const bool any = std::any_of(decisions.begin(), decisions.end(), [](const auto& entry) {
    return entry.second.action == Action::replace;
  });
  if (!any) return false;
  bool found = false;
  std::set<Address> left;  // Not chosen so far.
  for (const Resource* resource : order) {
    const auto decision = decisions.find(resource->address);
    if (decision == decisions.end() || decision->second.action != Action::replace) continue;
    for (const std::string& part : input.catalogue.rules(resource->kind).replaced_with) {
      Address sibling = resource->address;
      sibling.part = part;
      if (is_renewed(input, sibling)) continue;
      const auto other = decisions.find(sibling);
      if (other == decisions.end()) {
        if (!input.is_selected(sibling) && input.record(sibling) != nullptr) left.insert(sibling);
      } else if (other->second.action != Action::create &&
                 other->second.action != Action::replace) {
        const planner::Forced follows{Reason::follows, resource->address};
        found = forced.try_emplace(sibling, follows).second || found;
      }
    }
  }
  if (left.empty()) return found;
  input.selected.merge(left);
  input.selected = close_over(std::move(input.selected), input);
  return true;
}

std::map<Address, Decision> decide_all(Input& input, const std::vector<const Resource*>& order) {
  std::map<Address, planner::Forced> forced;
  for (const Address& address : input.options.replace) {
    forced[address] = {Reason::requested, {}};
  }
  while (true) {
    std::map<Address, Decision> decisions;
    for (const Resource* resource : order) {
      if (!input.is_selected(resource->address)) continue;
      decisions.emplace(resource->address, planner::decide(input, *resource, decisions, forced));
    }
    if (!spread(input, order, decisions, forced)) return decisions;
  }
}

/// Takes one wait out of a loop. Only removals can wait in a loop, and only when the state
/// remembers dependencies from different times. One between two pipelines is taken, since what a
/// part stands on inside its own is what the platform insists on.
void break_loop(const Cycle& cycle, const std::vector<Step*>& steps) {
  const auto step_of = [&steps](const std::string& key) {
    return *std::find_if(steps.begin(), steps.end(),
                         [&key](const Step* step) { return step->key == key; });
  };
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < cycle.path.size(); ++i) {
    const Address& waiting = step_of(cycle.path[i])->address;
    const Address& awaited = step_of(cycle.path[i + 1])->address;
    if (waiting.key == awaited.key && waiting.instance == awaited.instance) continue;
    at = i;
    break;
  }
  std::erase(step_of(cycle.path[at])->waits_for, cycle.path[at + 1]);
}

/// The steps by their keys. An object that the state lists twice is removed once.
std::vector<Step*> by_key(std::vector<Step>& steps) {
  std::vector<Step*> result;
  for (Step& step : steps)
    result.push_back(&step);
  std::stable_sort(result.begin(), result.end(),
                   [](const Step* left, const Step* right) { return left->key < right->key; });
  const auto is_same = [](const Step* left, const Step* right) { return left->key == right->key; };
  result.erase(std::unique(result.begin(), result.end(), is_same), result.end());
  return result;
}

std::vector<Step> sorted_steps(std::vector<Step> steps) {
  const std::vector<Step*> keyed = by_key(steps);
  while (true) {
    std::vector<Dependent> all;
    all.reserve(keyed.size());
    for (const Step* step : keyed)
      all.push_back({step->key, {step->waits_for.begin(), step->waits_for.end()}});
    const auto order = dependency_order(all);
    if (const Cycle* cycle = std::get_if<Cycle>(&order)) {
      break_loop(*cycle, keyed);
      continue;
    }
    std::vector<Step> result;
    result.reserve(steps.size());
    for (const std::size_t position : std::get<std::vector<std::size_t>>(order))
      result.push_back(std::move(*keyed[position]));
    return result;
  }
}

}  // namespace

std::optional<Plan> make_plan(const std::vector<Resource>& desired, const State& recorded,
                              const ObservedWorld& observed, const Catalogue& catalogue,
                              const PlanOptions& options, Diagnostics& diagnostics) {
  const bool targets = check_named(options.targets, "--target", desired, recorded, diagnostics);
  const bool replaced = check_named(options.replace, "--replace", desired, recorded, diagnostics);
  const bool kinds = check_kinds(recorded, catalogue, diagnostics);
  std::vector<Wanted> wanted;
  wanted.reserve(desired.size());
  for (const Resource& resource : desired)
    wanted.emplace_back(resource);
  const auto order = in_order(wanted, diagnostics);
  if (!targets || !replaced || !kinds || !order) return std::nullopt;

  Input input{recorded, observed, catalogue, options, {}, {}};
  for (const Wanted& each : wanted)
    input.desired.insert_or_assign(input.desired.end(), each.resource->address, &each);
  if (!options.targets.empty()) input.selected = close_over(options.targets, input);

  Plan plan;
  plan.mode = options.mode;
  plan.refreshed = options.refreshed;
  plan.lineage = recorded.lineage;
  plan.serial = recorded.serial;

  std::vector<Step> steps;
  steps.reserve(desired.size() + recorded.records.size());
  if (options.mode == PlanMode::normal) {
    for (auto& [address, decision] : decide_all(input, *order)) {
      planner::add_steps(input, *input.desired.at(address), std::move(decision), steps);
    }
    plan.clashes = planner::find_clashes(input, steps);
  }
  if (options.mode == PlanMode::refresh_only) planner::add_refresh_steps(input, steps);
  planner::add_removals(input, steps);
  const planner::Needed needed = planner::let_go_along(input, steps);
  plan.kept = planner::keep_needed(input, steps);
  planner::add_waits(input, steps);
  plan.drift = planner::find_drift(input);
  plan.steps = sorted_steps(std::move(steps));
  plan.renames = planner::find_renames(input, plan.steps);
  if (!planner::refuse_forbidden(input, needed, plan.steps, diagnostics)) return std::nullopt;
  return plan;
}

}  // namespace sluice
