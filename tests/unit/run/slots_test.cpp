// The limit on calls in flight, without any calls.

#include "run/slots.hpp"

#include "support/scripted_transport.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr Millis kCall{10};

struct Queue {
  Queue(int count, int most) : slots(loop, count, most) {}

  using Then = void (run::Slots::*)();

  /// The time that so many calls take together, each followed by `then`.
  Millis time_of(int calls, Then then) {
    const Millis start = clock.monotonic();
    for (int i = 0; i < calls; ++i)
      loop.spawn(call(then));
    loop.run();
    return clock.monotonic() - start;
  }

  http::Task<http::Done> call(Then then) {
    co_await slots.acquire();
    co_await loop.sleep(kCall);
    if (then != nullptr) (slots.*then)();
    slots.release();
    co_return http::Done{};
  }

  SimClock clock;
  ScriptedTransport transport{clock};
  http::EventLoop loop{transport, clock};
  run::Slots slots;
};

}  // namespace

TEST_CASE("slots: no more calls at once than there are, and none is left idle") {
  CHECK(Queue(2, 2).time_of(5, nullptr) == 3 * kCall);
  CHECK(Queue(5, 5).time_of(5, nullptr) == kCall);
}

TEST_CASE("slots: one more for each round that went well, up to the most") {
  Queue queue(2, 3);
  CHECK(queue.time_of(8, &run::Slots::went_well) == 3 * kCall);  // 2, 3 and 3 at once.
  CHECK(queue.slots.limit() == 3);
  CHECK(Queue(2, 2).time_of(8, &run::Slots::went_well) == 4 * kCall);
}

TEST_CASE("slots: halved when there are too many, once for all that were in flight") {
  Queue queue(8, 64);
  CHECK(queue.time_of(8, &run::Slots::throttled) == kCall);
  CHECK(queue.slots.limit() == 4);
  CHECK(queue.time_of(8, nullptr) == 2 * kCall);
  CHECK(queue.time_of(1, &run::Slots::throttled) == kCall);
  CHECK(queue.slots.limit() == 2);
  // It never comes to a stand.
  CHECK(queue.time_of(6, &run::Slots::throttled) > Millis(0));
  CHECK(queue.slots.limit() == 1);
}

TEST_CASE("slots: whoever announces to ask counts as waiting, and a fed queue a quarter round") {
  Queue queue(4, 4);
  CHECK(queue.slots.room() == 4);
  queue.slots.announce();
  CHECK(queue.slots.room() == 3);
  queue.slots.retract();
  CHECK(queue.slots.room() == 4);
  std::vector<bool> fed;
  const auto call = [&queue, &fed]() -> http::Task<http::Done> {
    co_await queue.slots.acquire();
    co_await queue.loop.sleep(kCall);
    fed.push_back(queue.slots.well_fed());
    queue.slots.release();
    co_return http::Done{};
  };
  for (int i = 0; i < 8; ++i)
    queue.loop.spawn(call());
  queue.loop.run();
  // Four calls, for which four, three, two and one wait; then the last four, for which none do.
  CHECK(fed == std::vector<bool>{true, true, true, false, false, false, false, false});
}

TEST_CASE("slots: who can wait goes last, and goes all the same") {
  Queue queue(1, 1);
  std::string order;
  const auto call = [&queue, &order](char name, bool last) -> http::Task<http::Done> {
    if (last) {
      co_await queue.slots.acquire_last();
    } else {
      co_await queue.slots.acquire();
    }
    order += name;
    co_await queue.loop.sleep(kCall);
    queue.slots.release();
    co_return http::Done{};
  };
  queue.loop.spawn(call('a', false));
  queue.loop.spawn(call('b', true));
  queue.loop.spawn(call('c', false));
  queue.loop.spawn(call('d', false));
  queue.loop.run();
  CHECK(order == "acdb");
  CHECK(queue.slots.room() == 1);
}
