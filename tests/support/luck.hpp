#pragma once

// Who decides where a simulated disk may go one way or another: chance, or everything in turn.

#include "core/seams.hpp"

#include <cassert>
#include <cstdint>
#include <vector>

namespace sluice::test {

class Luck {
 public:
  Luck() = default;
  Luck(const Luck&) = delete;
  Luck& operator=(const Luck&) = delete;
  virtual ~Luck() = default;

  /// One of 0 to `ways` - 1. There must be a way.
  virtual std::uint64_t below(std::uint64_t ways) = 0;
};

class RandomLuck final : public Luck {
 public:
  explicit RandomLuck(Random& random) : random_(random) {}
  std::uint64_t below(std::uint64_t ways) override { return random_.next() % ways; }

 private:
  Random& random_;
};

/// Goes every way there is: what asks for luck is done again for as long as `next` says so, and
/// must ask the same of the same luck.
class EveryLuck final : public Luck {
 public:
  std::uint64_t below(std::uint64_t ways) override {
    assert(ways > 0);
    if (at_ == turns_.size()) turns_.push_back({0, ways});
    assert(turns_[at_].ways == ways);
    return turns_[at_++].taken;
  }

  /// Turns to the next way. False when all were gone.
  bool next() {
    at_ = 0;
    while (!turns_.empty() && turns_.back().taken + 1 == turns_.back().ways)
      turns_.pop_back();
    if (turns_.empty()) return false;
    ++turns_.back().taken;
    return true;
  }

 private:
  struct Turn {
    std::uint64_t taken;
    std::uint64_t ways;
  };
  std::vector<Turn> turns_;
  std::size_t at_ = 0;
};

}  // namespace sluice::test
