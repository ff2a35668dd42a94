#pragma once

// A limit on calls in flight. Tasks queue for a slot in the order in which they asked.

#include "http/event_loop.hpp"

#include <cassert>
#include <coroutine>
#include <deque>

namespace sluice::run {

class Slots {
 public:
  Slots(http::EventLoop& loop, int count) : loop_(loop), free_(count) { assert(count > 0); }

  /// `co_await slots.acquire()`; every acquire is followed by one release.
  auto acquire() {
    struct Awaiter {
      Slots& slots;
      bool await_ready() const noexcept {
        if (slots.free_ == 0) return false;
        --slots.free_;
        return true;
      }
      void await_suspend(std::coroutine_handle<> waiter) { slots.waiting_.push_back(waiter); }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

  /// Hands the slot to the longest waiting task, or frees it.
  void release() {
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    loop_.resume_soon(waiting_.front());
    waiting_.pop_front();
  }

 private:
  http::EventLoop& loop_;
  int free_;
  std::deque<std::coroutine_handle<>> waiting_;
};

}  // namespace sluice::run
