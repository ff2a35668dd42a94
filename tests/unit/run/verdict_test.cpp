#include "core/fatal.hpp"
#include "run/stale.hpp"
#include "run/step_runner.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::run;

namespace {

/// The words of the refusal, empty when the plan is taken.
std::string refusal(const Plan& plan, const State& state) {
  try {
    refuse_stale(plan, state);
    return {};
  } catch (const Fatal& fatal) {
    CHECK(fatal.code() == ExitCode::conflict);
    return fatal.diagnostic().summary;
  }
}

}  // namespace

TEST_CASE("judge: only an answer that rules it out means that nothing was done") {
  struct Row {
    int status;
    Verdict verdict;
  };
  for (const Row& row :
       {Row{200, Verdict::accepted}, Row{204, Verdict::accepted}, Row{101, Verdict::ambiguous},
        Row{302, Verdict::ambiguous}, Row{400, Verdict::refused}, Row{408, Verdict::ambiguous},
        Row{412, Verdict::refused}, Row{429, Verdict::refused}, Row{500, Verdict::ambiguous},
        Row{503, Verdict::ambiguous}}) {
    CHECK_MESSAGE(judge(http::Response{row.status, {}, {}}) == row.verdict, row.status);
  }
  CHECK(judge(http::Failure{"cut", true}) == Verdict::ambiguous);
  CHECK(judge(http::Failure{"refused", false}) == Verdict::not_sent);
}

TEST_CASE("refuse_stale: a plan fits one state, once") {
  Plan plan;
  plan.id = "plan-1";
  plan.lineage = "lineage-1";
  plan.serial = 4;
  State state;
  state.lineage = "lineage-1";
  state.serial = 4;
  CHECK(refusal(plan, state).empty());

  State used = state;
  used.applied_plan = "plan-1";
  CHECK(refusal(plan, used) == "This plan was applied already");
  State other = state;
  other.lineage = "lineage-2";
  CHECK(refusal(plan, other) == "The plan belongs to another state (its lineage differs)");
  State later = state;
  later.serial = 5;
  CHECK(refusal(plan, later) ==
        "The plan is stale: it was made on serial 4 of the state, which is now at 5");

  // A plan that was made before there was a state brings the lineage with it.
  plan.serial = 0;
  CHECK(refusal(plan, State{}).empty());
}
