// `state recover` is killed at each of its operations, and loses power. The next one recovers what
// it would have.

#include "unit/store/store_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::store;
using namespace sluice::test;

TEST_CASE("recover: a kill in the middle of it loses nothing, nor does a loss of power") {
  for (int die_at = 1;; ++die_at) {
    bool is_whole = false;
    for (std::uint64_t seed = 0; seed <= 20; ++seed) {
      Lived f(false);
      // A run dies with one record on the disk, and one on its way there.
      {
        StateStore dead(f.files, f.clock, kPath, kTool);
        dead.lock(kMe, Millis(0));
        dead.begin(dead.load(), "plan-2", "bob@host");
        dead.append(created("datasets.synced"));
        dead.sync();
        dead.append(created("datasets.unsynced"));
      }
      f.files.put(kPath, "cut");
      f.files.restart();
      f.files.faults.die_at = die_at;
      try {
        StateStore store(f.files, f.clock, kPath, kTool);
        store.lock(kMe, Millis(0));
        store.recover();
        is_whole = true;
      } catch (const ProcessDied&) {
      }
      SeededRandom random(1000 * static_cast<std::uint64_t>(die_at) + seed);
      if (seed > 0) f.files.lose_power(random);
      f.files.restart();
      StateStore next(f.files, f.clock, kPath, kTool);
      next.lock(kMe, Millis(0));
      auto found = next.recover().state.records;
      const auto unsynced = found.extract(address("datasets.unsynced"));
      CHECK_MESSAGE((seed > 0 || unsynced), "died at ", die_at);
      auto wanted = f.newest.records;
      wanted.emplace(address("datasets.synced"), *created("datasets.synced").record);
      CHECK_MESSAGE(found == wanted, "died at ", die_at, ", seed ", seed);
    }
    if (is_whole) break;
  }
}
