#include "wire/proxy.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <exception>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <thread>

namespace sluice::wire {

namespace {

using test::RawConnection;

// Shorter than the client waits before it tries again.
constexpr std::chrono::milliseconds kRefusing(700);
constexpr int kBacklog = 128;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// Other threads start programs, which must not inherit an end of a connection of ours: it would
// stay open when we close it.
int new_socket() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw std::runtime_error("no socket can be had");
  return socket;
}

/// The port, or 0 when it cannot be had.
int bind_to(int socket, int port) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address = loopback(port);
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket, plain, size) != 0) return 0;
  ::getsockname(socket, plain, &size);
  return ntohs(address.sin_port);
}

bool is_readable(int socket) {
  pollfd entry = {socket, POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

}  // namespace

std::unique_ptr<RawConnection> connect_to(int port) {
  const int socket = new_socket();
  auto connection = std::make_unique<RawConnection>(socket, nullptr);
  const sockaddr_in address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("the platform takes no connection");
  }
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  return connection;
}

std::optional<Strike> undisturbed(std::size_t /*exchange*/, const std::string& /*request*/) {
  return std::nullopt;
}

Proxy::Proxy(int platform_port) : platform_port_(platform_port) {
  // A port that was asked for by its number is kept while nobody listens on it. One that the system
  // chose is given back, so it is chosen by one socket and kept by another.
  while (port_ == 0) {
    const int chooser = new_socket();
    const int chosen = bind_to(chooser, 0);
    ::close(chooser);
    listener_ = new_socket();
    port_ = bind_to(listener_, chosen);
    if (port_ == 0) ::close(listener_);
  }
  open_door();
}

Proxy::~Proxy() {
  ::close(listener_);
}

void Proxy::open_door() {
  opens_at_.reset();
  if (::listen(listener_, kBacklog) != 0) throw std::runtime_error("the proxy cannot listen");
}

void Proxy::close_door() {
  ::shutdown(listener_, SHUT_RDWR);
  opens_at_ = std::chrono::steady_clock::now() + kRefusing;
}

Watched Proxy::run(const Launch& launch, Choose choose) {
  choose_ = std::move(choose);
  watched_ = {};
  at_accept_.reset();
  platform_ = connect_to(platform_port_);
  prepare(0);
  const int ended = ::eventfd(0, EFD_CLOEXEC);
  test::Finished finished;
  {
    test::Process process(launch.command, launch.environment, launch.folder);
    process_ = &process;
    std::thread reader([&] {
      finished = process.finish();
      ::eventfd_write(ended, 1);
    });
    std::exception_ptr failure;
    try {
      serve_until_ended(ended);
    } catch (...) {
      failure = std::current_exception();
      process.send(SIGKILL);
    }
    reader.join();
    ::close(ended);
    if (failure) std::rethrow_exception(failure);
  }
  if (opens_at_) open_door();
  watched_.finished = std::move(finished);
  return std::move(watched_);
}

void Proxy::serve_until_ended(int ended) {
  Connections clients;
  while (true) {
    // Looked at before the connections: what they have after that the process sent before its end.
    const bool is_last = is_readable(ended);
    std::vector<pollfd> entries = {{ended, POLLIN, 0}, {opens_at_ ? -1 : listener_, POLLIN, 0}};
    for (const auto& client : clients)
      entries.push_back({client->descriptor(), POLLIN, 0});
    if (::poll(entries.data(), entries.size(), is_last ? 0 : opens_at_ ? 50 : -1) < 0) continue;
    if (opens_at_ && std::chrono::steady_clock::now() >= *opens_at_) open_door();
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (entries[i + 2].revents != 0 && !serve(*clients[i])) clients[i].reset();
    }
    std::erase(clients, nullptr);
    if ((entries[1].revents & POLLIN) != 0) {
      take_in(clients);
    } else if (is_last && clients.empty()) {
      return;
    }
  }
}

void Proxy::take_in(Connections& clients) {
  const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (socket < 0) return;
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  auto client = std::make_unique<RawConnection>(socket, nullptr);
  if (!at_accept_) {
    clients.push_back(std::move(client));
    return;
  }
  const Strike strike = *at_accept_;
  at_accept_.reset();
  if (strike.act == Act::end) {
    // To close with something unread would be a reset.
    client->finish_writing();
    client->await_end();
    watched_.was_struck = true;
  } else {
    inflict(*client, strike, {});
  }
}

bool Proxy::prepare(std::size_t exchange) {
  const std::optional<Strike> strike = choose_(exchange, {});
  if (!strike) return false;
  if (strike->where == Where::connect) {
    close_door();
    watched_.was_struck = true;
  } else {
    at_accept_ = strike;
  }
  return true;
}

bool Proxy::serve(RawConnection& client) {
  const std::string request = client.read_request();
  if (request.empty()) return false;
  const std::size_t number = watched_.exchanges.size();
  watched_.exchanges.push_back({request, {}});
  const std::optional<Strike> strike = choose_(number, request);
  if (strike && strike->where == Where::request) {
    send_part(request.substr(0, std::min(strike->byte, request.size() - 1)));
    return inflict(client, *strike, {});
  }
  const std::string reply = ask_platform(request);
  watched_.exchanges.back().reply = reply;
  if (strike) {
    if (strike->resends) ask_platform(request);
    return inflict(client, *strike, reply);
  }
  if (prepare(number + 1)) {
    client.write_last(reply);
    return false;
  }
  client.write(reply);
  return true;
}

bool Proxy::inflict(RawConnection& client, const Strike& strike, const std::string& reply) {
  watched_.was_struck = true;
  if (strike.act == Act::trick) return strike.trick(client, reply);
  const std::size_t count = std::min(strike.byte, reply.size());
  if (strike.act == Act::garbage) {
    client.write(reply.substr(0, count) + std::string(reply.size() - count, '\x16'));
    return false;
  }
  if (strike.act == Act::kill || strike.act == Act::stall) {
    if (count > 0) client.write(reply.substr(0, count));
    if (strike.act == Act::kill) process_->send(SIGKILL);
    client.await_end();
    return false;
  }
  if (strike.act == Act::reset) client.reset_at_close();
  if (count == 0) return false;
  if (strike.act == Act::end) {
    client.write_last(reply.substr(0, count));
  } else {
    client.write(reply.substr(0, count));
  }
  return false;
}

std::string Proxy::ask_platform(const std::string& request) {
  platform_->write(request);
  std::string reply = platform_->read_request();
  if (reply.empty()) throw std::runtime_error("the platform does not answer: " + request);
  return reply;
}

// Returns when the platform has given the request up.
void Proxy::send_part(const std::string& part) const {
  if (part.empty()) return;
  const std::unique_ptr<RawConnection> connection = connect_to(platform_port_);
  connection->write(part);
  connection->finish_writing();
  connection->await_end();
}

}  // namespace sluice::wire
