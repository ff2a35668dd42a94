// Programs that lose data, to prove that the sweeps would find a loss in the real one.

#include "support/places.hpp"
#include "support/temp_dir.hpp"
#include "syscalls/sweep.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace sluice::test;

namespace {

constexpr const char* kOld = "the old first half, the old second half\n";
constexpr const char* kNew = "the new first half, the new second half\n";

std::string read_saved(const std::string& folder) {
  std::ifstream in(folder + "/saved.txt", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Saving twin(const std::string& way, const std::filesystem::path& pristine) {
  std::ofstream(pristine / "saved.txt") << kOld;
  Saving saving;
  saving.name = way;
  saving.command = {saver_twin_binary(), way};
  saving.environment = {{"ASAN_OPTIONS", "detect_leaks=0"}};
  saving.pristine = pristine;
  saving.saved_file = "saved.txt";
  saving.done_text = "saved\n";
  const std::vector<std::string> command = saving.command;
  saving.check = [command](const std::string& folder, bool must_be_new) -> Complaints {
    const std::string text = read_saved(folder);
    if (must_be_new && text != kNew) return {{Wrong::lost, "there is: " + text}};
    if (text != kOld && text != kNew) return {{Wrong::torn, "there is: " + text}};
    if (run_untraced({command, {}, folder}).code != 0 || read_saved(folder) != kNew) {
      return {{Wrong::stuck, "it does not save"}};
    }
    return {};
  };
  return saving;
}

}  // namespace

TEST_CASE("twin: a file that is written in place is found torn by a kill") {
  const TempDir pristine;
  const Saving saving = twin("in_place", pristine.path());
  const Traced reference = undisturbed(saving);
  const Figures killed = kill_sweep(saving, reference, false);
  CHECK(killed.points > 5);
  // Emptied, half of the first write, all of it, half of the second.
  CHECK(killed.count(Wrong::torn) >= 4);
  CHECK(killed.count(Wrong::strayed) == 0);
  CHECK(fault_sweep(saving, reference).count(Wrong::torn) > 0);
  CHECK(!missing_sync(saving, reference).empty());
}

TEST_CASE("twin: who looks at no result is found to say that it is done, and is not") {
  const TempDir pristine;
  const Saving saving = twin("careless", pristine.path());
  const Traced reference = undisturbed(saving);
  CHECK(missing_sync(saving, reference).empty());
  const Figures killed = kill_sweep(saving, reference, false);
  CHECK(text_of(killed.complaints, 5).empty());
  const Figures failed = fault_sweep(saving, reference);
  CHECK(failed.count(Wrong::strayed) == 0);
  std::size_t false_ends = 0;
  for (const std::string call : {"write saved.txt.tmp fails", "fsync saved.txt.tmp fails",
                                 "fsync . fails", "rename saved.txt fails"}) {
    for (const Complaint& complaint : failed.complaints) {
      if (complaint.wrong != Wrong::lost || complaint.text.find(call) == std::string::npos)
        continue;
      ++false_ends;
      break;
    }
  }
  CHECK(false_ends == 4);
}

TEST_CASE("twin: a rename without a sync survives every kill, and the order of calls tells") {
  const TempDir pristine;
  const Saving saving = twin("unsynced", pristine.path());
  const Traced reference = undisturbed(saving);
  CHECK(text_of(kill_sweep(saving, reference, false).complaints, 5).empty());
  CHECK(missing_sync(saving, reference) == "saved.txt.tmp is renamed before it is synced");
}
