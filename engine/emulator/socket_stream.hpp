#pragma once

// One connection, as cpp-httplib reads and writes it. It owns the socket, and can be hung up from
// another thread, which ends every wait on it.

#include "emulator/httplib.hpp"

#include <chrono>
#include <string>

namespace sluice::emulator {

class SocketStream final : public httplib::Stream {
 public:
  explicit SocketStream(socket_t socket) : socket_(socket) {}
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;
  ~SocketStream() override;

  /// Until the peer has sent something; false when it closed, or nothing came in time.
  bool wait_for_data(std::chrono::milliseconds most) const;
  /// Ends the connection; the peer sees its end, and nothing written from now on.
  void hang_up() const;

  /// Sends what was written. False when it did not all leave; then no more will.
  bool flush();

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* data, std::size_t size) override;
  /// Keeps it for `flush`: the library writes a head and its body apart, and a gateway sends a
  /// reply as one piece. Whoever reads on sends it, too.
  ssize_t write(const char* data, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  socket_t socket_;
  // The library reads heads byte by byte.
  std::string buffer_;
  std::size_t at_ = 0;
  std::string unsent_;
};

}  // namespace sluice::emulator
