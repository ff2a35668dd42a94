#pragma once

// A coroutine that runs when it is awaited and gives back one value. With it, a step that makes
// five calls in a row is written as five lines in a row, on one thread and without callbacks.
//
// Rule of use: a coroutine takes its arguments by value, or by reference to what outlives it; a
// reference to a temporary would be dead after the first wait. A lambda is no coroutine here, since
// its captures die with the lambda.

#include <cassert>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace sluice::http {

/// Owns its coroutine; destroying a suspended one drops its frame, and what it awaited with it.
template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type {
    std::optional<T> value;
    std::exception_ptr error;
    std::coroutine_handle<> awaiting = std::noop_coroutine();

    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept { return Resume{}; }
    void return_value(T result) { value.emplace(std::move(result)); }
    void unhandled_exception() { error = std::current_exception(); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  T await_resume() {
    promise_type& promise = handle_.promise();
    if (promise.error) std::rethrow_exception(promise.error);
    assert(promise.value);
    return std::move(*promise.value);
  }

 private:
  struct Resume {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(
        std::coroutine_handle<promise_type> finished) const noexcept {
      return finished.promise().awaiting;
    }
    void await_resume() const noexcept {}
  };

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

/// The result of a task that is awaited for its effect.
struct Done {};

}  // namespace sluice::http
