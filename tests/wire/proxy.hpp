#pragma once

// A proxy on loopback in front of a platform. It passes HTTP/1.1 exchanges on, one at a time, and
// strikes at one place in one of them: at a byte of the request on its way to the platform, or at a
// byte of the reply on its way back, or before there is a connection to send a request on.

#include "support/process.hpp"
#include "support/raw_server.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::wire {

enum class Where {
  connect,  ///< Nobody listens where the exchange's connection is to be made.
  accept,   ///< Its connection is there, and nothing of the request was read.
  request,  ///< The client has sent all of it, the platform gets the first `byte` bytes.
  reply     ///< The platform has done its work, the client gets the first `byte` bytes.
};

enum class Act {
  kill,     ///< The client gets SIGKILL; its connection stays open until it is gone.
  end,      ///< The client's connection is closed in an orderly way.
  reset,    ///< It is reset.
  stall,    ///< Nothing more comes, until the client gives up.
  garbage,  ///< In place of the rest of the reply come as many other bytes.
  trick,    ///< Of `reply` alone: in place of all of the reply comes what the strike's trick says.
  refuse    ///< Of `connect` alone: for a while no connection is taken.
};

/// Writes to the client what it likes, and knows what the platform has answered. False when the
/// connection is over.
using Trick = std::function<bool(test::RawConnection&, const std::string& reply)>;

struct Strike {
  Where where = Where::request;
  std::size_t byte = 0;
  Act act = Act::kill;
  bool resends = false;  ///< The bad twin: the platform gets the request twice.
  Trick trick = {};
};

/// What went over the wire in full; a reply is empty when the platform never got the request.
struct Exchange {
  std::string request;
  std::string reply;
};

/// Asked twice for each exchange, by its number in the run: before there is a connection for it,
/// with an empty request (`connect` and `accept` are for then), and when its request was read.
using Choose = std::function<std::optional<Strike>(std::size_t, const std::string& request)>;

/// Never strikes.
std::optional<Strike> undisturbed(std::size_t exchange, const std::string& request);

struct Launch {
  std::vector<std::string> command;
  test::Process::Variables environment;
  std::string folder;
};

struct Watched {
  test::Finished finished;
  std::vector<Exchange> exchanges;
  bool was_struck = false;
};

class Proxy {
 public:
  explicit Proxy(int platform_port);
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy();

  int port() const { return port_; }

  /// Runs a program to its end. Nothing of it is on its way any more when this returns: what it
  /// sent and was to be passed on the platform has answered, or will never get.
  Watched run(const Launch& launch, Choose choose);

 private:
  using Connections = std::vector<std::unique_ptr<test::RawConnection>>;

  void serve_until_ended(int ended);
  /// False when the connection is over.
  bool serve(test::RawConnection& client);
  /// Strikes ahead of the exchange of this number if it is time for it. True when the connection
  /// that is there must go first.
  bool prepare(std::size_t exchange);
  void take_in(Connections& clients);
  bool inflict(test::RawConnection& client, const Strike& strike, const std::string& reply);
  std::string ask_platform(const std::string& request);
  void send_part(const std::string& part) const;
  void open_door();
  void close_door();

  int platform_port_;
  int port_ = 0;
  int listener_ = -1;
  std::unique_ptr<test::RawConnection> platform_;
  const test::Process* process_ = nullptr;
  Choose choose_;
  Watched watched_;
  std::optional<Strike> at_accept_;
  std::optional<std::chrono::steady_clock::time_point> opens_at_;
};

/// A new connection to a port on loopback; throws std::runtime_error when there is none.
std::unique_ptr<test::RawConnection> connect_to(int port);

}  // namespace sluice::wire
