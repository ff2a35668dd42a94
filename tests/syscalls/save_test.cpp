// The saves of the real program: killed at each call, and each call failing once.

#include "syscalls/applied.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sluice::test;

namespace {

namespace fs = std::filesystem;

constexpr const char* kNewAddress = "pipelines.web.flow";
constexpr std::ptrdiff_t kBackups = 10;

std::ptrdiff_t backups(const std::string& folder) {
  const fs::directory_iterator entries(fs::path(folder) / (std::string(kStateFile) + ".backup"));
  return std::count_if(begin(entries), end(entries), [](const fs::directory_entry& entry) {
    return entry.path().extension() == ".json";
  });
}

Complaints check_move(const std::string& folder, bool must_be_new, const Ids& old_ids) {
  Ids new_ids = old_ids;
  auto moved = new_ids.extract(kFlow);
  moved.key() = kNewAddress;
  new_ids.insert(std::move(moved));
  const Held found = held(folder);
  const bool is_new = found.ids == new_ids;
  if (must_be_new && !is_new) return {{Wrong::lost, "it is not done: " + text_of(found)}};
  if (!is_new && found.ids != old_ids) return {{Wrong::torn, text_of(found)}};
  if (backups(folder) < kBackups) return {{Wrong::lost, "a backup is gone, with none for it"}};
  // What is there already cannot be done again, so a move back shows then that the folder works.
  const Traced next = is_new ? run(folder, {"state", "mv", kNewAddress, kFlow})
                             : run(folder, {"state", "mv", kFlow, kNewAddress});
  if (next.code != 0) return {{Wrong::stuck, ended("state mv", next)}};
  const Held after = held(folder);
  if (after.ids != (is_new ? old_ids : new_ids)) return {{Wrong::stuck, text_of(after)}};
  if (backups(folder) != kBackups) return {{Wrong::stuck, "backups pile up"}};
  return {};
}

Complaints check_row(const std::string& folder, bool must_be_new, const Ids& ids) {
  const Held found = held(folder);
  if (must_be_new && (found.ids != ids || !found.has_new_row)) {
    return {{Wrong::lost, "it is not done: " + text_of(found)}};
  }
  if (found.ids != ids) return {{Wrong::torn, text_of(found)}};
  if (must_be_new) {
    const Traced plan = run(folder, {"plan", "--detailed-exitcode"});
    if (plan.code != 0) return {{Wrong::lost, ended("plan", plan)}};
  }
  const Traced again = run(folder, {"apply", "--yes"});
  if (again.code != 0) return {{Wrong::stuck, ended("apply", again)}};
  const Traced plan = run(folder, {"plan", "--detailed-exitcode"});
  if (plan.code != 0) return {{Wrong::stuck, ended("plan", plan)}};
  const Held after = held(folder);
  if (after.ids == ids && after.has_new_row) return {};
  return {{Wrong::stuck, text_of(after)}};
}

/// From a folder that has all the backups that are kept, so that the oldest one has to go.
Saving state_mv(const Applied& applied) {
  for (std::ptrdiff_t i = 0; i < kBackups; i += 2) {
    applied.must_run({"state", "mv", kFlow, kNewAddress});
    applied.must_run({"state", "mv", kNewAddress, kFlow});
  }
  REQUIRE(backups(applied.path()) == kBackups);
  Saving saving = saving_of("state mv", applied, {"state", "mv", kFlow, kNewAddress}, "is now");
  saving.check = [ids = applied.ids](const std::string& folder, bool must_be_new) {
    return check_move(folder, must_be_new, ids);
  };
  return saving;
}

Saving apply_of_row(const Applied& applied) {
  applied.change_row();
  Saving saving = saving_of("apply", applied, {"apply", "--yes"}, "Apply complete");
  saving.check = [ids = applied.ids](const std::string& folder, bool must_be_new) {
    return check_row(folder, must_be_new, ids);
  };
  return saving;
}

}  // namespace

TEST_CASE("saves: no kill tears or loses the state, and no failing call goes unsaid") {
  const Applied moved;
  const Applied changed;
  Figures killed;
  Figures failed;
  sweep(state_mv(moved), false, killed, failed);
  // An apply asks for chance and memory between the calls that count.
  sweep(apply_of_row(changed), true, killed, failed);
  INFO(text_of(killed.complaints, 40));
  INFO(text_of(failed.complaints, 40));
  CHECK(killed.complaints.empty());
  CHECK(failed.complaints.empty());
  CHECK(killed.points > 200);
  CHECK(failed.points > 500);
  print(killed, failed);
}
