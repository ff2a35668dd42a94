#include "emulator/transport.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice::emulator {

EmulatorTransport::EmulatorTransport(Platform& platform, Clock& clock, TransportOptions options)
    : platform_(platform), clock_(clock), options_(std::move(options)) {
}

void EmulatorTransport::start(http::Request request, Done done) {
  waiting_.emplace(clock_.monotonic() + options_.latency,
                   Waiting{std::move(request), std::nullopt, std::move(done)});
}

void EmulatorTransport::poll(Millis wait) {
  if (waiting_.empty()) {
    clock_.wait(wait);
    return;
  }
  const Millis until_next = waiting_.begin()->first - clock_.monotonic();
  if (until_next > Millis(0)) clock_.wait(std::min(wait, until_next));

  // Those that are called back may start others, which have to wait for the next poll.
  const Millis now = clock_.monotonic();
  std::vector<Waiting> due;
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    due.push_back(std::move(waiting_.begin()->second));
    waiting_.erase(waiting_.begin());
  }
  for (Waiting& one : due)
    end(std::move(one), now);
}

void EmulatorTransport::end(Waiting waiting, Millis now) {
  if (waiting.failure) {
    waiting.done(std::move(*waiting.failure));
    return;
  }
  const Answer answer = platform_.answer(waiting.request);
  const bool has_arrived = answer.loss != Fault::Kind::lost_request;
  if (has_arrived && !waiting.request.is_read() && options_.after_mutation) {
    options_.after_mutation();
  }
  if (!answer.loss) {
    waiting.done(answer.response);
  } else if (answer.loss == Fault::Kind::cut_body) {
    waiting.done(http::Failure{"the reply was cut short", true});
  } else {
    waiting.failure = http::Failure{"no reply came", true};
    waiting_.emplace(now + options_.lost_after, std::move(waiting));
  }
}

}  // namespace sluice::emulator
