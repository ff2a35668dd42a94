#pragma once

// Everything that it takes to talk to a platform, put together: the real one over the network, or
// the embedded one in this process.

#include "cli/options.hpp"
#include "cli/world.hpp"
#include "emulator/transport.hpp"
#include "http/event_loop.hpp"
#include "http/session.hpp"
#include "http/trace.hpp"
#include "kinds/kind.hpp"
#include "run/remote.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace sluice::cli {

class Connection {
 public:
  /// `local_data` is where the embedded platform keeps what it holds; used with --local only.
  /// Sends nothing yet. Throws Fatal when the data or the trace file cannot be used.
  Connection(World& world, const CommonOptions& options, const kinds::Registry& registry,
             const http::SessionOptions& session, const std::string& local_data);
  ~Connection();

  run::Remote& remote() { return *remote_; }
  http::EventLoop& loop() { return *loop_; }

  /// While it lives, what is said of a platform that keeps us waiting goes to a view instead of
  /// standard error, so that neither writes over the other.
  class Notices {
   public:
    Notices(Connection& connection, std::function<void(const std::string& line)> to)
        : connection_(connection) {
      connection_.notice_ = std::move(to);
    }
    Notices(const Notices&) = delete;
    Notices& operator=(const Notices&) = delete;
    ~Notices() { connection_.notice_ = nullptr; }

   private:
    Connection& connection_;
  };

 private:
  void make_local(World& world, const std::string& local_data);
  void make_network(const World& world, const CommonOptions& options);
  void add_trace(World& world, const std::string& path);

  std::unique_ptr<emulator::Platform> platform_;
  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<store::File> trace_file_;
  std::unique_ptr<http::Transport> trace_;
  std::unique_ptr<http::EventLoop> loop_;
  std::unique_ptr<http::Session> session_;
  std::unique_ptr<run::Slots> slots_;
  std::unique_ptr<run::Remote> remote_;
  std::function<void(const std::string& line)> notice_;
};

}  // namespace sluice::cli
