#pragma once

// The platform behind the engine's own seam, in this process: for `--local`, and for tests under a
// simulated clock.

#include "emulator/platform.hpp"
#include "http/transport.hpp"

#include <functional>
#include <map>
#include <optional>

namespace sluice::emulator {

struct TransportOptions {
  Millis latency{0};          ///< From a request to its reply.
  Millis lost_after{60'000};  ///< When a lost reply is given up.
  /// Called after each request that was not a read and reached the platform, before its reply is
  /// passed on; `--local` saves the platform's data here.
  std::function<void()> after_mutation;
};

class EmulatorTransport final : public http::Transport {
 public:
  EmulatorTransport(Platform& platform, Clock& clock, TransportOptions options = {});

  void start(http::Request request, Done done) override;
  /// Lets the clock pass until the next reply is due, `wait` at most.
  void poll(Millis wait) override;

 private:
  struct Waiting {
    http::Request request;
    std::optional<http::Failure> failure;  // Once the request was sent and its reply is lost.
    Done done;
  };

  // Passes a reply on, or leaves a lost one to wait until it is given up.
  void end(Waiting waiting, Millis now);

  Platform& platform_;
  Clock& clock_;
  TransportOptions options_;
  std::multimap<Millis, Waiting> waiting_;  // By the monotonic time of their replies.
};

}  // namespace sluice::emulator
