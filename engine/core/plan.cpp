#include "core/plan.hpp"

#include <algorithm>

namespace sluice {

std::string_view action_name(Action action) {
  switch (action) {
    case Action::create:
      return "create";
    case Action::update:
      return "update";
    case Action::replace:
      return "replace";
    case Action::remove:
      return "delete";
    case Action::forget:
      return "forget";
    case Action::noop:
      return "no-op";
  }
  return "no-op";
}

std::string_view reason_name(Reason reason) {
  switch (reason) {
    case Reason::equal:
      return "equal";
    case Reason::not_recorded:
      return "not_recorded";
    case Reason::gone:
      return "gone";
    case Reason::spec_changed:
      return "spec_changed";
    case Reason::drifted:
      return "drifted";
    case Reason::spec_and_drift:
      return "spec_and_drift";
    case Reason::create_only:
      return "create_only";
    case Reason::requested:
      return "requested";
    case Reason::follows:
      return "follows";
    case Reason::not_in_spec:
      return "not_in_spec";
    case Reason::destroyed:
      return "destroyed";
    case Reason::let_go:
      return "let_go";
    case Reason::replaced_before:
      return "replaced_before";
  }
  return "equal";
}

std::string_view cause_name(Cause cause) {
  switch (cause) {
    case Cause::spec:
      return "spec";
    case Cause::drift:
      return "drift";
    case Cause::both:
      return "both";
    case Cause::follows:
      return "follows";
  }
  return "spec";
}

bool Plan::has_changes() const {
  if (!moves.empty()) return true;
  // What was replaced is recorded as it was, so that its deletion sees what others did to it.
  const bool accepts = std::any_of(drift.begin(), drift.end(),
                                   [](const Drift& item) { return item.deposed.empty(); });
  if (mode == PlanMode::refresh_only && accepts) return true;
  return std::any_of(steps.begin(), steps.end(),
                     [](const Step& step) { return step.action != Action::noop; });
}

int deletions(const Plan& plan) {
  return static_cast<int>(std::count_if(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
    return step.action == Action::remove;
  }));
}

void add_count(const Step& step, PlanCounts& counts) {
  switch (step.action) {
    case Action::create:
      ++counts.create;
      break;
    case Action::update:
      ++counts.update;
      break;
    case Action::replace:
      ++counts.replace;
      break;
    case Action::forget:
      ++counts.forget;
      break;
    case Action::noop:
      break;
    case Action::remove:
      // The old half of a replacement in this plan is part of that replacement.
      if (!step.deposed || step.reason == Reason::replaced_before) ++counts.remove;
      break;
  }
}

PlanCounts count(const Plan& plan) {
  PlanCounts counts;
  for (const Step& step : plan.steps)
    add_count(step, counts);
  return counts;
}

}  // namespace sluice
