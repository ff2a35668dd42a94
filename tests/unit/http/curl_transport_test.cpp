#include "http/curl_transport.hpp"

#include "http/curl_library.hpp"
#include "support/raw_server.hpp"
#include "support/test_certificate.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/time.h>
#include <vector>

using namespace sluice;
using namespace sluice::http;
using test::raw_reply;
using test::RawConnection;
using test::RawServer;

namespace {

Request request_to(const std::string& origin, const std::string& method,
                   const std::string& body = "") {
  return {method, origin, "/a?b=c", {}, body};
}

Outcome ask(CurlTransport& transport, Request what) {
  std::optional<Outcome> got;
  transport.start(std::move(what), [&got](Outcome outcome) { got = std::move(outcome); });
  CHECK(!got);
  while (!got)
    transport.poll(Millis(1000));
  return *got;
}

// "200 body" or "what failed (maybe sent) (lasting)".
std::string in_short(const Outcome& outcome) {
  if (const auto* failure = std::get_if<Failure>(&outcome)) {
    return failure->what + (failure->maybe_sent ? " (maybe sent)" : "") +
           (failure->lasting ? " (lasting)" : "");
  }
  const auto& response = std::get<Response>(outcome);
  return std::to_string(response.status) + " " + response.body;
}

std::string ask_once(const Request& what, CurlOptions options = {}) {
  CurlTransport transport(std::move(options));
  return in_short(ask(transport, what));
}

// Sends `text` in answer to the first request of every connection and closes.
RawServer::Serve say(const std::string& text) {
  return [text](RawConnection& connection) {
    connection.read_request();
    connection.write(text);
  };
}

// Answers every request until the other side has had enough.
void serve_well(RawConnection& connection) {
  while (!connection.read_request().empty())
    connection.write(raw_reply("ok"));
}

std::string plain(const RawServer& server) {
  return "http://" + server.address();
}

// Answers the very first request. Any later one is read whole, counted and left without a byte.
RawServer::Serve answer_the_first(std::atomic<int>& received) {
  return [&received](RawConnection& connection) {
    while (!connection.read_request().empty()) {
      if (++received > 0) return;
      connection.write(raw_reply("first"));
    }
  };
}

// A method and a body, each.
std::vector<std::pair<std::string, std::string>> mutations() {
  return {{"POST", "{}"}, {"PATCH", "{}"}, {"PUT", "{}"}, {"POST", std::string(3'000'000, 'x')},
          {"POST", ""},   {"DELETE", ""}};
}

// The library as it comes, with a connection that it reuses: what the transport would be if it
// let a body be rewound, and gave no mutation a connection of its own.
class BareCurl {
 public:
  BareCurl() : multi_(library_.multi_init()) {}
  BareCurl(const BareCurl&) = delete;
  BareCurl& operator=(const BareCurl&) = delete;
  ~BareCurl() { library_.multi_cleanup(multi_); }

  void ask(const Request& request) {
    CURL* easy = library_.easy_init();
    curl_slist* headers = library_.slist_append(nullptr, "Expect:");
    const auto set = [&](CURLoption option, auto value) {
      REQUIRE(library_.easy_setopt(easy, option, value) == CURLE_OK);
    };
    set(CURLOPT_URL, (request.origin + request.target).c_str());
    set(CURLOPT_PROXY, "");
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_WRITEFUNCTION, drop);
    if (!request.body.empty() || request.method == "POST") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    }
    if (!request.is_read()) set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    library_.multi_add_handle(multi_, easy);
    int running = 1;
    while (running > 0) {
      library_.multi_perform(multi_, &running);
      if (running > 0) library_.multi_poll(multi_, nullptr, 0, 1000, nullptr);
    }
    library_.multi_remove_handle(multi_, easy);
    library_.easy_cleanup(easy);
    library_.slist_free_all(headers);
  }

 private:
  static std::size_t drop(char*, std::size_t size, std::size_t count, void*) {
    return size * count;
  }

  CurlLibrary library_;
  CURLM* multi_;
};

}  // namespace

TEST_CASE("curl transport: sends what it was given and nothing of its own") {
  std::string seen;
  RawServer server([&seen](RawConnection& connection) {
    seen = connection.read_request();
    connection.write(
        raw_reply("", "X-Thing:  one \r\nx-thing: two\r\nETag: \"1\"\r\netag: \"1\"\r\n"));
  });
  Request post = request_to(plain(server), "POST", "{\"a\":1}");
  post.headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}};
  CurlTransport transport({});
  const Outcome outcome = ask(transport, post);
  server.stop();
  CHECK(seen == "POST /a?b=c HTTP/1.1\r\nHost: " + server.address() +
                    "\r\nUser-Agent: sluice\r\nAccept: application/json\r\n"
                    "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
  REQUIRE(std::holds_alternative<Response>(outcome));
  const std::map<std::string, std::string> headers = {
      {"content-length", "0"}, {"x-thing", "one, two"}, {"etag", "\"1\""}};
  CHECK(std::get<Response>(outcome).headers == headers);
}

TEST_CASE("curl transport: an empty post has no type, a delete no body, a large body no Expect") {
  std::vector<std::string> seen;
  RawServer server([&seen](RawConnection& connection) {
    seen.push_back(connection.read_request());
    connection.write(raw_reply("ok"));
  });
  for (const auto& [method, body] : std::vector<std::pair<std::string, std::string>>{
           {"POST", ""}, {"DELETE", ""}, {"PUT", std::string(3'000'000, 'x')}}) {
    CHECK(ask_once(request_to(plain(server), method, body)) == "200 ok");
  }
  server.stop();
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].find("\r\nContent-Length: 0\r\n") != std::string::npos);
  CHECK(seen[0].find("Content-Type") == std::string::npos);
  CHECK(seen[1].starts_with("DELETE /a?b=c HTTP/1.1\r\n"));
  CHECK(seen[1].find("Content-") == std::string::npos);
  CHECK(seen[2].find("Expect") == std::string::npos);
  CHECK(seen[2].ends_with("\r\n\r\n" + std::string(3'000'000, 'x')));
}

TEST_CASE("curl transport: a mutation is sent once, where the library would repeat it") {
  for (const auto& [method, body] : mutations()) {
    std::atomic<int> received{-1};
    RawServer server(answer_the_first(received));
    CurlTransport transport({});
    CHECK(in_short(ask(transport, request_to(plain(server), "GET"))) == "200 first");
    const Outcome outcome = ask(transport, request_to(plain(server), method, body));
    CHECK_MESSAGE(in_short(outcome) ==
                      server.address() + " closed the connection without a reply (maybe sent)",
                  method);
    server.stop();
    CHECK_MESSAGE(received == 1, method);
  }
}

TEST_CASE("curl transport: a read is repeated") {
  std::atomic<int> received{-1};
  RawServer server(answer_the_first(received));
  CurlTransport transport({});
  CHECK(in_short(ask(transport, request_to(plain(server), "GET"))) == "200 first");
  (void)ask(transport, request_to(plain(server), "GET"));
  server.stop();
  CHECK(received == 2);
}

TEST_CASE("twin: the library without the transport's guards sends every mutation twice") {
  for (const auto& [method, body] : mutations()) {
    std::atomic<int> received{-1};
    RawServer server(answer_the_first(received));
    BareCurl bare;
    bare.ask(request_to(plain(server), "GET"));
    bare.ask(request_to(plain(server), method, body));
    server.stop();
    CHECK_MESSAGE(received == 2, method, " with ", body.size(), " bytes");
  }
}

TEST_CASE("curl transport: calls share a connection, a mutation without a body has its own") {
  RawServer server(serve_well);
  CurlTransport transport({});
  for (int i = 0; i < 3; ++i)
    CHECK(in_short(ask(transport, request_to(plain(server), "GET"))) == "200 ok");
  CHECK(server.connections() == 1);
  CHECK(in_short(ask(transport, request_to(plain(server), "POST", "x"))) == "200 ok");
  CHECK(in_short(ask(transport, request_to(plain(server), "PATCH", "{}"))) == "200 ok");
  CHECK(server.connections() == 1);
  CHECK(in_short(ask(transport, request_to(plain(server), "DELETE"))) == "200 ok");
  CHECK(in_short(ask(transport, request_to(plain(server), "POST"))) == "200 ok");
  CHECK(server.connections() == 3);
  CHECK(in_short(ask(transport, request_to(plain(server), "GET"))) == "200 ok");
  CHECK(server.connections() == 3);
}

TEST_CASE("curl transport: many exchanges run side by side") {
  RawServer server([](RawConnection& connection) {
    while (!connection.read_request().empty()) {
      std::this_thread::sleep_for(Millis(50));
      connection.write(raw_reply("ok"));
    }
  });
  CurlTransport transport({});
  int ended = 0;
  for (int i = 0; i < 100; ++i) {
    transport.start(request_to(plain(server), i % 2 == 0 ? "GET" : "POST"),
                    [&ended](Outcome outcome) {
                      CHECK(in_short(outcome) == "200 ok");
                      ++ended;
                    });
  }
  while (ended < 100)
    transport.poll(Millis(1000));
  CHECK(server.connections() <= 64 + 50);
}

TEST_CASE("curl transport: a redirect is an answer and is not followed") {
  RawServer other(serve_well);
  RawServer server(say("HTTP/1.1 307 Moved\r\nContent-Length: 0\r\nLocation: " + plain(other) +
                       "/stolen\r\n\r\n"));
  CHECK(ask_once(request_to(plain(server), "GET")) == "307 ");
  CHECK(other.connections() == 0);
}

TEST_CASE("curl transport: replies that break a limit or the protocol are failures") {
  CurlOptions small;
  small.body_bytes_max = 2U << 20U;
  small.header_bytes_max = 4096;
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  struct Row {
    std::string reply, failure;
  };
  const std::vector<Row> rows = {
      {raw_reply(std::string(2U << 20U, 'x') + "x"), "is longer than 2 MiB (maybe sent) (lasting)"},
      {ok + "A: " + std::string(5000, 'x') + "\r\n\r\n",
       "has more than 4 KiB of headers (maybe sent) (lasting)"},
      {ok + "ETag: 1\r\netag: 2\r\n\r\n", "has two different etags (maybe sent) (lasting)"},
      {ok + "A: x\ry\r\n\r\n", "has a malformed header (maybe sent) (lasting)"},
      {ok + "A: x\x1b[31m\r\n\r\n", "has a malformed header (maybe sent) (lasting)"},
      {ok + "A: x\r\n folded: y\r\n\r\n", "has a malformed header (maybe sent) (lasting)"},
      {ok + "Content-Length: 9\r\n\r\nshort", "was cut short (maybe sent)"},
      {ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", "was cut short (maybe sent)"},
  };
  for (const Row& row : rows) {
    RawServer server(say(row.reply));
    CHECK(ask_once(request_to(plain(server), "POST"), small) ==
          "the reply of " + server.address() + " " + row.failure);
  }
  for (const std::string& text : {std::string("hello\r\n"), ok + "no colon\r\n\r\n"}) {
    RawServer server(say(text));
    CHECK(ask_once(request_to(plain(server), "POST")) ==
          "what " + server.address() + " sent is no HTTP/1.1 reply (maybe sent)");
  }
}

TEST_CASE("curl transport: takes a body up to the limit, in chunks, after an interim answer") {
  RawServer server(
      say("HTTP/1.1 102 Processing\r\nX-Old: 1\r\n\r\nHTTP/1.1 201 Created\r\nX-New: 1\r\n"
          "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\nETag: 7\r\n\r\n"));
  CurlOptions exact;
  exact.body_bytes_max = 6;
  CurlTransport transport(exact);
  const Outcome outcome = ask(transport, request_to(plain(server), "POST"));
  CHECK(in_short(outcome) == "201 abcdef");
  const std::map<std::string, std::string> headers = {{"x-new", "1"},
                                                      {"transfer-encoding", "chunked"}};
  CHECK(std::get<Response>(outcome).headers == headers);
}

TEST_CASE("curl transport: says when nobody listens and that nothing was sent") {
  RawServer server(serve_well);
  const std::string origin = plain(server);
  server.stop();
  CHECK(ask_once(request_to(origin, "POST", "{}")) ==
        "the connection to " + server.address() + " was refused");
}

TEST_CASE("curl transport: a lost connection and a late reply may have been acted on") {
  RawServer cut([](RawConnection& connection) {
    connection.read_request();
    connection.reset_at_close();
  });
  CHECK(ask_once(request_to(plain(cut), "POST")) ==
        "the connection to " + cut.address() + " was lost (maybe sent)");

  std::atomic<bool> over{false};
  RawServer late([&over](RawConnection& connection) {
    connection.read_request();
    while (!over)
      std::this_thread::sleep_for(Millis(5));
  });
  CurlOptions hasty;
  hasty.timeout = Millis(200);
  CHECK(ask_once(request_to(plain(late), "POST"), hasty) ==
        "no reply from " + late.address() + " within 200 ms (maybe sent)");
  over = true;
}

TEST_CASE("curl transport: refuses what it must not send") {
  RawServer server(serve_well);
  const std::string lasting = " (lasting)";
  CHECK(ask_once(request_to("http://platform.example", "GET")) ==
        "http:// would send credentials in the clear to platform.example" + lasting);
  CHECK(ask_once(request_to("platform", "GET")) == "\"platform\" is no origin" + lasting);
  for (const std::string target :
       {"", "a", "@evil.example/", "/a b", "/a\r\nX: y", "/a#b", "/\\x"}) {
    Request bad = request_to(plain(server), "GET");
    bad.target = target;
    CHECK_MESSAGE(ask_once(bad).ends_with(" (lasting)"), target);
  }
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"X-A", "1\r\nX-B: 2"}, {"X-A\r\nX-B", "1"}, {"", "1"}, {"X A", "1"}, {"X:", "1"}}) {
    Request bad = request_to(plain(server), "GET");
    bad.headers = {{name, value}};
    CHECK_MESSAGE(ask_once(bad).ends_with("holds a control character (lasting)"), name);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE(
    "curl transport: takes no proxy from the environment, and the one it is given for https") {
  std::string seen;
  RawServer proxy([&seen](RawConnection& connection) {
    seen = connection.read_request();
    connection.write("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
  });
  RawServer server(serve_well);
  ::setenv("http_proxy", plain(proxy).c_str(), 1);
  ::setenv("ALL_PROXY", plain(proxy).c_str(), 1);
  CHECK(ask_once(request_to(plain(server), "GET")) == "200 ok");
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");

  CurlOptions options;
  options.proxy = plain(proxy);
  CHECK(ask_once(request_to(plain(server), "GET"), options) == "200 ok");
  CHECK(proxy.connections() == 0);
  CHECK(ask_once(request_to("https://platform.example", "POST", "secret"), options) ==
        "the proxy refused the connection to platform.example (HTTP 403) (lasting)");
  proxy.stop();
  CHECK(seen.starts_with("CONNECT platform.example:443 HTTP/1.1\r\n"));
  CHECK(seen.find("secret") == std::string::npos);

  options.no_proxy = "127.0.0.1";
  const std::string refused = ask_once(request_to("https://127.0.0.1:1", "GET"), options);
  CHECK(refused == "the connection to 127.0.0.1:1 was refused");
}

TEST_CASE("curl transport: only a trusted certificate for the right name is accepted") {
  const test::TestCertificate right("IP:127.0.0.1");
  const test::TestCertificate wrong("DNS:platform.example");
  RawServer server(serve_well, right.context());
  RawServer stranger(serve_well, wrong.context());
  const auto folder = std::filesystem::temp_directory_path();
  CurlOptions trusting;
  trusting.ca_file = folder / ("sluice-ca-" + std::to_string(::getpid()) + ".pem");

  const std::string unknown = ask_once(request_to("https://" + server.address(), "POST", "{}"));
  CHECK_MESSAGE(
      unknown.starts_with("the certificate of " + server.address() + " was not accepted: "),
      unknown);
  CHECK(unknown.ends_with(" (lasting)"));
  CHECK(unknown.find("(maybe sent)") == std::string::npos);

  right.save(trusting.ca_file);
  CHECK(ask_once(request_to("https://" + server.address(), "POST", "{}"), trusting) == "200 ok");
  wrong.save(trusting.ca_file);
  const std::string misnamed =
      ask_once(request_to("https://" + stranger.address(), "GET"), trusting);
  CHECK_MESSAGE(misnamed.find("was not accepted: ") != std::string::npos, misnamed);
  std::filesystem::remove(trusting.ca_file);
  CHECK(ask_once(request_to("https://" + server.address(), "GET"), trusting) ==
        "the CA file " + trusting.ca_file + " could not be read (lasting)");
}

TEST_CASE("curl transport: an old certificate and an old TLS are refused, and get nothing") {
  const test::TestCertificate fresh("IP:127.0.0.1");
  const test::TestCertificate ended("IP:127.0.0.1", -3600);
  SSL_CTX_set_max_proto_version(fresh.context(), TLS1_1_VERSION);
  std::atomic<bool> was_asked{false};
  const auto serve = [&was_asked](RawConnection& connection) {
    if (!connection.read_request().empty()) was_asked = true;
  };
  RawServer backward(serve, fresh.context());
  RawServer late(serve, ended.context());
  CurlOptions trusting;
  trusting.ca_file = std::filesystem::temp_directory_path() /
                     ("sluice-old-ca-" + std::to_string(::getpid()) + ".pem");
  fresh.save(trusting.ca_file);
  const std::string old_tls =
      ask_once(request_to("https://" + backward.address(), "POST", "secret"), trusting);
  ended.save(trusting.ca_file);
  const std::string old_certificate =
      ask_once(request_to("https://" + late.address(), "POST", "secret"), trusting);
  std::filesystem::remove(trusting.ca_file);
  CHECK_MESSAGE(old_tls.starts_with("no TLS connection with " + backward.address()), old_tls);
  CHECK_MESSAGE(old_certificate.find("certificate has expired") != std::string::npos,
                old_certificate);
  for (const std::string& problem : {old_tls, old_certificate})
    CHECK_MESSAGE(problem.find("(maybe sent)") == std::string::npos, problem);
  CHECK_FALSE(was_asked);
}

TEST_CASE("curl transport: may die with exchanges in flight") {
  std::atomic<int> received{0};
  RawServer server([&received](RawConnection& connection) {
    if (!connection.read_request().empty()) ++received;
    connection.read_request();
  });
  bool called = false;
  {
    CurlTransport transport({});
    for (int i = 0; i < 3; ++i)
      transport.start(request_to(plain(server), "POST"), [&called](Outcome) { called = true; });
    while (received < 3)
      transport.poll(Millis(10));
  }
  CHECK(!called);
}

TEST_CASE("curl transport: a signal ends the wait") {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) {};
  ::sigaction(SIGALRM, &action, &before);
  CurlTransport transport({});
  transport.poll(Millis(0));
  const itimerval soon{{0, 0}, {0, 50'000}};
  const auto start = std::chrono::steady_clock::now();
  ::setitimer(ITIMER_REAL, &soon, nullptr);
  transport.poll(Millis(5000));
  CHECK(std::chrono::steady_clock::now() - start < Millis(2500));
  ::sigaction(SIGALRM, &before, nullptr);
}
