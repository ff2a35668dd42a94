// The state's lock among many processes, some of which die or sleep with it.

#include "core/json.hpp"
#include "processes/contention.hpp"
#include "support/loopback_site.hpp"
#include "support/places.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <thread>

using namespace sluice;
using namespace sluice::test;

namespace {

namespace fs = std::filesystem;

// The real program among the workers, without a platform of its own to wait for.
const std::vector<std::string> kLocal = {"--local", "--yes", "--lock-timeout", "60"};

/// Applies one change after the other, each under the lock, until told that it is enough.
class Applies {
 public:
  explicit Applies(const LoopbackSite& site) : site_(site), thread_([this] { apply_all(); }) {}
  Applies(const Applies&) = delete;
  Applies& operator=(const Applies&) = delete;
  ~Applies() { end(); }

  /// How many there were; those that failed are in `failures`.
  int end() {
    enough_ = true;
    if (thread_.joinable()) thread_.join();
    return done_;
  }
  std::string failures;

 private:
  void apply_all() {
    while (!enough_) {
      const std::string name = "Flow number " + std::to_string(done_);
      std::string spec = site_.example();
      const std::string old_name = "Streaming Dataflow for Customer.io";
      spec.replace(spec.find(old_name), old_name.size(), name);
      site_.write_spec(spec);
      std::vector<std::string> arguments = {"apply"};
      arguments.insert(arguments.end(), kLocal.begin(), kLocal.end());
      const Finished applied = site_.run(arguments);
      if (applied.code != 0) failures += applied.err;
      ++done_;
      // An apply holds the lock for longer than fifty of the workers do.
      std::this_thread::sleep_for(std::chrono::milliseconds(700));
    }
  }

  const LoopbackSite& site_;
  std::atomic<bool> enough_ = false;
  int done_ = 0;
  std::thread thread_;
};

/// The workers and the real program want the lock of one state.
void check_engine(const Contention& contention) {
  const LoopbackSite site;
  fs::create_directories(site.folder.path() / "state");
  const std::string state = (site.folder.path() / "state/customerio.local.json").string();
  LockLog log((site.folder.path() / "log").string());
  Applies applies(site);
  play(contention, state, log);
  const int applied = applies.end();
  INFO(log.first_overlap());
  CHECK(log.overlaps() == 0);
  CHECK(log.stuck() == 0);
  CHECK(log.ended() >= contention.workers);
  CHECK(log.takeovers() >= contention.kills * 3 / 4);
  // Who waits asks five times a second; the rest is for a machine with other work to do.
  CHECK(log.longest_takeover() < Millis(2000));
  INFO(applies.failures);
  CHECK(applies.failures.empty());
  CHECK(applied > 1);
  // Each apply saved once, on what the one before had saved.
  CHECK(Json::parse(read_text(state)).at("serial") == applied);
  std::printf(
      "lock: %d cycles of %d processes, %d died inside, %d stopped, %d applies of the real program "
      "between them, overlaps %d, stuck %d, taken over after %lld ms at most\n",
      log.entered(), contention.workers, log.takeovers(), contention.stops, applied, log.overlaps(),
      log.stuck(), static_cast<long long>(log.longest_takeover().count()));
}

struct Twin {
  int overlaps = 0;
  int stuck = 0;
};

Twin played_twin(const std::string& way, int kills, int stops) {
  const TempDir folder;
  LockLog log((folder.path() / "log").string());
  play({way, 8, 12, kills, stops, Millis(1000), 1}, (folder.path() / "state.json").string(), log);
  return {log.overlaps(), log.stuck()};
}

}  // namespace

TEST_CASE("lock: no two processes are inside at once, whoever is killed or stopped there") {
  check_engine({"engine", 64, 8, 16, 3, Millis(60'000), 1});
}

// process_tests --no-skip --test-case='long*'
TEST_CASE("long: the lock with 500 kills and 50 stops" * doctest::skip()) {
  check_engine({"engine", 64, 1000, 500, 50, Millis(120'000), 2});
}

TEST_CASE("lock: the ways that are known to fail are seen to fail") {
  auto existence = std::async(std::launch::async, played_twin, "existence", 1, 0);
  auto lease = std::async(std::launch::async, played_twin, "lease", 0, 2);
  auto posix = std::async(std::launch::async, played_twin, "posix", 0, 0);
  // The dead leave their file, and nobody comes in any more.
  CHECK(existence.get().stuck > 0);
  // Who is only asleep is taken for dead.
  CHECK(lease.get().overlaps > 0);
  // A look at the lock's file gives the lock away.
  CHECK(posix.get().overlaps > 0);
}

TEST_CASE("lock: unlock removes that of a holder who is elsewhere or gone, and no other") {
  const LoopbackSite site;
  fs::create_directories(site.folder.path() / "state");
  const std::string lock = (site.folder.path() / "state/customerio.json.lock").string();
  // As across a network file system: it is held, and its holder is nowhere here.
  for (const bool is_elsewhere : {true, false}) {
    Process holder({lock_worker_binary(), "hold", lock.substr(0, lock.size() - 5)}, {}, "/");
    holder.read_until("lock-");
    Json note = Json::parse(read_text(lock));
    note[is_elsewhere ? "host" : "pid"] = is_elsewhere ? Json("elsewhere") : Json(999'999'999);
    std::ofstream(lock) << note.dump() << "\n";
    CHECK(site.run({"apply", "--yes"}).code == 3);
    CHECK(site.run({"unlock", "lock-0"}).code == 64);
    const Finished removed = site.run({"unlock", note.at("id")});
    INFO(removed.err);
    CHECK(removed.code == 0);
    CHECK(holds(removed.out, "Removed the lock of state/customerio.json"));
    CHECK(holds(removed.out, ", for "));
    CHECK_FALSE(fs::exists(lock));
    CHECK(site.run({"apply", "--yes"}).code == 0);
  }
}

TEST_CASE("lock: who is refused learns who holds it, and who waits gets it when the holder dies") {
  const LoopbackSite site;
  fs::create_directories(site.folder.path() / "state");
  const std::string state = (site.folder.path() / "state/customerio.json").string();
  Process holder({lock_worker_binary(), "hold", state}, {}, "/");
  std::string id = holder.read_until("lock-");
  id.pop_back();
  const Json note = Json::parse(read_text(state + ".lock"));

  const Finished refused = site.run({"apply", "--yes"});
  INFO(refused.err);
  CHECK(refused.code == 3);
  for (const char* field : {"who", "host", "command", "created", "id"})
    CHECK(holds(refused.err, note.at(field)));
  CHECK(holds(refused.err, std::to_string(holder.pid())));
  CHECK(holds(refused.err, state.substr(state.find("state/customerio"))));

  CHECK(site.run({"unlock", "lock-0"}).code == 64);
  const Finished alive = site.run({"unlock", id});
  CHECK(alive.code == 3);
  CHECK(holds(alive.err, std::to_string(holder.pid())));
  CHECK(fs::exists(state + ".lock"));
  CHECK(site.run({"apply", "--yes"}).code == 3);

  Process waiting(site.command({"apply", "--yes", "--lock-timeout", "30"}), site.environment,
                  site.folder.path());
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto killed = std::chrono::steady_clock::now();
  holder.send(SIGKILL);
  CHECK(waiting.finish().code == 0);
  CHECK(std::chrono::steady_clock::now() - killed < std::chrono::seconds(5));
  const Finished free = site.run({"unlock", id});
  CHECK(free.code == 0);
  CHECK(holds(free.out, "is not locked"));
}
