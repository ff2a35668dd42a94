// The other saves of the program, which take minutes: `tests/run --long`, or
//   syscall_tests --no-skip --test-case='long: every save*'

#include "core/json.hpp"
#include "support/read_text.hpp"
#include "syscalls/applied.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>

using namespace sluice;
using namespace sluice::test;

namespace {

namespace fs = std::filesystem;

constexpr const char* kPlanFile = "plan.out";

Ids without_flow(Ids ids) {
  ids.erase(kFlow);
  return ids;
}

/// Nothing when the command exits with 0.
Complaints must(const std::string& folder, const std::vector<std::string>& arguments,
                Wrong wrong = Wrong::stuck) {
  const Traced traced = run(folder, arguments);
  if (traced.code == 0) return {};
  return {{wrong, ended(arguments[0], traced)}};
}

/// Nothing when spec, state and platform agree.
Complaints must_agree(const std::string& folder, Wrong wrong) {
  return must(folder, {"plan", "--detailed-exitcode"}, wrong);
}

Complaints must_hold(const std::string& folder, const Ids& ids) {
  const Held found = held(folder);
  if (found.problem.empty() && found.ids == ids) return {};
  return {{Wrong::stuck, text_of(found)}};
}

/// What a save that goes from one set of ids to another may leave; `again` does it anew.
Complaints check_change(const std::string& folder, bool must_be_new, const Ids& old_ids,
                        const Ids& new_ids, const std::vector<std::string>& again) {
  const Held found = held(folder);
  const bool is_new = found.problem.empty() && found.ids == new_ids;
  if (must_be_new && !is_new) return {{Wrong::lost, "it is not done: " + text_of(found)}};
  if (!is_new && (!found.problem.empty() || found.ids != old_ids))
    return {{Wrong::torn, text_of(found)}};
  if (!is_new) {
    if (Complaints complaints = must(folder, again); !complaints.empty()) return complaints;
  }
  return must_hold(folder, new_ids);
}

Complaints check_destroy(const std::string& folder, bool must_be_new, const Ids& ids) {
  const Held found = held(folder);
  const bool is_part = std::all_of(found.ids.begin(), found.ids.end(), [&ids](const auto& one) {
    const auto known = ids.find(one.first);
    return known != ids.end() && known->second == one.second;
  });
  if (!found.problem.empty() || !is_part) return {{Wrong::torn, text_of(found)}};
  if (must_be_new && !found.ids.empty()) {
    return {{Wrong::lost, "it is not done: " + text_of(found)}};
  }
  if (!must_be_new) {
    const Complaints complaints = must(folder, {"destroy", "--yes"});
    if (!complaints.empty()) return complaints;
  }
  if (Complaints complaints = must_hold(folder, {}); !complaints.empty()) return complaints;
  // What the platform still has under a name of the spec is an orphan.
  const Traced plan = run(folder, {"plan", "--json"});
  const Json document = Json::parse(plan.out, nullptr, false);
  if (plan.code != 0 || document.is_discarded()) return {{Wrong::stuck, ended("plan", plan)}};
  if (document.at("clashes").empty()) return {};
  return {{must_be_new ? Wrong::lost : Wrong::stuck, "left over: " + plan.out}};
}

std::set<std::string> values(const Ids& ids) {
  std::set<std::string> result;
  for (const auto& [address, id] : ids)
    result.insert(id);
  return result;
}

/// The spec is written before the state, so it may be there alone. Addresses are chosen anew.
Complaints check_adopt(const std::string& folder, bool must_be_new, const Ids& ids,
                       const std::vector<std::string>& adopt) {
  const auto has = [&folder](const char* file) { return fs::exists(fs::path(folder) / file); };
  const bool has_spec = has("specs/customerio.yaml");
  if (has(kStateFile) && !has_spec) return {{Wrong::torn, "a state without a spec"}};
  const Held found = has_spec ? held(folder) : Held();
  if (!found.problem.empty()) return {{Wrong::torn, text_of(found)}};
  const bool is_new = values(found.ids) == values(ids);
  if (must_be_new && !is_new) return {{Wrong::lost, "it is not done: " + text_of(found)}};
  if (!is_new) {
    if (Complaints complaints = must(folder, adopt); !complaints.empty()) return complaints;
    const Held after = held(folder);
    if (values(after.ids) != values(ids)) return {{Wrong::stuck, text_of(after)}};
  }
  return must_agree(folder, must_be_new ? Wrong::lost : Wrong::stuck);
}

/// A state that is still damaged is said to be. It is never taken for another one.
Complaints check_recover(const std::string& folder, bool must_be_new, const Ids& ids) {
  const Held found = held(folder);
  const bool is_refused = found.problem.find("`sluice state recover`") != std::string::npos;
  if (must_be_new && found.ids != ids) return {{Wrong::lost, text_of(found)}};
  if (!is_refused && found.ids != ids) return {{Wrong::torn, text_of(found)}};
  if (is_refused) {
    if (Complaints complaints = must(folder, {"state", "recover"}); !complaints.empty())
      return complaints;
  }
  if (Complaints complaints = must_hold(folder, ids); !complaints.empty()) return complaints;
  return must_agree(folder, Wrong::stuck);
}

/// The old plan destroys, the new one changes a row.
Complaints check_plan(const std::string& folder, bool must_be_new) {
  const Traced shown = run(folder, {"show", kPlanFile, "--json"});
  const Json document = Json::parse(shown.out, nullptr, false);
  if (shown.code != 0 || document.is_discarded()) return {{Wrong::torn, ended("show", shown)}};
  const bool is_new = document.at("mode") != "destroy";
  if (must_be_new && !is_new) return {{Wrong::lost, "the old plan is still there"}};
  if (!is_new) {
    const Complaints complaints = must(folder, {"plan", "--out", kPlanFile});
    if (!complaints.empty()) return complaints;
  }
  if (Complaints complaints = must(folder, {"apply", kPlanFile}); !complaints.empty())
    return complaints;
  const Held after = held(folder);
  if (after.ids.size() == 4 && after.has_new_row) return {};
  return {{Wrong::stuck, text_of(after)}};
}

Saving destroy(const Applied& applied) {
  Saving saving = saving_of("destroy", applied, {"destroy", "--yes"}, "Destroy complete");
  saving.check = [ids = applied.ids](const std::string& folder, bool must_be_new) {
    return check_destroy(folder, must_be_new, ids);
  };
  return saving;
}

Saving import(const Applied& applied) {
  applied.must_run({"state", "rm", kFlow});
  const std::vector<std::string> arguments = {"import", kFlow, applied.ids.at(kFlow)};
  Saving saving = saving_of("import", applied, arguments, "is now");
  saving.check = [ids = applied.ids, arguments](const std::string& folder, bool must_be_new) {
    return check_change(folder, must_be_new, without_flow(ids), ids, arguments);
  };
  return saving;
}

Saving state_rm(const Applied& applied) {
  const std::vector<std::string> arguments = {"state", "rm", kFlow};
  Saving saving = saving_of("state rm", applied, arguments, "Forgot");
  saving.check = [ids = applied.ids, arguments](const std::string& folder, bool must_be_new) {
    return check_change(folder, must_be_new, ids, without_flow(ids), arguments);
  };
  return saving;
}

/// Of all that the apply wrote only the platform is left.
Saving adopt(const Applied& applied) {
  fs::remove(applied.spec());
  for (const char* end : {"", ".journal", ".lock", ".reserve", ".backup"})
    fs::remove_all(applied.state().string() + end);
  const std::vector<std::string> arguments = {"adopt",      "--all",     "--yes", "--name",
                                              "customerio", "--sandbox", "dev"};
  Saving saving = saving_of("adopt", applied, arguments, "Took over");
  saving.check = [ids = applied.ids, arguments](const std::string& folder, bool must_be_new) {
    return check_adopt(folder, must_be_new, ids, arguments);
  };
  return saving;
}

Saving recover(const Applied& applied) {
  fs::resize_file(applied.state(), fs::file_size(applied.state()) / 2);
  Saving saving = saving_of("state recover", applied, {"state", "recover"}, "is back with");
  saving.check = [ids = applied.ids](const std::string& folder, bool must_be_new) {
    return check_recover(folder, must_be_new, ids);
  };
  return saving;
}

Saving plan_out(const Applied& applied) {
  applied.must_run({"plan", "--destroy", "--out", kPlanFile});
  applied.change_row();
  Saving saving =
      saving_of("plan --out", applied, {"plan", "--out", kPlanFile}, "Saved. Carry it out");
  saving.saved_file = kPlanFile;
  saving.check = check_plan;
  return saving;
}

}  // namespace

TEST_CASE("long: every save, killed at each call and with each call failing" * doctest::skip()) {
  Figures killed;
  Figures failed;
  for (const auto& [prepare, only_files] :
       std::vector<std::pair<Saving (*)(const Applied&), bool>>{{destroy, true},
                                                                {import, true},
                                                                {state_rm, false},
                                                                {adopt, true},
                                                                {recover, false},
                                                                {plan_out, true}}) {
    const Applied applied;
    const Saving saving = prepare(applied);
    Figures killed_here;
    Figures failed_here;
    sweep(saving, only_files, killed_here, failed_here);
    MESSAGE(saving.name, ": ", killed_here.good, " of ", killed_here.points, " kill points, ",
            failed_here.good, " of ", failed_here.points, " failing calls");
    CHECK(killed_here.points > 50);
    CHECK(failed_here.points > 100);
    killed.add(std::move(killed_here));
    failed.add(std::move(failed_here));
  }
  INFO(text_of(killed.complaints, 40));
  INFO(text_of(failed.complaints, 40));
  CHECK(killed.complaints.empty());
  CHECK(failed.complaints.empty());
  print(killed, failed);
}
