#include "http/event_loop.hpp"

#include <algorithm>

namespace sluice::http {

namespace {

// An idle loop wakes up this often, so that an interrupt is noticed soon by whoever asks for it.
constexpr Millis kLongestWait{100};

}  // namespace

void EventLoop::Exchange::await_suspend(std::coroutine_handle<> waiter) {
  loop_.has_started_ = true;
  loop_.transport_.start(std::move(request_), [this, waiter](Outcome outcome) {
    outcome_ = std::move(outcome);
    loop_.resume_soon(waiter);
  });
}

void EventLoop::Sleep::await_suspend(std::coroutine_handle<> waiter) {
  if (loop_.hurried_) {
    loop_.resume_soon(waiter);
    return;
  }
  loop_.timers_.emplace(loop_.clock_.monotonic() + duration_, waiter);
}

EventLoop::Root EventLoop::drive(Task<Done> task) {
  co_await task;
}

void EventLoop::spawn(Task<Done> task) {
  Root root = drive(std::move(task));
  const auto handle = root.handle();
  handle.promise().ended = &ended_;
  behind_.push_back(handle);
  roots_.emplace(handle.address(), std::move(root));
}

void EventLoop::resume_soon(std::coroutine_handle<> waiter) {
  ready_.push_back(waiter);
}

void EventLoop::run() {
  while (!roots_.empty())
    turn();
}

void EventLoop::resume_ready() {
  while (!ready_.empty() || !behind_.empty()) {
    if (ready_.empty()) {
      const std::coroutine_handle<> handle = behind_.front();
      behind_.pop_front();
      handle.resume();
    } else {
      const std::vector<std::coroutine_handle<>> now = std::exchange(ready_, {});
      for (const std::coroutine_handle<> handle : now)
        handle.resume();
    }
    // What was begun leaves before anything is waited for, and before those who yielded. So do the
    // answers that came in while one of these worked.
    if (ready_.empty() && (std::exchange(has_started_, false) || !behind_.empty())) {
      transport_.poll(Millis(0));
    }
  }
}

void EventLoop::turn() {
  release_due_timers();
  resume_ready();
  drop_finished_roots();
  const bool more = end_of_turn_ && end_of_turn_();
  if (more || !ready_.empty() || !behind_.empty() || roots_.empty()) return;
  transport_.poll(std::min(time_to_next_timer(), kLongestWait));
}

Millis EventLoop::time_to_next_timer() const {
  if (timers_.empty()) return kLongestWait;
  return std::max(Millis(0), timers_.begin()->first - clock_.monotonic());
}

void EventLoop::release_due_timers() {
  const Millis now = clock_.monotonic();
  while (!timers_.empty() && (hurried_ || timers_.begin()->first <= now)) {
    ready_.push_back(timers_.begin()->second);
    timers_.erase(timers_.begin());
  }
}

void EventLoop::drop_finished_roots() {
  std::exception_ptr error;
  for (void* address : std::exchange(ended_, {})) {
    const auto root = roots_.find(address);
    if (!error) error = root->second.handle().promise().error;
    roots_.erase(root);
  }
  if (error) std::rethrow_exception(error);
}

void EventLoop::hurry() {
  hurried_ = true;
}

}  // namespace sluice::http
