#pragma once

// The one event loop. Everything that waits, for a reply, for a moment or for a disk sync, waits
// here; so there is one thread, no lock, and a run under a simulated clock repeats exactly.

#include "http/task.hpp"
#include "http/transport.hpp"

#include <coroutine>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace sluice::http {

class EventLoop {
 public:
  EventLoop(Transport& transport, Clock& clock) : transport_(transport), clock_(clock) {}
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop() = default;

  class Exchange {
   public:
    Exchange(EventLoop& loop, Request request) : loop_(loop), request_(std::move(request)) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter);
    Outcome await_resume() { return std::move(*outcome_); }

   private:
    EventLoop& loop_;
    Request request_;
    std::optional<Outcome> outcome_;
  };

  class Sleep {
   public:
    Sleep(EventLoop& loop, Millis duration) : loop_(loop), duration_(duration) {}
    bool await_ready() const noexcept { return duration_ <= Millis(0); }
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume() const noexcept {}

   private:
    EventLoop& loop_;
    Millis duration_;
  };

  class Yield {
   public:
    explicit Yield(EventLoop& loop) : loop_(loop) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) { loop_.behind_.push_back(waiter); }
    void await_resume() const noexcept {}

   private:
    EventLoop& loop_;
  };

  /// `co_await loop.exchange(request)` gives the outcome.
  Exchange exchange(Request request) { return Exchange(*this, std::move(request)); }
  /// `co_await loop.sleep(duration)` goes on no sooner than that.
  Sleep sleep(Millis duration) { return Sleep(*this, duration); }
  /// `co_await loop.yield()` lets those go on first who are ready, and their requests leave.
  Yield yield() { return Yield(*this); }

  /// Takes a task over; it begins at the next turn of `run`, after those who are ready. A loop that
  /// is destroyed with tasks still waiting drops them; its transport must not be polled after that.
  void spawn(Task<Done> task);

  /// Resumes `waiter` at the next turn.
  void resume_soon(std::coroutine_handle<> waiter);

  /// Called at the end of every turn, before the loop waits; for work that is done once for many,
  /// such as a disk sync. Returns true when it made something ready to go on.
  void set_end_of_turn(std::function<bool()> hook) { end_of_turn_ = std::move(hook); }

  /// Runs until every spawned task has ended. Rethrows what a task threw.
  void run();

  /// Ends all waits for a moment in time at once; pollers then see `hurried()` and stop waiting.
  void hurry();
  bool hurried() const { return hurried_; }

  Clock& clock() { return clock_; }

 private:
  /// Drives one spawned task and keeps what it threw.
  class Root {
   public:
    struct promise_type {
      std::exception_ptr error;
      std::vector<void*>* ended = nullptr;  ///< Where to tell of its end.
      Root get_return_object() {
        return Root(std::coroutine_handle<promise_type>::from_promise(*this));
      }
      std::suspend_always initial_suspend() noexcept { return {}; }
      std::suspend_always final_suspend() noexcept {
        ended->push_back(std::coroutine_handle<promise_type>::from_promise(*this).address());
        return {};
      }
      void return_void() {}
      void unhandled_exception() { error = std::current_exception(); }
    };

    Root(Root&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Root& operator=(Root&& other) noexcept {
      std::swap(handle_, other.handle_);
      return *this;
    }
    ~Root() {
      if (handle_) handle_.destroy();
    }
    std::coroutine_handle<promise_type> handle() const { return handle_; }

   private:
    explicit Root(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_;
  };

  static Root drive(Task<Done> task);
  void turn();
  void resume_ready();
  Millis time_to_next_timer() const;
  void release_due_timers();
  void drop_finished_roots();

  Transport& transport_;
  Clock& clock_;
  std::vector<std::coroutine_handle<>> ready_;
  std::deque<std::coroutine_handle<>> behind_;             ///< Who yielded or has not begun.
  std::multimap<Millis, std::coroutine_handle<>> timers_;  ///< By monotonic time.
  std::map<void*, Root> roots_;                            ///< By the address of their frames.
  std::vector<void*> ended_;  ///< Of them, those that have come to their end.
  std::function<bool()> end_of_turn_;
  bool hurried_ = false;
  bool has_started_ = false;  ///< An exchange, since the transport had its last chance to send.
};

}  // namespace sluice::http
