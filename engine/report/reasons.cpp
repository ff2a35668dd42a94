#include "core/value.hpp"
#include "report/plan_parts.hpp"
#include "report/text_parts.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace sluice::report {

namespace {

bool same_pipeline(const Address& left, const Address& right) {
  return left.section == right.section && left.key == right.key &&
         left.instance == right.instance && !left.part.empty() && !right.part.empty();
}

/// Whether a replacement has a cause of its own, and is not itself drawn in by another one.
bool is_origin(const Step& step) {
  if (step.action != Action::replace || step.reason == Reason::follows) return false;
  return step.reason == Reason::requested ||
         std::any_of(step.changes.begin(), step.changes.end(), [](const Change& change) {
           return change.forces_replacement && change.cause != Cause::follows;
         });
}

/// What the step's changed fields refer to, for a replacement those that force it; where they do
/// not tell, the parts of the same pipeline that its replacement began with.
std::set<Address> followed(const Plan& plan, const Step& step) {
  std::set<Address> result;
  const bool forced = step.action == Action::replace;
  for (const Change& change : step.changes) {
    if (change.cause != Cause::follows || (forced && !change.forces_replacement)) continue;
    for (const Reference& reference : references_in(change.after))
      result.insert(reference.address);
  }
  if (!result.empty()) return result;
  for (const Step& other : plan.steps) {
    if (is_origin(other) && same_pipeline(other.address, step.address)) {
      result.insert(other.address);
    }
  }
  return result;
}

std::string follows_text(const Plan& plan, const Step& step) {
  std::vector<std::string> names;
  for (const Address& address : followed(plan, step)) {
    names.push_back(same_pipeline(address, step.address) ? "its " + address.part
                                                         : harmless(address.text()));
  }
  return names.empty() ? "follows what it is built on" : "follows " + joined(names);
}

std::string create_only_text(const Plan& plan, const Step& step) {
  std::vector<std::string> fields;
  for (const Change& change : step.changes) {
    if (change.forces_replacement && change.cause != Cause::follows) {
      fields.push_back(harmless(change.field));
    }
  }
  return fields.empty() ? follows_text(plan, step) : joined(fields) + " can only be set on create";
}

}  // namespace

std::string reason_text(const Plan& plan, const Step& step) {
  switch (step.reason) {
    case Reason::equal:
      return "nothing differs";
    case Reason::not_recorded:
      return "new in the spec";
    case Reason::gone:
      return step.action == Action::create ? "deleted outside of the spec"
                                           : "no longer on the platform";
    case Reason::spec_changed:
      return "the spec changed";
    case Reason::drifted:
      return "changed outside of the spec";
    case Reason::spec_and_drift:
      return "the spec and the object both changed";
    case Reason::create_only:
      return create_only_text(plan, step);
    case Reason::requested:
      return "asked for with --replace";
    case Reason::follows:
      return follows_text(plan, step);
    case Reason::not_in_spec:
      return "no longer in the spec";
    case Reason::destroyed:
      return "destroy was asked for";
    case Reason::let_go:
      return "the spec lets it go; it stays on the platform";
    case Reason::replaced_before:
      return "left from an earlier apply";
  }
  return {};
}

std::string drift_fate(const Plan& plan, const Drift& drift) {
  const bool is_old = !drift.deposed.empty();
  if (plan.mode == PlanMode::refresh_only && !is_old) return "apply records it";
  const auto step = std::find_if(plan.steps.begin(), plan.steps.end(), [&](const Step& candidate) {
    return candidate.address == drift.address && candidate.deposed == is_old &&
           (!is_old || candidate.id == drift.deposed);
  });
  if (step == plan.steps.end()) return "left as it is";
  if (step->action == Action::remove) return "apply deletes the object";
  for (const Change& change : step->changes) {
    if (change.field != drift.field) continue;
    return change.cause == Cause::drift ? "apply puts it back"
                                        : "apply sets what the spec says now";
  }
  const std::string whole = drift.field.substr(0, drift.field.find('['));
  return step->after.contains(whole) ? "left as it is: the spec agrees"
                                     : "left as it is: the spec does not set it";
}

}  // namespace sluice::report
