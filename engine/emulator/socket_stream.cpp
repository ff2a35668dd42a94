#include "emulator/socket_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::emulator {

namespace {

constexpr std::size_t kBufferSize = 16UL * 1024UL;
// How long a peer may pause in the middle of a request, or leave a reply unread.
constexpr std::chrono::seconds kPauseMax(30);

bool wait_for(int socket, short events, std::chrono::milliseconds most) {
  pollfd entry = {socket, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&entry, 1, static_cast<int>(most.count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

SocketStream::~SocketStream() {
  ::shutdown(socket_, SHUT_RDWR);
  ::close(socket_);
}

bool SocketStream::wait_for_data(std::chrono::milliseconds most) const {
  if (at_ < buffer_.size()) return true;
  if (!wait_for(socket_, POLLIN, most)) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, MSG_PEEK) == 1;
}

void SocketStream::hang_up() const {
  ::shutdown(socket_, SHUT_RDWR);
}

bool SocketStream::is_readable() const {
  return at_ < buffer_.size() || wait_for(socket_, POLLIN, kPauseMax);
}

bool SocketStream::is_writable() const {
  return wait_for(socket_, POLLOUT, kPauseMax);
}

ssize_t SocketStream::read(char* data, std::size_t size) {
  if (at_ == buffer_.size()) {
    if (!flush() || !is_readable()) return -1;
    buffer_.resize(kBufferSize);
    ssize_t got = 0;
    do {
      got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    } while (got < 0 && errno == EINTR);
    buffer_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    at_ = 0;
    if (got <= 0) return got;
  }
  const std::size_t count = std::min(size, buffer_.size() - at_);
  std::memcpy(data, buffer_.data() + at_, count);
  at_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t SocketStream::write(const char* data, std::size_t size) {
  unsent_.append(data, size);
  return static_cast<ssize_t>(size);
}

bool SocketStream::flush() {
  std::string_view left = unsent_;
  while (!left.empty()) {
    if (!is_writable()) break;
    const ssize_t sent = ::send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) break;
    left.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  }
  const bool all = left.empty();
  unsent_.clear();
  return all;
}

void SocketStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  // Nobody asks who calls: it is this machine.
  ip = "127.0.0.1";
  port = 0;
}

void SocketStream::get_local_ip_and_port(std::string& ip, int& port) const {
  get_remote_ip_and_port(ip, port);
}

}  // namespace sluice::emulator
