#include "core/planner.hpp"

#include "core/compare.hpp"
#include "core/order.hpp"
#include "core/planner_parts.hpp"
#include "core/value.hpp"

#include <algorithm>
#include <cassert>

namespace sluice {

namespace {

using planner::Decision;
using planner::Input;

/// The desired resources in dependency order, or nullopt with the loop as an error.
std::optional<std::vector<const Resource*>> in_order(const std::vector<Resource>& desired,
                                                     Diagnostics& diagnostics) {
  std::map<std::string, std::set<std::string>> needs;
  std::map<std::string, const Resource*> by_text;
  for (const Resource& resource : desired) {
    const std::string text = resource.address.text();
    by_text[text] = &resource;
    needs[text];
    for (const Address& need : resource.needs())
      needs[text].insert(need.text());
  }
  const auto order = dependency_order(needs);
  if (const Cycle* cycle = std::get_if<Cycle>(&order)) {
    std::string path;
    for (const std::string& step : cycle->path)
      path += (path.empty() ? "" : " -> ") + step;
    diagnostics.error(by_text.at(cycle->path.front())->where, "Dependency loop: " + path,
                      "Take one of these references out.");
    return std::nullopt;
  }
  std::vector<const Resource*> result;
  for (const std::string& text : std::get<std::vector<std::string>>(order)) {
    result.push_back(by_text.at(text));
  }
  return result;
}

/// Adds what the chosen addresses need, following the spec and, for what is gone from it, the
/// state; with `dependents`, adds what needs them instead.
std::set<Address> close_over(std::set<Address> chosen, const std::vector<Resource>& desired,
                             const State& recorded, bool dependents) {
  std::map<Address, std::set<Address>> edges;
  const auto add_edge = [&edges, dependents](const Address& from, const Address& to) {
    edges[dependents ? to : from].insert(dependents ? from : to);
  };
  for (const Resource& resource : desired) {
    for (const Address& need : resource.needs())
      add_edge(resource.address, need);
  }
  for (const auto& [address, record] : recorded.records) {
    for (const Address& need : record.depends_on)
      add_edge(address, need);
  }
  std::vector<Address> open(chosen.begin(), chosen.end());
  while (!open.empty()) {
    const Address next = open.back();
    open.pop_back();
    for (const Address& other : edges[next]) {
      if (chosen.insert(other).second) open.push_back(other);
    }
  }
  return chosen;
}

bool check_named(const std::set<Address>& named, const char* flag,
                 const std::vector<Resource>& desired, const State& recorded,
                 Diagnostics& diagnostics) {
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

/// Replacements spread to the parts that share an object's fate, until nothing new is forced.
std::map<Address, Decision> decide_all(const Input& input,
                                       const std::vector<const Resource*>& order) {
  std::map<Address, planner::Forced> forced;
  for (const Address& address : input.options.replace) {
    forced[address] = {Reason::requested, {}};
  }
  while (true) {
    std::map<Address, Decision> decisions;
    for (const Resource* resource : order) {
      decisions[resource->address] = planner::decide(input, *resource, decisions, forced);
    }
    const std::size_t before = forced.size();
    for (const auto& [address, decision] : decisions) {
      if (decision.action != Action::replace) continue;
      for (const std::string& part : input.catalogue.rules(decision.kind).replaced_with) {
        Address sibling = address;
        sibling.part = part;
        const auto other = decisions.find(sibling);
        if (other == decisions.end() || other->second.action == Action::create) continue;
        if (other->second.action == Action::replace) continue;
        forced.try_emplace(sibling, planner::Forced{Reason::follows, address});
      }
    }
    if (forced.size() == before) return decisions;
  }
}

bool refuse_protected(const std::vector<Step>& steps, const State& recorded,
                      Diagnostics& diagnostics) {
  bool good = true;
  for (const Step& step : steps) {
    const bool destroys =
        step.action == Action::replace || (step.action == Action::remove && !step.deposed);
    if (!destroys) continue;
    const auto record = recorded.records.find(step.address);
    const bool remembered = record != recorded.records.end() && record->second.protect;
    if (!step.protect && !remembered) continue;
    diagnostics.error({},
                      step.address.text() + " is protected, and this plan would " +
                          (step.action == Action::replace ? "replace" : "delete") + " it",
                      "Set `lifecycle: {protect: false}` in the spec and apply that first, or "
                      "leave it out with --target.");
    good = false;
  }
  return good;
}

std::vector<Step> sorted_steps(std::vector<Step> steps) {
  std::map<std::string, std::set<std::string>> needs;
  std::map<std::string, Step> by_key;
  for (Step& step : steps) {
    needs[step.key].insert(step.waits_for.begin(), step.waits_for.end());
    by_key.emplace(step.key, std::move(step));
  }
  const auto order = dependency_order(needs);
  // Creates wait only for creates, deletes only for what must be gone or moved before: no loop.
  assert(std::holds_alternative<std::vector<std::string>>(order));
  std::vector<Step> result;
  for (const std::string& key : std::get<std::vector<std::string>>(order)) {
    result.push_back(std::move(by_key.at(key)));
  }
  return result;
}

}  // namespace

std::optional<Plan> make_plan(const std::vector<Resource>& desired, const State& recorded,
                              const ObservedWorld& observed, const Catalogue& catalogue,
                              const PlanOptions& options, Diagnostics& diagnostics) {
  const bool targets = check_named(options.targets, "--target", desired, recorded, diagnostics);
  const bool replaced = check_named(options.replace, "--replace", desired, recorded, diagnostics);
  const auto order = in_order(desired, diagnostics);
  if (!targets || !replaced || !order) return std::nullopt;

  Input input{recorded, observed, catalogue, options, {}, {}};
  if (!options.targets.empty()) {
    const bool destroy = options.mode == PlanMode::destroy;
    input.selected = close_over(options.targets, desired, recorded, destroy);
  }
  for (const Resource& resource : desired)
    input.desired.insert(resource.address);

  Plan plan;
  plan.mode = options.mode;
  plan.refreshed = options.refreshed;
  plan.lineage = recorded.lineage;
  plan.serial = recorded.serial;
  plan.drift = planner::find_drift(input, desired);

  std::vector<Step> steps;
  if (options.mode == PlanMode::normal) {
    std::vector<const Resource*> chosen;
    for (const Resource* resource : *order) {
      if (input.is_selected(resource->address)) chosen.push_back(resource);
    }
    const std::map<Address, Decision> decisions = decide_all(input, chosen);
    for (const Resource* resource : chosen) {
      planner::add_steps(input, *resource, decisions.at(resource->address), steps);
    }
    plan.clashes = planner::find_clashes(input, steps);
  }
  if (options.mode == PlanMode::refresh_only) planner::add_refresh_steps(input, steps);
  planner::add_removals(input, steps);
  planner::add_waits(recorded, steps);
  plan.steps = sorted_steps(std::move(steps));
  if (!refuse_protected(plan.steps, recorded, diagnostics)) return std::nullopt;
  return plan;
}

}  // namespace sluice
