#pragma once

// The seam to the network. One implementation is libcurl's, the other the embedded platform under
// a clock of its own.

#include "core/seams.hpp"
#include "http/message.hpp"

#include <functional>

namespace sluice::http {

class Transport {
 public:
  using Done = std::function<void(Outcome)>;

  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Begins an exchange, and does not throw. `done` is called exactly once, from inside a later
  /// `poll`, never from inside `start`. A request is sent at most once: nothing is repeated on the
  /// caller's behalf.
  virtual void start(Request request, Done done) = 0;

  /// Lets exchanges move on and calls back those that ended. Returns at once when one did, else
  /// after `wait` or when a signal arrives.
  virtual void poll(Millis wait) = 0;
};

}  // namespace sluice::http
