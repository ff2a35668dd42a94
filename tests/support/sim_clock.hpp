#pragma once

// A clock that moves only when somebody waits, and a random source with a seed.

#include "core/seams.hpp"

namespace sluice::test {

class SimClock final : public Clock {
 public:
  Millis monotonic() const override { return now_; }
  Millis wall() const override { return Millis(1'760'000'000'000) + now_; }
  void wait(Millis duration) override { now_ += duration; }

 private:
  Millis now_{0};
};

/// The splitmix64 generator: small, and the same everywhere.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31U);
  }

 private:
  std::uint64_t state_;
};

}  // namespace sluice::test
