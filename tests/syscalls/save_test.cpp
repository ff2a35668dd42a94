// The saves of the real program: killed at each call, and each call failing once.

#include "core/json.hpp"
#include "support/read_text.hpp"
#include "support/temp_dir.hpp"
#include "syscalls/sweep.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>
#include <map>

using namespace sluice;
using namespace sluice::test;

namespace {

namespace fs = std::filesystem;

constexpr const char* kOldRow = "source: data.identifiers.email,";
constexpr const char* kNewRow = "source: data.identifiers.mail,";

const std::map<std::string, std::string>& environment() {
  // LeakSanitizer stops other threads with ptrace, and of that there can be only one.
  static const std::map<std::string, std::string> variables = {{"ASAN_OPTIONS", "detect_leaks=0"},
                                                               {"SLUICE_SETTLE", "0.2"}};
  return variables;
}

std::vector<std::string> command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), SLUICE_BINARY);
  arguments.emplace_back("--local");
  return arguments;
}

Traced run(const std::string& folder, const std::vector<std::string>& arguments) {
  return run_untraced({command(arguments), environment(), folder});
}

std::string ended(const std::string& what, const Traced& traced) {
  return "`" + what + "` exits with " + std::to_string(traced.code) + ": " + traced.out +
         traced.err;
}

/// What the state holds: the id at each address, and the row that the spec changes.
struct Held {
  std::map<std::string, std::string> ids;
  bool has_new_row = false;
  std::string problem;  ///< When it cannot be read.
};

Held held(const std::string& folder) {
  const Traced list = run(folder, {"state", "list", "--json"});
  const Json document = Json::parse(list.out, nullptr, false);
  if (list.code != 0 || document.is_discarded()) return {{}, false, ended("state list", list)};
  Held result;
  for (const Json& resource : document.at("resources"))
    result.ids[resource.at("address")] = resource.at("id").get<std::string>();
  result.has_new_row = list.out.find("\"data.identifiers.mail\"") != std::string::npos;
  return result;
}

/// A folder with the example applied.
class Applied {
 public:
  Applied() {
    fs::create_directories(folder.path() / "specs");
    fs::copy(fs::path(SLUICE_SOURCE_DIR) / "specs/customerio.yaml", spec());
    const Traced applied = run(folder.path().string(), {"apply", "--yes"});
    REQUIRE_MESSAGE(applied.code == 0, applied.err);
    ids = held(folder.path().string()).ids;
    REQUIRE(ids.size() == 4);
  }

  void change_row() const {
    std::string text = read_text(spec());
    const std::size_t at = text.find(kOldRow);
    REQUIRE(at != std::string::npos);
    std::ofstream(spec()) << text.replace(at, std::string(kOldRow).size(), kNewRow);
  }

  TempDir folder;
  std::map<std::string, std::string> ids;

 private:
  fs::path spec() const { return folder.path() / "specs/customerio.yaml"; }
};

Saving saving_of(const std::string& name, const Applied& applied) {
  Saving saving;
  saving.name = name;
  saving.environment = environment();
  saving.pristine = applied.folder.path();
  saving.saved_file = "state/customerio.local.json";
  return saving;
}

std::string text_of(const Held& found) {
  std::string text = found.problem.empty() ? "the state has" : found.problem;
  for (const auto& [address, id] : found.ids)
    text += " " + address + "=" + id;
  return text + (found.has_new_row ? " and the new row" : "");
}

using Ids = std::map<std::string, std::string>;

constexpr const char* kOldAddress = "pipelines.events.flow";
constexpr const char* kNewAddress = "pipelines.web.flow";

Complaints check_move(const std::string& folder, bool must_be_new, const Ids& old_ids) {
  Ids new_ids = old_ids;
  auto moved = new_ids.extract(kOldAddress);
  moved.key() = kNewAddress;
  new_ids.insert(std::move(moved));
  const Held found = held(folder);
  const bool is_new = found.ids == new_ids;
  if (must_be_new && !is_new) return {{Wrong::lost, "it is not done: " + text_of(found)}};
  if (!is_new && found.ids != old_ids) return {{Wrong::torn, text_of(found)}};
  // What is there already cannot be done again, so a move back shows then that the folder works.
  const Traced next = is_new ? run(folder, {"state", "mv", kNewAddress, kOldAddress})
                             : run(folder, {"state", "mv", kOldAddress, kNewAddress});
  if (next.code != 0) return {{Wrong::stuck, ended("state mv", next)}};
  const Held after = held(folder);
  if (after.ids == (is_new ? old_ids : new_ids)) return {};
  return {{Wrong::stuck, text_of(after)}};
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

Saving state_mv(const Applied& applied) {
  Saving saving = saving_of("state mv", applied);
  saving.command = command({"state", "mv", kOldAddress, kNewAddress});
  saving.done_text = "is now";
  saving.check = [ids = applied.ids](const std::string& folder, bool must_be_new) {
    return check_move(folder, must_be_new, ids);
  };
  return saving;
}

Saving apply_of_row(const Applied& applied) {
  applied.change_row();
  Saving saving = saving_of("apply", applied);
  saving.command = command({"apply", "--yes"});
  saving.done_text = "Apply complete";
  saving.check = [ids = applied.ids](const std::string& folder, bool must_be_new) {
    return check_row(folder, must_be_new, ids);
  };
  return saving;
}

void print(const Figures& killed, const Figures& failed) {
  const auto count = [&](Wrong wrong) { return killed.count(wrong) + failed.count(wrong); };
  std::printf("kill points %zu/%zu, fault pairs %zu/%zu, torn %zu, lost %zu, mute %zu, stuck %zu\n",
              killed.good, killed.points, failed.good, failed.points, count(Wrong::torn),
              count(Wrong::lost), count(Wrong::mute), count(Wrong::stuck));
}

}  // namespace

TEST_CASE("saves: no kill tears or loses the state, and no failing call goes unsaid") {
  const Applied moved;
  const Applied changed;
  Figures killed;
  Figures failed;
  for (const Saving& saving : {state_mv(moved), apply_of_row(changed)}) {
    const Traced reference = undisturbed(saving);
    CHECK(missing_sync(saving, reference) == "");
    // An apply asks for chance and memory between the calls that count.
    const bool only_files = saving.name == "apply";
    killed.add(kill_sweep(saving, reference, only_files));
    failed.add(fault_sweep(saving, reference));
  }
  INFO(text_of(killed.complaints, 40));
  INFO(text_of(failed.complaints, 40));
  CHECK(killed.complaints.empty());
  CHECK(failed.complaints.empty());
  CHECK(killed.points > 200);
  CHECK(failed.points > 500);
  print(killed, failed);
}
