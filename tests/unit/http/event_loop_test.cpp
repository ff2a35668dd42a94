#include "http/event_loop.hpp"

#include "support/sim_clock.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <deque>
#include <stdexcept>
#include <string>

using namespace sluice;
using namespace sluice::http;

namespace {

// Answers every request with its own target after as many milliseconds as its body says.
class EchoTransport final : public Transport {
 public:
  explicit EchoTransport(Clock& clock) : clock_(clock) {}

  void start(Request request, Done done) override {
    const Millis due = clock_.monotonic() + Millis(std::stoi(request.body));
    waiting_.emplace(due, std::pair{std::move(request.target), std::move(done)});
    ++unsent_;
  }

  /// Requests that were begun since the last poll, which is what sends them.
  int unsent() const { return unsent_; }

  void poll(Millis wait) override {
    unsent_ = 0;
    const Millis until = clock_.monotonic() + wait;
    const Millis stop = waiting_.empty() ? until : std::min(until, waiting_.begin()->first);
    clock_.wait(std::max(Millis(0), stop - clock_.monotonic()));
    while (!waiting_.empty() && waiting_.begin()->first <= clock_.monotonic()) {
      const auto [target, done] = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      done(Response{200, {}, target});
    }
  }

 private:
  int unsent_ = 0;
  Clock& clock_;
  std::multimap<Millis, std::pair<std::string, Done>> waiting_;
};

Task<std::string> ask(EventLoop& loop, std::string target, std::string delay) {
  Request request;
  request.target = std::move(target);
  request.body = std::move(delay);
  const Outcome outcome = co_await loop.exchange(std::move(request));
  co_return std::get<Response>(outcome).body;
}

Task<http::Done> ask_twice(EventLoop& loop, std::string name, std::string delay, std::string& log) {
  const std::string first = co_await ask(loop, name + "1", delay);
  log += first + " ";
  co_await loop.sleep(Millis(5));
  const std::string second = co_await ask(loop, name + "2", delay);
  log += second + " ";
  co_return http::Done{};
}

Task<http::Done> fail_after(EventLoop& loop, Millis delay) {
  co_await loop.sleep(delay);
  throw std::runtime_error("broken");
}

}  // namespace

TEST_CASE("event loop: tasks interleave by time, in the same order every time") {
  for (int repeat = 0; repeat < 3; ++repeat) {
    test::SimClock clock;
    EchoTransport transport(clock);
    EventLoop loop(transport, clock);
    std::string log;
    loop.spawn(ask_twice(loop, "slow", "30", log));
    loop.spawn(ask_twice(loop, "fast", "10", log));
    loop.run();
    CHECK(log == "fast1 fast2 slow1 slow2 ");
    CHECK(clock.monotonic() == Millis(65));
  }
}

TEST_CASE("event loop: what a task throws comes out of run") {
  test::SimClock clock;
  EchoTransport transport(clock);
  EventLoop loop(transport, clock);
  std::string log;
  loop.spawn(ask_twice(loop, "a", "50", log));
  loop.spawn(fail_after(loop, Millis(20)));
  CHECK_THROWS_AS(loop.run(), std::runtime_error);
  CHECK(clock.monotonic() == Millis(20));
}

TEST_CASE("event loop: who yields goes on after the others, whose requests have left by then") {
  test::SimClock clock;
  EchoTransport transport(clock);
  EventLoop loop(transport, clock);
  std::string log;
  const auto polite = [&](bool yields) -> Task<http::Done> {
    if (yields) co_await loop.yield();
    log += fmt::format("{}{} ", yields ? "polite" : "other", transport.unsent());
    co_return http::Done{};
  };
  loop.spawn(polite(true));
  loop.spawn(ask_twice(loop, "a", "1", log));
  loop.spawn(polite(false));
  loop.run();
  CHECK(log == "other0 polite0 a1 a2 ");
}

TEST_CASE("event loop: requests have left when a turn ends, before what the end of it waits for") {
  test::SimClock clock;
  EchoTransport transport(clock);
  EventLoop loop(transport, clock);
  std::string log;
  int unsent = 0;
  loop.set_end_of_turn([&] {
    unsent += transport.unsent();
    return false;
  });
  loop.spawn(ask_twice(loop, "a", "1", log));
  loop.run();
  CHECK(unsent == 0);
}

TEST_CASE("event loop: hurry ends every sleep") {
  test::SimClock clock;
  EchoTransport transport(clock);
  EventLoop loop(transport, clock);
  std::string log;
  loop.hurry();
  loop.spawn(ask_twice(loop, "a", "1", log));
  loop.run();
  CHECK(clock.monotonic() == Millis(2));
}

TEST_CASE("event loop: the end of a turn comes once for all tasks that ran in it") {
  test::SimClock clock;
  EchoTransport transport(clock);
  EventLoop loop(transport, clock);
  int turns = 0;
  loop.set_end_of_turn([&turns] {
    ++turns;
    return false;
  });
  std::string log;
  for (int i = 0; i < 8; ++i)
    loop.spawn(ask_twice(loop, "a", "1", log));
  loop.run();
  CHECK(turns <= 6);
}
