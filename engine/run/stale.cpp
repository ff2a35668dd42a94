#include "run/stale.hpp"

#include "core/compare.hpp"
#include "core/fatal.hpp"
#include "core/planner.hpp"
#include "run/namesakes.hpp"
#include "run/step_runner.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace sluice::run {

namespace {

struct Looking {
  Remote& remote;
  std::vector<std::string> moved;  ///< One sentence for each object that is not as planned.
  std::optional<Trouble> trouble;
};

bool acts_on_object(const Step& step) {
  return step.action == Action::update || step.action == Action::replace ||
         step.action == Action::remove;
}

http::Task<http::Done> look_at(Looking& looking, const Step& step) {
  const ReadResult read =
      co_await looking.remote.read_newest(step.kind, step.id, version_of(step.facts));
  if (const auto* trouble = std::get_if<Trouble>(&read)) {
    if (!looking.trouble) looking.trouble = *trouble;
    co_return http::Done{};
  }
  const auto* now = std::get_if<Observed>(&read);
  if (now == nullptr) {
    // A deletion that somebody else did already is no conflict.
    if (step.action != Action::remove) {
      looking.moved.push_back(step.address.text() + ": it was deleted since the plan");
    }
    co_return http::Done{};
  }
  const KindRules& rules = looking.remote.kind(step.kind).rules;
  const Fields& managed = step.action == Action::remove ? step.before : step.after;
  if (const auto conflict = conflict_since_plan(rules, step, managed, *now)) {
    looking.moved.push_back(step.address.text() + ": " + conflict->detail);
  }
  co_return http::Done{};
}

/// What was gone when the plan was made may be there again.
http::Task<http::Done> look_for_gone(Looking& looking, const Step& step, std::string id) {
  const std::optional<Trouble> doubt =
      co_await looking.remote.doubt_still_gone(step.kind, id, step.name);
  if (doubt && doubt->conflict) {
    looking.moved.push_back(step.address.text() + ": " + doubt->what);
  } else if (doubt && !looking.trouble) {
    looking.trouble = *doubt;
  }
  co_return http::Done{};
}

}  // namespace

void refuse_stale(const Plan& plan, const State& state) {
  const std::string advice = "Make a new plan; this one was made on another state.";
  if (!state.applied_plan.empty() && state.applied_plan == plan.id) {
    throw Fatal(ExitCode::conflict, "This plan was applied already", "A plan is applied once.");
  }
  // A plan that was made before there was a state brings the lineage with it.
  if (!state.lineage.empty() && state.lineage != plan.lineage) {
    throw Fatal(ExitCode::conflict, "The plan belongs to another state (its lineage differs)",
                advice);
  }
  if (state.serial != plan.serial) {
    throw Fatal(ExitCode::conflict,
                fmt::format("The plan is stale: it was made on serial {} of the state, which is "
                            "now at {}",
                            plan.serial, state.serial),
                advice);
  }
}

void preflight(Remote& remote, const State& state, Plan& plan) {
  Looking looking{remote, {}, std::nullopt};
  for (const Step& step : plan.steps) {
    const auto record = state.records.find(step.address);
    if (acts_on_object(step)) {
      remote.loop().spawn(look_at(looking, step));
    } else if (step.reason == Reason::gone && record != state.records.end()) {
      // A step on a replaced object names it; one that makes an object anew has no id yet.
      const std::string id = step.id.empty() ? record->second.id : step.id;
      remote.loop().spawn(look_for_gone(looking, step, id));
    }
  }
  remote.loop().run();
  give_up_if(looking.trouble);
  if (!looking.moved.empty()) {
    std::sort(looking.moved.begin(), looking.moved.end());
    throw Fatal(ExitCode::conflict,
                fmt::format("The plan is stale: {}", fmt::join(looking.moved, "; ")),
                "Nothing was changed. Plan again to see their change next to yours.");
  }
  plan.clashes = find_namesakes(remote, state, plan, Making::all);
  mark_lost_creates(state, plan);
}

}  // namespace sluice::run
