#pragma once

// A server on a loopback port that does to its connections exactly what a test says, broken things
// above all. It knows just enough HTTP to read a request.

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace sluice::test {

/// One accepted connection; closed when it dies.
class RawConnection {
 public:
  RawConnection(int socket, SSL_CTX* tls) : socket_(socket) {
    if (tls == nullptr) return;
    ssl_.reset(SSL_new(tls));
    SSL_set_fd(ssl_.get(), socket_);
    SSL_accept(ssl_.get());
  }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;
  ~RawConnection() { ::close(socket_); }

  /// One request, or reply, head and body; empty when the connection ended first.
  std::string read_request() {
    while (true) {
      const std::size_t head = received_.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::size_t length = head + 4 + body_length(received_.substr(0, head));
        if (received_.size() >= length) {
          const std::string request = received_.substr(0, length);
          received_.erase(0, length);
          return request;
        }
      }
      char buffer[65536];
      const auto count = ssl_ ? SSL_read(ssl_.get(), buffer, sizeof(buffer))
                              : ::recv(socket_, buffer, sizeof(buffer), 0);
      if (count <= 0) return {};
      received_.append(buffer, static_cast<std::size_t>(count));
    }
  }

  /// False when the other side is gone.
  bool write(const std::string& text) {
    if (ssl_) return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) > 0;
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) >= 0;
  }

  /// Sends what is left and the orderly end in one piece, so that whoever reads the last of it can
  /// know already that nothing more will come.
  void write_last(const std::string& text) {
    ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_MORE);
    finish_writing();
  }
  void finish_writing() { ::shutdown(socket_, SHUT_WR); }

  /// Reads and drops everything until the other side has closed.
  void await_end() {
    char buffer[65536];
    while (::recv(socket_, buffer, sizeof(buffer), 0) > 0) {
    }
  }

  /// For poll.
  int descriptor() const { return socket_; }

  /// Closes with a reset instead of an orderly end.
  void reset_at_close() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  static std::size_t body_length(const std::string& head) {
    const std::string name = "\r\nContent-Length: ";
    const std::size_t at = head.find(name);
    return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + name.size(), nullptr, 10);
  }

  int socket_;
  std::unique_ptr<SSL, Free> ssl_;
  std::string received_;
};

class RawServer {
 public:
  using Serve = std::function<void(RawConnection&)>;

  /// Calls `serve` for each connection, each in a thread of its own; with TLS if `tls` is given.
  explicit RawServer(Serve serve, SSL_CTX* tls = nullptr)
      : serve_(std::move(serve)), tls_(tls), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 64) != 0) std::abort();
    ::getsockname(listener_, plain, &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer() { stop(); }

  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }

  /// Cuts every connection and waits until nothing runs any more.
  void stop() {
    if (stopped_.exchange(true)) return;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (const int socket : open_)
        ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& worker : workers_)
      worker.join();
    ::close(listener_);
  }

 private:
  void accept_all() {
    while (true) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      ++connections_;
      const std::lock_guard<std::mutex> lock(mutex_);
      open_.push_back(socket);
      workers_.emplace_back([this, socket] { serve_one(socket); });
    }
  }

  void serve_one(int socket) {
    // OpenSSL writes in a way that raises SIGPIPE when the client has gone.
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    auto connection = std::make_unique<RawConnection>(socket, tls_);
    serve_(*connection);
    const std::lock_guard<std::mutex> lock(mutex_);
    std::erase(open_, socket);
    connection.reset();
  }

  Serve serve_;
  SSL_CTX* tls_;
  int listener_;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

/// A whole reply with a body.
inline std::string raw_reply(const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
         "\r\n" + body;
}

}  // namespace sluice::test
