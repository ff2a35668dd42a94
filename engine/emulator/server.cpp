#include "emulator/server.hpp"

#include "emulator/httplib.hpp"
#include "emulator/socket_stream.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace sluice::emulator {

namespace {

// A connection keeps a thread to itself for as long as it is open.
constexpr std::size_t kThreads = 128;
// More than the library's five, so that no client's handshake is left to a second try.
constexpr int kBacklog = 256;
constexpr std::size_t kBodySizeMax = 16UL * 1024UL * 1024UL;
constexpr std::chrono::seconds kIdleMax(300);

// The library's server, but that it knows the connections that it serves: so that one can be closed
// without a byte, and all of them at the end.
class Front final : public httplib::Server {
 public:
  Front() {
    set_tcp_nodelay(true);
    set_payload_max_length(kBodySizeMax);
    // The listening socket is the only one that this is called for. The library's own options would
    // let a second server have the same port.
    set_socket_options([this](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
      listening_ = socket;
    });
    new_task_queue = [this] {
      const std::lock_guard lock(mutex_);
      has_started_ = true;
      if (is_stopping_) stop();
      return new httplib::ThreadPool(kThreads);
    };
  }

  // Makes room for more clients that wait to be let in.
  void widen_backlog() { ::listen(listening_, kBacklog); }

  void end() {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    if (has_started_) stop();
    for (const auto& [thread, served] : served_)
      served.stream->hang_up();
  }

  // Closes the connection that this thread serves instead of answering.
  void lose_reply() {
    const std::lock_guard lock(mutex_);
    served_.at(std::this_thread::get_id()).loses_reply = true;
  }

  void set_latency(Millis latency) { latency_ = latency; }

 private:
  struct Served {
    SocketStream* stream = nullptr;
    bool loses_reply = false;
  };

  bool loses_reply() {
    const std::lock_guard lock(mutex_);
    return served_.at(std::this_thread::get_id()).loses_reply;
  }

  template <typename Prepare>
  bool answer_one(SocketStream& stream, bool& is_last, const Prepare& prepare) {
    // The time that the request takes to read and the answer to make is part of the latency.
    const auto due = std::chrono::steady_clock::now() + latency_;
    const bool is_well = process_request(stream, false, is_last, prepare);
    std::this_thread::sleep_until(due);
    if (loses_reply()) stream.hang_up();
    return stream.flush() && is_well;
  }

  bool process_and_close_socket(socket_t socket) override {
    SocketStream stream(socket);
    {
      const std::lock_guard lock(mutex_);
      served_[std::this_thread::get_id()].stream = &stream;
      if (is_stopping_) stream.hang_up();
    }
    const auto prepare = [](httplib::Request& request) {
      // Without either header there is no body; the library would wait for one.
      if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) {
        request.set_header("Content-Length", "0");
      }
      // The library would compress.
      request.headers.erase("Accept-Encoding");
    };
    bool is_last = false;
    bool is_well = true;
    while (is_well && !is_last && stream.wait_for_data(kIdleMax))
      is_well = answer_one(stream, is_last, prepare);
    const std::lock_guard lock(mutex_);
    served_.erase(std::this_thread::get_id());
    return is_well;
  }

  Millis latency_{0};
  std::mutex mutex_;
  std::map<std::thread::id, Served> served_;
  socket_t listening_ = -1;
  bool has_started_ = false;
  bool is_stopping_ = false;
};

http::Request to_request(const httplib::Request& request) {
  http::Request result;
  result.method = request.method;
  result.target = request.target;
  result.body = request.body;
  for (const auto& [name, value] : request.headers)
    result.headers.emplace(name, value);
  return result;
}

// The whole body is announced, and half of it sent.
void send_cut(const std::string& body, const std::string& type, httplib::Response& response) {
  const std::string half = body.substr(0, body.size() / 2);
  response.set_content_provider(body.size(), type,
                                [half](std::size_t, std::size_t, httplib::DataSink& sink) {
                                  sink.write(half.data(), half.size());
                                  return false;
                                });
}

}  // namespace

struct Server::Impl {
  explicit Impl(Platform& the_platform) : platform(the_platform) {
    const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
    };
    front.Get(".*", handler);
    front.Post(".*", handler);
    front.Put(".*", handler);
    front.Patch(".*", handler);
    front.Delete(".*", handler);
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    const Answer answer = ask_platform(to_request(request));
    if (answer.loss && answer.loss != Fault::Kind::cut_body) {
      front.lose_reply();
      return;
    }
    response.status = answer.response.status;
    std::string type;
    for (const auto& [name, value] : answer.response.headers) {
      if (name == "content-type") {
        type = value;
      } else {
        response.set_header(name, value);
      }
    }
    if (answer.loss) {
      send_cut(answer.response.body, type, response);
    } else if (!type.empty()) {
      response.set_content(answer.response.body, type);
    }
  }

  Answer ask_platform(const http::Request& request) {
    const std::lock_guard lock(mutex);
    const std::size_t lines = platform.log().size();
    const Answer answer = platform.answer(request);
    // A request that was lost on its way left no line.
    if (on_request && platform.log().size() > lines) on_request(platform.log().back());
    return answer;
  }

  Platform& platform;
  std::mutex mutex;
  std::function<void(const std::string&)> on_request;
  Front front;
};

Server::Server(Platform& platform) : impl_(std::make_unique<Impl>(platform)) {
}

Server::~Server() = default;

int Server::bind(int port) {
  const std::string host = "127.0.0.1";
  int bound = port;
  if (port == 0) {
    bound = impl_->front.bind_to_any_port(host);
  } else if (!impl_->front.bind_to_port(host, port)) {
    bound = 0;
  }
  if (bound <= 0) return 0;
  impl_->front.widen_backlog();
  return bound;
}

void Server::run() {
  // The threads that are started from here wake up on time, and not up to 50 microseconds later so
  // that the kernel can wake several at once.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  impl_->front.listen_after_bind();
}

void Server::stop() {
  impl_->front.end();
}

void Server::with_platform(const std::function<void(Platform&)>& use) {
  const std::lock_guard lock(impl_->mutex);
  use(impl_->platform);
}

void Server::set_latency(Millis latency) {
  impl_->front.set_latency(latency);
}

void Server::set_on_request(std::function<void(const std::string&)> on_request) {
  const std::lock_guard lock(impl_->mutex);
  impl_->on_request = std::move(on_request);
}

}  // namespace sluice::emulator
