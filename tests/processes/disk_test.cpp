// The real program where files may not grow, where the disk is full, and where it has no inodes.

#include "cli/system.hpp"
#include "processes/aftermath.hpp"
#include "support/places.hpp"
#include "support/specs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <sstream>
#include <string_view>
#include <sys/mount.h>
#include <thread>

using namespace sluice;
using namespace sluice::test;

namespace {

namespace fs = std::filesystem;

constexpr const char* kTooLarge = "File too large";
constexpr const char* kNoSpace = "No space left on device";

using Words = std::vector<std::string>;

Words joined(Words first, const Words& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// No signal, no false success, and a failure that names file and cause. "" when that is so.
std::string complaint(const Finished& finished, bool is_done, const std::string& file,
                      const std::string& cause) {
  const std::string end = "exit code " + std::to_string(finished.code) + ": " + finished.err;
  if (finished.code >= 128) return "it ends by a signal, " + end;
  if (finished.code == 0) return is_done ? "" : "it says that it is done, and it is not";
  if (!holds(finished.err, file)) return "the file is not named, " + end;
  return holds(finished.err, cause) ? "" : "the cause is not named, " + end;
}

/// An apply that the disk disturbs, and an undisturbed one after it.
struct Trial {
  std::string name;
  int pipelines_before = 0;  ///< Applied already, without a disturbance.
  Words prefix = {};         ///< What starts the program.
  std::string cause;         ///< Of the failure.
  std::function<void(const std::string&)> disturb = {};  ///< Called with the state's folder.
  std::function<void(const std::string&)> undisturb = {};
  std::function<void(const std::string&)> clear = {};  ///< So that the folder can be removed.
};

struct Verdict {
  bool fitted = false;   ///< The disk was large enough.
  bool in_work = false;  ///< It failed when something had been made already.
  std::string complaint;
};

Finished disturbed(const Trial& trial, const Many& many) {
  const LoopbackSite& site = many.site;
  if (trial.pipelines_before > 0) {
    site.write_spec(many_pipelines(trial.pipelines_before));
    REQUIRE(site.run({"apply", "--yes"}).code == 0);
  }
  site.write_spec(many_pipelines(kPipelines));
  Process process(joined(trial.prefix, site.command({"apply", "--yes"})), site.environment,
                  site.folder.path());
  return process.finish();
}

Verdict judge(const Trial& trial) {
  const LoopbackSite site;
  const Many many{site};
  const std::string folder = fs::path(many.path()).parent_path();
  fs::create_directories(folder);
  if (trial.disturb) trial.disturb(folder);
  const Finished finished = disturbed(trial, many);
  Verdict verdict;
  const std::size_t known = recorded(many).records.size();
  verdict.fitted = finished.code == 0;
  verdict.in_work = !verdict.fitted && objects(many) > parts(trial.pipelines_before);
  verdict.complaint = complaint(finished, known == parts(kPipelines), many.state, trial.cause);
  if (verdict.complaint.empty() && finished.code != 0 && finished.code != 6) {
    verdict.complaint = "exit code " + std::to_string(finished.code) + finished.err;
  }
  if (verdict.complaint.empty()) verdict.complaint = unrecorded(many);
  if (trial.undisturb) trial.undisturb(folder);
  if (verdict.complaint.empty()) verdict.complaint = stuck(many);
  if (trial.clear) trial.clear(folder);
  return verdict;
}

struct Tally {
  int trials = 0;
  int fitted = 0;
  int in_work = 0;
  std::string complaints;
};

/// Several at once, since each waits for the disk and for the platform.
Tally judge_all(const std::vector<Trial>& trials) {
  Tally tally;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  const auto work = [&] {
    for (std::size_t i = next++; i < trials.size(); i = next++) {
      Verdict verdict;
      try {
        verdict = judge(trials[i]);
      } catch (const std::exception& error) {
        verdict.complaint = error.what();
      }
      const std::lock_guard guard(mutex);
      ++tally.trials;
      if (verdict.fitted) ++tally.fitted;
      if (verdict.in_work) ++tally.in_work;
      if (!verdict.complaint.empty()) {
        tally.complaints += trials[i].name + ": " + verdict.complaint + "\n";
      }
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < 16; ++i)
    workers.emplace_back(work);
  for (std::thread& worker : workers)
    worker.join();
  return tally;
}

void check(const std::string& what, const Tally& tally) {
  INFO(tally.complaints);
  CHECK(tally.complaints.empty());
  CHECK(tally.trials > 0);
  // Neither all too small to begin nor all large enough.
  CHECK(tally.in_work > 0);
  CHECK(tally.fitted > 0);
  std::printf("disk: %s: %d, of which %d cut a run short that had made something, %d fitted\n",
              what.c_str(), tally.trials, tally.in_work, tally.fitted);
}

Trial limited(int bytes, int pipelines_before) {
  Trial trial;
  trial.name = "files of " + std::to_string(bytes) + " bytes, " + std::to_string(pipelines_before) +
               " pipelines before";
  trial.pipelines_before = pipelines_before;
  trial.prefix = {"/usr/bin/prlimit", "--fsize=" + std::to_string(bytes)};
  trial.cause = kTooLarge;
  return trial;
}

void mount_here(const std::string& folder, unsigned long flags, const std::string& options) {
  if (mount("tmpfs", folder.c_str(), "tmpfs", flags, options.c_str()) != 0) {
    throw std::runtime_error("no tmpfs with " + options);
  }
}

Trial mounted(const std::string& options) {
  Trial trial;
  trial.name = "a disk with " + options;
  trial.cause = kNoSpace;
  trial.disturb = [options](const std::string& folder) { mount_here(folder, 0, options); };
  trial.undisturb = [](const std::string& folder) {
    mount_here(folder, MS_REMOUNT, "size=64m,nr_inodes=1000");
  };
  trial.clear = [](const std::string& folder) { umount2(folder.c_str(), MNT_DETACH); };
  return trial;
}

/// This program again, where it may mount and where nobody else sees it.
Finished run_unshared(const std::string& test_case) {
  const std::string self = cli::program_folder() + "/process_tests";
  Process process({"/usr/bin/unshare", "--mount", "--map-root-user", "--user", self, "--no-skip",
                   "--test-case=" + test_case},
                  {}, "/");
  return process.finish();
}

void check_unshared(const std::string& test_case) {
  const Finished finished = run_unshared(test_case);
  INFO(finished.out);
  CHECK(finished.code == 0);
  std::istringstream lines(finished.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("disk: ")) std::printf("%s\n", line.c_str());
  }
}

void check_disks(const std::vector<int>& kibibytes, const std::vector<int>& inodes) {
  std::vector<Trial> trials;
  for (const int size : kibibytes)
    trials.push_back(mounted("size=" + std::to_string(size) + "k"));
  check("sizes of disks", judge_all(trials));
  trials.clear();
  for (const int count : inodes)
    trials.push_back(mounted("nr_inodes=" + std::to_string(count)));
  check("counts of inodes", judge_all(trials));
}

constexpr const char* kOldText = "the old first half, the old second half\n";
constexpr const char* kNewText = "the new first half, the new second half\n";

/// What is found of a program that saves without a look at how its calls end.
std::string complaint_of_twin(const Words& command, const TempDir& folder,
                              const std::string& cause) {
  const fs::path file = folder.path() / "saved.txt";
  std::ofstream(file) << kOldText;
  Process process(command, {}, folder.path());
  const Finished finished = process.finish();
  return complaint(finished, read_text(file) == kNewText, "saved.txt", cause);
}

}  // namespace

// process_tests --no-skip --test-case='long*' tries every size.
TEST_CASE("disk: where files may not grow an apply stops in time, and the next one goes on") {
  check("sizes of files",
        judge_all({limited(0, 0), limited(65535, 0), limited(65536, 0), limited(80'000, 0),
                   limited(1'000'000, 0), limited(65536, kPipelines - 1),
                   limited(80'000, kPipelines - 1)}));
}

TEST_CASE("long: sizes of files" * doctest::skip()) {
  std::vector<Trial> trials;
  for (int bytes = 0; bytes <= 256'000; bytes += 2000)
    trials.push_back(limited(bytes, bytes % 4000 == 0 ? 0 : kPipelines - 1));
  check("sizes of files", judge_all(trials));
}

TEST_CASE("disk: a full one stops an apply in time, and with room the next one goes on") {
  if (run_unshared("inside: may mount").code != 0) {
    const char* ci = std::getenv("CI");
    CHECK_MESSAGE((ci == nullptr || std::string_view(ci) != "true"),
                  "nothing may be mounted here, so that full disks are not tested");
    std::printf("disk: SKIPPED, since nothing may be mounted here: full disks, lack of inodes\n");
    return;
  }
  check_unshared("inside: a full disk");
}

TEST_CASE("long: sizes of disks" * doctest::skip()) {
  check_unshared("inside: all sizes");
}

TEST_CASE("inside: may mount" * doctest::skip()) {
  const TempDir folder;
  mount_here(folder.path(), 0, "size=4k");
  CHECK(umount(folder.path().c_str()) == 0);
}

TEST_CASE("inside: all sizes" * doctest::skip()) {
  std::vector<int> sizes(128);
  std::generate(sizes.begin(), sizes.end(), [size = 0]() mutable { return size += 4; });
  check_disks(sizes, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("inside: a full disk" * doctest::skip()) {
  check_disks({4, 64, 72, 88, 140, 180, 260, 512}, {2, 4, 5, 6, 7, 20});
  const TempDir folder;
  mount_here(folder.path(), 0, "size=4k");
  CHECK(complaint_of_twin({saver_twin_binary(), "careless"}, folder, kNoSpace) != "");
  CHECK(umount(folder.path().c_str()) == 0);
}

TEST_CASE("disk: a program that looks at no result, and one that is killed, are seen") {
  const TempDir folder;
  const Words limit = {"/usr/bin/prlimit", "--fsize=20"};
  const Words deaf = joined(limit, {"/usr/bin/env", "--ignore-signal=XFSZ"});
  CHECK(complaint_of_twin(joined(limit, {saver_twin_binary(), "in_place"}), folder, kTooLarge) !=
        "");
  CHECK(complaint_of_twin(joined(deaf, {saver_twin_binary(), "careless"}), folder, kTooLarge) !=
        "");
  // It loses the old text, and says so.
  CHECK(complaint_of_twin(joined(deaf, {saver_twin_binary(), "in_place"}), folder, kTooLarge) ==
        "");
}
