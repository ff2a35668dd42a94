// Signals to the real program in the middle of an apply, and readers of its output that go away.

#include "processes/aftermath.hpp"
#include "support/places.hpp"
#include "support/specs.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <thread>

using namespace sluice;
using namespace sluice::test;

namespace {

using Watch = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kLatencyMs = 20;

/// A site where 30 pipelines are to be made, slowly enough to come in between.
struct Scene {
  Scene() : site(kLatencyMs), many{site} { site.write_spec(many_pipelines(kPipelines)); }

  std::vector<std::string> apply() const { return site.command({"apply", "--yes"}); }

  LoopbackSite site;
  Many many;
};

struct Ended {
  Finished finished;
  milliseconds after{0};  ///< From the last signal.
};

/// An apply that is under way when `disturb` is called.
Ended disturbed(const Scene& scene, const std::vector<std::string>& command,
                const std::function<void(Process&)>& disturb) {
  Process process(command, scene.site.environment, scene.site.folder.path());
  CHECK(holds(process.read_error_until("created"), "created"));
  disturb(process);
  const auto disturbed_at = Watch::now();
  Ended result;
  result.finished = process.finish();
  result.after = std::chrono::duration_cast<milliseconds>(Watch::now() - disturbed_at);
  return result;
}

std::function<void(Process&)> signals(std::vector<int> numbers) {
  return [numbers = std::move(numbers)](Process& process) {
    for (const int number : numbers) {
      process.send(number);
      // Two of a kind that come at once are one.
      std::this_thread::sleep_for(milliseconds(20));
    }
  };
}

/// Saved, with nothing left for the next run to look up.
bool is_drained(const Scene& scene) {
  return read_text(scene.many.path() + ".journal").empty() && recorded(scene.many).pending.empty();
}

void check_drained(std::vector<int> numbers, int code) {
  const Scene scene;
  const Ended ended = disturbed(scene, scene.apply(), signals(std::move(numbers)));
  INFO(ended.finished.err);
  CHECK(ended.finished.code == code);
  CHECK(ended.after < milliseconds(5000));
  CHECK(holds(ended.finished.err, "It was interrupted."));
  CHECK(is_drained(scene));
  CHECK(recorded(scene.many).records.size() < parts(kPipelines));
  CHECK(unrecorded(scene.many) == "");
  CHECK(stuck(scene.many) == "");
}

void check_cut_off(std::vector<int> numbers, int code) {
  const Scene scene;
  const Ended ended = disturbed(scene, scene.apply(), signals(std::move(numbers)));
  INFO(ended.finished.err);
  CHECK(ended.finished.code == code);
  CHECK(ended.after < milliseconds(1000));
  CHECK(unrecorded(scene.many) == "");
  CHECK(stuck(scene.many) == "");
}

/// What GitHub does to a job that is cancelled, here while the platform answers nothing any more.
void check_cancelled_job() {
  const Scene scene;
  const Ended ended = disturbed(scene, scene.apply(), [&](Process& process) {
    scene.site.emulator().send(SIGSTOP);
    process.send(SIGINT);
    std::this_thread::sleep_for(milliseconds(7500));
    process.send(SIGTERM);
  });
  // It still waits for the calls under way when it is told for the second time.
  CHECK(ended.finished.code == 143);
  CHECK(ended.after < milliseconds(1000));
  scene.site.emulator().send(SIGCONT);
  // What it had received is made now, and has to be found.
  std::this_thread::sleep_for(milliseconds(200));
  CHECK(unrecorded(scene.many) == "");
  CHECK(stuck(scene.many) == "");
}

void check_nohup() {
  const Scene scene;
  std::vector<std::string> command = scene.apply();
  command.insert(command.begin(), "/usr/bin/nohup");
  const Ended ended = disturbed(scene, command, signals({SIGHUP}));
  CHECK(ended.finished.code == 0);
  CHECK(recorded(scene.many).records.size() == parts(kPipelines));
}

/// Before anything is begun there is nothing to wait for.
void check_at_once(const Scene& scene, const std::vector<std::string>& arguments) {
  Process process(scene.site.command(arguments), scene.site.environment, scene.site.folder.path());
  std::this_thread::sleep_for(milliseconds(500));
  process.send(SIGINT);
  const auto interrupted_at = Watch::now();
  CHECK(process.finish().code == 130);
  CHECK(Watch::now() - interrupted_at < milliseconds(1000));
}

void check_unread() {
  const Scene scene;
  const Ended ended =
      disturbed(scene, scene.apply(), [](Process& process) { process.stop_reading(); });
  CHECK(ended.finished.code == 1);
  CHECK(is_drained(scene));
  CHECK(recorded(scene.many).records.size() == parts(kPipelines));
  CHECK(stuck(scene.many) == "");
}

/// Each of them waits for the platform most of the time.
void side_by_side(const std::vector<std::function<void()>>& checks) {
  std::vector<std::future<void>> ends;
  for (const std::function<void()>& check : checks)
    ends.push_back(std::async(std::launch::async, check));
  for (std::future<void>& end : ends)
    end.get();
}

}  // namespace

TEST_CASE("signals: the first drains, the second ends the run, and the next run goes on") {
  const auto drained = [](std::vector<int> numbers, int code) {
    return [numbers, code] { check_drained(numbers, code); };
  };
  const auto cut_off = [](std::vector<int> numbers, int code) {
    return [numbers, code] { check_cut_off(numbers, code); };
  };
  // A shell and the kernel both tell of a terminal that is closed.
  side_by_side({check_cancelled_job, check_nohup, check_unread, drained({SIGINT}, 130),
                drained({SIGTERM}, 143), drained({SIGHUP}, 129), drained({SIGHUP, SIGHUP}, 129),
                cut_off({SIGINT, SIGINT}, 130), cut_off({SIGINT, SIGTERM}, 143),
                cut_off({SIGHUP, SIGTERM}, 143)});
}

// process_tests --no-skip --test-case='long: signals*'
TEST_CASE("long: signals at a hundred moments of an apply" * doctest::skip()) {
  std::atomic<int> drained = 0;
  std::atomic<int> next = 0;
  const auto work = [&] {
    for (int i = next++; i < 100; i = next++) {
      const Scene scene;
      Process process(scene.apply(), scene.site.environment, scene.site.folder.path());
      std::this_thread::sleep_for(milliseconds(20 * i));
      const int number = std::vector{SIGINT, SIGTERM, SIGHUP}[static_cast<std::size_t>(i % 3)];
      process.send(number);
      const int code = process.finish().code;
      INFO(i);
      // Later signals may find it done.
      CHECK((code == 128 + number || code == 0));
      if (code != 0) ++drained;
      CHECK(unrecorded(scene.many) == "");
      CHECK(stuck(scene.many) == "");
    }
  };
  side_by_side({work, work, work, work, work, work});
  std::printf("signals: %d of 100 moments ended the apply, and the next one went on\n",
              drained.load());
}

TEST_CASE("signals: who only looks, or waits for a lock, ends at once") {
  const Scene scene;
  std::filesystem::create_directories(scene.site.folder.path() / "state");
  Process holder({lock_worker_binary(), "hold", scene.many.path()}, {}, "/");
  CHECK(holds(holder.read_until("lock-"), "lock-"));
  scene.site.emulator().send(SIGSTOP);
  const auto at_once = [&scene](const std::vector<std::string>& arguments) {
    return [&scene, arguments] { check_at_once(scene, arguments); };
  };
  side_by_side({at_once({"plan"}), at_once({"apply", "--yes", "--lock-timeout", "60"}),
                at_once({"apply", "--yes", "--state", "state/other.json"})});
  scene.site.emulator().send(SIGCONT);
}

TEST_CASE("signals: a run that does not drain, and one that forgets, are seen") {
  const Scene scene;
  const Ended killed = disturbed(scene, scene.apply(), signals({SIGKILL}));
  CHECK(killed.finished.code == 128 + SIGKILL);
  CHECK(!is_drained(scene));
  CHECK(unrecorded(scene.many) == "");
  std::filesystem::remove(scene.many.path() + ".journal");
  CHECK(unrecorded(scene.many) != "");
  CHECK(scene.site.run({"apply", "--yes", "--allow-duplicate-names"}).code == 0);
  CHECK(stuck(scene.many) != "");
}
