// The platform on a loopback port, and a real client of it.

#include "emulator/server.hpp"

#include "emulator/httplib.hpp"
#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using emulator::Fault;

namespace {

// Serves for as long as it lives.
struct Serving {
  Serving() : server(client.platform), port(server.bind(0)) {
    REQUIRE(port != 0);
    thread = std::thread([this] { server.run(); });
  }
  ~Serving() {
    server.stop();
    thread.join();
  }
  void add_fault(Fault fault) {
    server.with_platform([&fault](emulator::Platform& it) { it.add_fault(fault); });
  }

  Client client;
  emulator::Server server;
  int port;
  std::thread thread;
};

httplib::Headers to_headers(const Headers& headers) {
  return {headers.begin(), headers.end()};
}

// All bytes that come back for what is sent, until the server closes or is silent for five seconds.
std::string raw_exchange(int port, const std::string& text, bool* was_silent = nullptr) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval silence = {5, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
  REQUIRE(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  REQUIRE(::send(socket, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  std::string got;
  char buffer[4096];
  for (ssize_t size = 1; size > 0;) {
    size = ::recv(socket, buffer, sizeof(buffer), 0);
    if (size > 0) got.append(buffer, static_cast<std::size_t>(size));
    if (size <= 0 && was_silent != nullptr) *was_silent = size < 0;
  }
  ::close(socket);
  return got;
}

std::string raw_get(const std::string& more) {
  std::string text = "GET " + kSources + " HTTP/1.1\r\nHost: localhost\r\n" + more;
  for (const auto& [name, value] : standard_headers())
    text += name + ": " + value + "\r\n";
  return text + "\r\n";
}

}  // namespace

TEST_CASE("server: sixty-four clients at once, twenty requests each, on kept connections") {
  Serving serving;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&serving, &good] {
      httplib::Client client("127.0.0.1", serving.port);
      client.set_keep_alive(true);
      const std::string body = source_body().dump();
      for (int j = 0; j < 10; ++j) {
        const auto made =
            client.Post(kSources, to_headers(standard_headers()), body, "application/json");
        if (made && made->status == 201) ++good;
        const auto read = client.Get(kSources + "?limit=1", to_headers(standard_headers()));
        if (read && read->status == 200) ++good;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  CHECK(good == 64 * 20);
  serving.server.with_platform([](emulator::Platform& platform) {
    CHECK(platform.ids("dev", "sourceConnections").size() == 640);
    CHECK(platform.log().size() == 1280);
  });
}

TEST_CASE("server: bodies, headers and statuses pass through as they are") {
  Serving serving;
  std::vector<std::string> lines;
  serving.server.set_on_request([&lines](const std::string& line) { lines.push_back(line); });
  httplib::Client client("127.0.0.1", serving.port);
  client.set_default_headers(to_headers(standard_headers()));
  const auto made = client.Post(kSources, source_body().dump(), "application/json");
  REQUIRE(made);
  const std::string path = kSources + "/" + Json::parse(made->body)["id"].get<std::string>();
  const auto read = client.Get(path);
  REQUIRE(read);
  CHECK(read->get_header_value("content-type") == "application/json");
  CHECK(read->get_header_value("date") == "Thu, 09 Oct 2025 08:53:20 GMT");
  const Json item = Json::parse(read->body)["items"][0];

  const httplib::Headers match = {{"If-Match", item["etag"].get<std::string>()}};
  const std::string rename = R"([{"op":"replace","path":"/name","value":"new"}])";
  const auto patched = client.Patch(path, match, rename, "application/json");
  REQUIRE(patched);
  CHECK(patched->status == 200);
  const auto erased = client.Delete(path);
  REQUIRE(erased);
  CHECK(erased->status == 204);
  CHECK(erased->body.empty());
  CHECK(lines == std::vector<std::string>{"POST " + kSources + " 201", "GET " + path + " 200",
                                          "PATCH " + path + " 200", "DELETE " + path + " 204"});
}

TEST_CASE("server: a request without a length has no body, and is not waited for") {
  Serving serving;
  std::string text = raw_get("Connection: close\r\n");
  text.replace(0, 3, "DELETE");
  CHECK(raw_exchange(serving.port, text).starts_with("HTTP/1.1 405"));
}

TEST_CASE("server: a lost reply is not a byte, a cut one half a body") {
  Serving serving;
  for (const auto kind : {Fault::Kind::lost_reply, Fault::Kind::lost_request}) {
    serving.add_fault({kind, "GET", "", 503, ""});
    bool was_silent = true;
    CHECK(raw_exchange(serving.port, raw_get(""), &was_silent).empty());
    CHECK_FALSE(was_silent);
  }
  serving.add_fault({Fault::Kind::cut_body, "GET", "", 503, ""});
  const std::string whole = raw_exchange(serving.port, raw_get("Connection: close\r\n"));
  // The empty list is {"_links":{},"items":[]}.
  CHECK(whole.starts_with("HTTP/1.1 200"));
  CHECK(whole.find("Content-Length: 24") != std::string::npos);
  CHECK(whole.substr(whole.find("\r\n\r\n") + 4) == R"({"_links":{})");

  serving.add_fault({Fault::Kind::status, "GET", "", 429, "3"});
  httplib::Client client("127.0.0.1", serving.port);
  const auto busy = client.Get(kSources);
  REQUIRE(busy);
  CHECK(busy->status == 429);
  CHECK(busy->get_header_value("retry-after") == "3");
}

TEST_CASE("server: stops at once, even before it runs, and with connections open") {
  {
    Serving serving;
    httplib::Client client("127.0.0.1", serving.port);
    client.set_keep_alive(true);
    REQUIRE(client.Get(kSources));
  }
  Client client;
  emulator::Server server(client.platform);
  REQUIRE(server.bind(0) != 0);
  server.stop();
  server.run();
}

TEST_CASE("server: a port that is taken cannot be had") {
  Serving serving;
  Client client;
  emulator::Server second(client.platform);
  CHECK(second.bind(serving.port) == 0);
}
