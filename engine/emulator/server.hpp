#pragma once

// The platform on a loopback port, for programs that speak HTTP.

#include "emulator/platform.hpp"

#include <functional>
#include <memory>
#include <string>

namespace sluice::emulator {

/// Serves 128 connections at once; one lock around the platform. A fault that loses a request or a
/// reply closes the connection without a byte, one that cuts a body does so after half of it.
class Server {
 public:
  explicit Server(Platform& platform);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Takes the port on 127.0.0.1, any free one for 0, and returns it; 0 when it cannot be had.
  int bind(int port);
  /// Serves until `stop`, which may be called from another thread. Needs `bind` first.
  void run();
  void stop();

  /// Runs `use` while no request is being handled.
  void with_platform(const std::function<void(Platform&)>& use);

  /// How long each answer takes, besides the work itself. To be set before `run`.
  void set_latency(Millis latency);

  /// Called under the lock after each request, with a line for a log.
  void set_on_request(std::function<void(const std::string&)> on_request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::emulator
