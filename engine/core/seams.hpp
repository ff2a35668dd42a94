#pragma once

// Two of the four seams to the outside world: time and chance. The other two are
// `http::Transport` and `store::Files`. The real ones are made in `cli/`; tests bring simulated
// ones, so that a whole run repeats exactly from a seed.

#include <chrono>
#include <cstdint>
#include <string>

namespace sluice {

using Millis = std::chrono::milliseconds;

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// Time since an arbitrary start; never goes back. For waits and durations.
  virtual Millis monotonic() const = 0;

  /// Time since 1970-01-01 UTC. For what people read; no decision rests on it alone.
  virtual Millis wall() const = 0;

  /// Lets `duration` pass. May return early when a signal arrives.
  virtual void wait(Millis duration) = 0;
};

class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  /// 64 evenly distributed bits.
  virtual std::uint64_t next() = 0;
};

/// A random UUID of version 4, in lower case.
std::string make_uuid(Random& random);

}  // namespace sluice
