#pragma once

// A limit on calls in flight, which follows what the platform bears: halved when it says that there
// are too many, and grown back by one for each round of calls that went well. Tasks queue for a
// slot in the order in which they asked, but those that can wait come after all others.

#include "http/event_loop.hpp"

#include <algorithm>
#include <cassert>
#include <coroutine>
#include <deque>

namespace sluice::run {

class Slots {
 public:
  /// Begins with `count` slots and never has more than `most`.
  Slots(http::EventLoop& loop, int count, int most) : loop_(loop), limit_(count), most_(most) {
    assert(count > 0 && most >= count);
  }

  /// `co_await slots.acquire()`; every acquire is followed by one release.
  auto acquire() { return Awaiter{*this, waiting_}; }

  /// As `acquire`, for a call that nothing waits for: whoever asks by `acquire` goes before.
  auto acquire_last() { return Awaiter{*this, patient_}; }

  void release() {
    --taken_;
    if (before_next_halving_ > 0) --before_next_halving_;
    hand_out();
  }

  /// The platform said that there are too many calls. Those that were in flight when it said so
  /// first may all say so; they count once.
  void throttled() {
    well_ = 0;
    if (before_next_halving_ > 0) return;
    limit_ = std::max(1, limit_ / 2);
    before_next_halving_ = taken_;
  }

  /// A call was answered, and not with "too many".
  void went_well() {
    if (++well_ < limit_) return;
    well_ = 0;
    limit_ = std::min(most_, limit_ + 1);
    hand_out();
  }

  int limit() const { return limit_; }

  /// A task that will ask by `acquire` once something else is done, and has asked by now.
  void announce() { ++announced_; }
  void retract() { --announced_; }

  /// How many more tasks may ask by `acquire`, or announce that, before as many wait as there are
  /// slots.
  int room() const { return limit_ - announced_ - static_cast<int>(waiting_.size()); }

  /// Whether the next calls to end find somebody who waits, so that no slot will be idle for now.
  bool well_fed() const { return static_cast<int>(waiting_.size()) * 4 > limit_; }

 private:
  using Queue = std::deque<std::coroutine_handle<>>;

  struct Awaiter {
    Slots& slots;
    Queue& queue;
    bool await_ready() const noexcept {
      if (slots.taken_ >= slots.limit_) return false;
      ++slots.taken_;
      return true;
    }
    void await_suspend(std::coroutine_handle<> waiter) { queue.push_back(waiter); }
    void await_resume() const noexcept {}
  };

  void hand_out() {
    while (taken_ < limit_ && !(waiting_.empty() && patient_.empty())) {
      Queue& queue = waiting_.empty() ? patient_ : waiting_;
      ++taken_;
      loop_.resume_soon(queue.front());
      queue.pop_front();
    }
  }

  http::EventLoop& loop_;
  int limit_;
  int most_;
  int taken_ = 0;
  int well_ = 0;                 // Calls in a row.
  int before_next_halving_ = 0;  // Calls that have to end first.
  int announced_ = 0;
  Queue waiting_;
  Queue patient_;
};

}  // namespace sluice::run
