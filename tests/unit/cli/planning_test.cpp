// What a plan must not do unasked.

#include "cli/planning.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::cli;

namespace {

/// What is said of a plan with so many deletions and as many creates; empty when it may go on.
std::string refusal(const std::map<std::string, std::string>& environment, int ceiling,
                    int deletions) {
  Plan plan;
  for (int i = 0; i < deletions; ++i) {
    Step step;
    step.action = Action::remove;
    plan.steps.push_back(step);
    step.action = Action::create;
    plan.steps.push_back(step);
  }
  try {
    refuse_deletions(Environment(environment), ceiling, plan);
    return {};
  } catch (const Fatal& fatal) {
    CHECK(fatal.code() == ExitCode::failed);
    return fatal.diagnostic().summary + " | " + fatal.diagnostic().detail;
  }
}

}  // namespace

TEST_CASE("planning: a ceiling on deletions, which CI has by itself") {
  CHECK(refusal({}, -1, 1000).empty());
  CHECK(refusal({{"CI", "true"}}, -1, 10).empty());
  CHECK(refusal({{"CI", "true"}}, -1, 11) ==
        "The plan deletes 11 objects, and no more than 10 may be deleted in CI unless "
        "--max-deletes says so | Nothing was changed. If all of them are to go, give "
        "--max-deletes 11.");
  CHECK(refusal({{"CI", "true"}}, 11, 11).empty());
  CHECK(refusal({}, 0, 1) ==
        "The plan deletes 1 object, and no more than 0 may be deleted | Nothing was changed. If "
        "all of them are to go, give --max-deletes 1.");
  CHECK(refusal({}, 0, 0).empty());
}
