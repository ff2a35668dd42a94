#include "http/session.hpp"

#include "support/scripted_transport.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::http;

namespace {

// No jitter: every delay is the shortest that it may be.
class NoChance final : public Random {
 public:
  std::uint64_t next() override { return 0; }
};

SessionOptions client() {
  SessionOptions options;
  options.endpoint = "https://platform.example";
  options.ims = "https://ims.example";
  options.sandbox = "dev";
  options.credentials.client_id = "client-1";
  options.credentials.client_secret = Secret("p&ss word=");
  options.credentials.scopes = "openid,AdobeID";
  options.credentials.org = "X@AdobeOrg";
  return options;
}

SessionOptions with_given_token() {
  SessionOptions options = client();
  options.credentials.access_token = Secret("given-token");
  return options;
}

Response reply(int status, std::string body = "", std::map<std::string, std::string> headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

Response token(const std::string& value, const std::string& expires_in = "86399") {
  return reply(200, R"({"access_token":")" + value + R"(","expires_in":)" + expires_in + "}");
}

Request request(const std::string& method, const std::string& target,
                const std::string& body = "") {
  return {method, "", target, {}, body};
}

const std::string kIms = "/ims/token/v3";
const std::string kStale = R"({"error_code":"401013","message":"Oauth token is not valid"})";

struct World {
  explicit World(SessionOptions options = client())
      : session(loop, random, redactor, std::move(options)) {}

  test::SimClock clock;
  test::ScriptedTransport network{clock};
  EventLoop loop{network, clock};
  NoChance random;
  Redactor redactor;
  Session session;
  std::vector<std::string> ends;  // As they came: "200", or what a failure says.

  void send(Request what, Millis after = Millis(0)) { loop.spawn(run(std::move(what), after)); }
  // The end of one call when nothing else is going on.
  std::string end_of(Request what) {
    send(std::move(what));
    loop.run();
    return ends.back();
  }

  Task<Done> run(Request what, Millis after) {
    co_await loop.sleep(after);
    const Outcome outcome = co_await session.send(std::move(what));
    if (const auto* failure = std::get_if<Failure>(&outcome)) {
      ends.push_back(failure->what + (failure->maybe_sent ? " (maybe sent)" : ""));
    } else {
      ends.push_back(std::to_string(std::get<Response>(outcome).status));
    }
    co_return Done{};
  }
};

}  // namespace

TEST_CASE("session: fetches a token with a form and sends every header of the platform") {
  World world;
  world.network.answer(kIms, token("t1"));
  world.network.answer("/a", reply(200));
  world.network.answer("/b", reply(201));
  CHECK(world.end_of(request("GET", "/a")) == "200");
  CHECK(world.end_of(request("POST", "/b", "{}")) == "201");

  REQUIRE(world.network.requests().size() == 3);
  const Request& fetch = world.network.requests()[0];
  CHECK(fetch.method == "POST");
  CHECK(fetch.origin == "https://ims.example");
  CHECK(fetch.headers.at("Content-Type") == "application/x-www-form-urlencoded");
  CHECK(fetch.body ==
        "grant_type=client_credentials&client_id=client-1&client_secret=p%26ss%20word%3D"
        "&scope=openid%2CAdobeID");

  std::map<std::string, std::string> headers = {{"Authorization", "Bearer t1"},
                                                {"x-api-key", "client-1"},
                                                {"x-gw-ims-org-id", "X@AdobeOrg"},
                                                {"x-sandbox-name", "dev"},
                                                {"Accept", "application/json"}};
  CHECK(world.network.requests()[1].origin == "https://platform.example");
  CHECK(world.network.requests()[1].headers == headers);
  headers["Content-Type"] = "application/json";
  CHECK(world.network.requests()[2].headers == headers);
  CHECK(world.redactor.redact("now t1 and p&ss word=") == "now t1 and ***");
}

TEST_CASE("session: what the request sets, and an API key of its own, win") {
  SessionOptions options = with_given_token();
  options.credentials.api_key = "key-1";
  World world(std::move(options));
  world.network.answer("/a", reply(200));
  Request call = request("PATCH", "/a", "[]");
  call.headers = {{"accept", "application/vnd.adobe.xed+json"},
                  {"content-type", "application/json-patch+json"},
                  {"If-Match", "\"1\""}};
  world.end_of(call);
  const std::map<std::string, std::string> headers = {
      {"Authorization", "Bearer given-token"},
      {"If-Match", "\"1\""},
      {"accept", "application/vnd.adobe.xed+json"},
      {"content-type", "application/json-patch+json"},
      {"x-api-key", "key-1"},
      {"x-gw-ims-org-id", "X@AdobeOrg"},
      {"x-sandbox-name", "dev"}};
  REQUIRE(world.network.requests().size() == 1);
  CHECK(world.network.requests()[0].headers == headers);
}

TEST_CASE("session: many calls wait for one token") {
  World world;
  world.network.answer(kIms, token("t1"), Millis(2000));
  for (int i = 0; i < 5; ++i) {
    world.network.answer("/a", reply(200));
    world.send(request("GET", "/a"), Millis(100 * i));
  }
  world.loop.run();
  CHECK(world.network.log() ==
        "0 POST /ims/token/v3, 2 GET /a, 2 GET /a, 2 GET /a, 2 GET /a, 2 GET /a");
  CHECK(world.ends == std::vector<std::string>(5, "200"));
}

TEST_CASE("session: renews a token before it ends") {
  struct Row {
    std::string expires_in;
    int still_good, due;  // Seconds since the fetch was begun.
  };
  const std::vector<Row> rows = {
      {"86400", 86'098, 86'101},     // 300 s early.
      {"86400000", 86'098, 86'101},  // Milliseconds.
      {"1200", 898, 901},            // 20 min: 300 s early.
      {"400", 298, 301},             // Shorter: at three quarters.
  };
  for (const Row& row : rows) {
    World world;
    world.network.answer(kIms, token("t1", row.expires_in));
    world.network.answer(kIms, token("t2"));
    for (const int second : {0, row.still_good, row.due}) {
      world.network.answer("/a", reply(200));
      world.send(request("GET", "/a"), std::chrono::seconds(second));
    }
    world.loop.run();
    std::string used;
    for (const Request& sent : world.network.requests())
      used += sent.target == "/a" ? sent.headers.at("Authorization").substr(7) + " " : "F ";
    CHECK_MESSAGE(used == "F t1 t1 F t2 ", row.expires_in);
  }
}

TEST_CASE("session: a stale token is renewed once and the call repeated") {
  World world;
  world.network.answer(kIms, token("t1"));
  world.network.answer("/b", reply(401, kStale));
  world.network.answer(kIms, token("t2"));
  world.network.answer("/b", reply(201));
  CHECK(world.end_of(request("POST", "/b", "{}")) == "201");
  CHECK(world.network.requests().back().headers.at("Authorization") == "Bearer t2");
  CHECK(!world.session.credential_failure());
}

TEST_CASE("session: two refusals in a row end everything") {
  World world;
  world.network.answer(kIms, token("t1"));
  world.network.answer(kIms, token("t2"));
  world.network.answer("/a", reply(401, kStale));
  world.network.answer("/a", reply(401, kStale));
  CHECK(world.end_of(request("GET", "/a")) == "401");
  REQUIRE(world.session.credential_failure());
  const std::string why =
      "https://platform.example rejected the credentials (401, 401013: Oauth token is not valid)";
  CHECK(world.session.credential_failure()->what == why);
  CHECK(world.end_of(request("GET", "/b")) == why);
  CHECK(world.network.requests().size() == 4);
}

TEST_CASE("session: a call takes the token that another call has renewed meanwhile") {
  World world;
  world.network.answer(kIms, token("t1"));
  world.network.answer("/a", reply(401, kStale));
  world.network.answer(kIms, token("t2"));
  world.network.answer("/a", reply(200));
  world.network.answer("/slow", reply(401, kStale), Millis(5000));
  world.network.answer("/slow", reply(200));
  world.send(request("GET", "/slow"));
  world.send(request("GET", "/a"));
  world.loop.run();
  CHECK(world.network.log() ==
        "0 POST /ims/token/v3, 0 GET /slow, 0 GET /a, 0 POST /ims/token/v3, 0 GET /a, 5 GET /slow");
  CHECK(world.ends == std::vector<std::string>{"200", "200"});
}

TEST_CASE("session: a given token is never renewed") {
  World world(with_given_token());
  world.network.answer("/a", reply(401, kStale));
  CHECK(world.end_of(request("GET", "/a")) == "401");
  CHECK(world.network.log() == "0 GET /a");
  REQUIRE(world.session.credential_failure());
  CHECK(world.session.credential_failure()->detail.starts_with("Give a new access token"));
}

TEST_CASE("session: a missing permission is no rejection, a refused API key is one") {
  World world(with_given_token());
  world.network.answer("/a",
                       reply(403, R"({"type":"https://ns.adobe.com/aep/errors/FLOW-2120-403"})"));
  CHECK(world.end_of(request("GET", "/a")) == "403");
  CHECK(!world.session.credential_failure());
  world.network.answer("/a",
                       reply(403, R"({"error_code":"403003","message":"Api Key is invalid"})"));
  CHECK(world.end_of(request("GET", "/a")) == "403");
  REQUIRE(world.session.credential_failure());
  CHECK(world.session.credential_failure()->detail.starts_with("Check AEP_API_KEY"));
}

TEST_CASE("session: an organisation that these credentials do not belong to is named as such") {
  World world(with_given_token());
  world.network.answer("/a",
                       reply(403, R"({"error_code":"403025","message":"Profile is invalid"})"));
  CHECK(world.end_of(request("GET", "/a")) == "403");
  REQUIRE(world.session.credential_failure());
  CHECK(world.session.credential_failure()->detail.starts_with("Check AEP_ORG_ID"));
}

TEST_CASE("session: a refused client is named with its reason and without its secret") {
  World world;
  world.network.answer(kIms, reply(400, R"({"error":"invalid_client",
      "error_description":"bad secret p&ss word= for client"})"));
  const std::string why =
      "https://ims.example gave no token to client client-1 (400, invalid_client: bad secret *** "
      "for client)";
  world.send(request("GET", "/a"));
  world.send(request("POST", "/b", "{}"));
  world.loop.run();
  CHECK(world.ends == std::vector<std::string>{why, why});
  CHECK(world.network.log() == "0 POST /ims/token/v3");
  REQUIRE(world.session.credential_failure());
  CHECK(world.session.credential_failure()->what == why);
}

TEST_CASE("session: trouble while fetching a token is waited out") {
  World world;
  world.network.answer(kIms, reply(503));
  world.network.answer(kIms, Failure{"lost", true});
  world.network.answer(kIms, reply(429, "", {{"retry-after", "30"}}));
  world.network.answer(kIms, token("t1"));
  world.network.answer("/a", reply(200));
  CHECK(world.end_of(request("GET", "/a")) == "200");
  CHECK(world.network.log() ==
        "0 POST /ims/token/v3, 1 POST /ims/token/v3, 3 POST /ims/token/v3, 33 POST /ims/token/v3, "
        "33 GET /a");
}

TEST_CASE("session: a token that cannot be had, or is none, fails the call unsent") {
  for (const std::string body : {"{}", "", R"({"access_token":""})", R"({"access_token":7})",
                                 R"({"access_token":"a\r\nx: y"})"}) {
    World world;
    world.network.answer(kIms, reply(200, body));
    CHECK(world.end_of(request("POST", "/b", "{}")) ==
          "no token was fetched: the reply of https://ims.example holds none");
    CHECK(!world.session.credential_failure());
  }
  World world;
  for (int i = 0; i < 5; ++i)
    world.network.answer(kIms, Failure{"the connection to ims.example was refused", false});
  CHECK(world.end_of(request("GET", "/a")) ==
        "no token was fetched: the connection to ims.example was refused");
  CHECK(world.clock.monotonic() < Millis(16'000));
}

TEST_CASE("session: throttling is waited out on any call, other trouble on reads alone") {
  struct Row {
    std::string method;
    Outcome trouble;
    bool repeated;
  };
  const std::vector<Row> rows = {
      {"GET", reply(429), true},          {"POST", reply(429), true},
      {"GET", reply(503), true},          {"POST", reply(503), false},
      {"GET", reply(500), true},          {"PATCH", reply(500), false},
      {"GET", reply(408), true},          {"DELETE", reply(504), false},
      {"GET", Failure{"x", true}, true},  {"POST", Failure{"x", true}, false},
      {"GET", Failure{"x", false}, true}, {"POST", Failure{"x", false}, true},
      {"GET", reply(404), false},         {"GET", Failure{"x", false, true}, false},
      {"GET", reply(302), false},         {"POST", reply(409), false},
  };
  for (const Row& row : rows) {
    World world(with_given_token());
    world.network.answer("/a", row.trouble);
    world.network.answer("/a", reply(200));
    const std::string end = world.end_of(request(row.method, "/a"));
    CHECK_MESSAGE((end == "200") == row.repeated, row.method, " ", end);
    CHECK(world.network.requests().size() == (row.repeated ? 2 : 1));
  }
}

TEST_CASE("session: waits as long as the server asks, by seconds or by its clock") {
  World world(with_given_token());
  world.network.answer("/a", reply(200, "", {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
  world.network.answer("/a", reply(429, "", {{"retry-after", "38"}}));
  world.network.answer("/a", reply(503, "", {{"retry-after", "Sun, 06 Nov 1994 08:51:16 GMT"}}));
  world.network.answer("/a", reply(200));
  CHECK(world.session.server_time() == Millis(0));
  world.end_of(request("GET", "/a"));
  CHECK(world.session.server_time() == Millis(784'111'777'000));
  world.end_of(request("GET", "/a"));
  CHECK(world.network.log() == "0 GET /a, 0 GET /a, 38 GET /a, 99 GET /a");
}

TEST_CASE("session: gives the last answer back when patience ends") {
  SessionOptions options = with_given_token();
  options.patience = Millis(10'000);
  World world(std::move(options));
  for (int i = 0; i < 3; ++i)
    world.network.answer("/a", reply(503));
  world.network.answer("/a", reply(502));
  CHECK(world.end_of(request("GET", "/a")) == "502");
  CHECK(world.network.log() == "0 GET /a, 1 GET /a, 3 GET /a, 7 GET /a");
}

TEST_CASE("session: a long wait is told once for all calls, and again half a minute later") {
  World world(with_given_token());
  std::vector<std::pair<Millis, std::string>> told;
  world.session.set_on_wait([&](const std::string& what, Millis left) {
    told.emplace_back(world.clock.monotonic(), what);
    // Both calls began at once.
    CHECK(left == Millis(600'000) - world.clock.monotonic());
  });
  for (int i = 0; i < 3; ++i)
    world.network.answer("/short", reply(503));
  world.network.answer("/short", reply(200));
  CHECK(world.end_of(request("GET", "/short")) == "200");
  CHECK(world.clock.monotonic() < Millis(8000));
  CHECK(told.empty());

  World again(with_given_token());
  again.session.set_on_wait(
      [&](const std::string& what, Millis) { told.emplace_back(again.clock.monotonic(), what); });
  for (const char* path : {"/a", "/b"}) {
    for (int i = 0; i < 7; ++i)
      again.network.answer(path, reply(503, R"({"message":"closed"})"));
    again.network.answer(path, reply(200));
    again.send(request("GET", path));
  }
  again.loop.run();
  // Waits of 1, 2, 4, 8, 16, 16 and 16 seconds: the fourth goes over ten.
  REQUIRE(told.size() == 2);
  CHECK(told[0].second == "503: closed");
  CHECK(told[0].first.count() / 1000 == 7);
  CHECK(told[1].first.count() / 1000 == 47);
}

TEST_CASE("session: gives up soon where nobody can be reached") {
  World world(with_given_token());
  for (int i = 0; i < 9; ++i)
    world.network.answer("/a", Failure{"refused", false});
  CHECK(world.end_of(request("GET", "/a")) == "refused");
  CHECK(world.network.log() == "0 GET /a, 1 GET /a, 3 GET /a, 7 GET /a, 15 GET /a");
}

TEST_CASE("session: begins no wait and ends the ones begun when the loop is hurried") {
  World world(with_given_token());
  world.network.answer("/a", reply(429, "", {{"retry-after", "100"}}));
  world.network.answer("/b", reply(429, "", {{"retry-after", "100"}}));
  world.send(request("GET", "/a"));
  world.loop.set_end_of_turn([&world] {
    if (world.clock.monotonic() > Millis(5000)) world.loop.hurry();
    return false;
  });
  world.loop.run();
  CHECK(world.end_of(request("GET", "/b")) == "429");
  CHECK(world.ends == std::vector<std::string>{"429", "429"});
  CHECK(world.network.requests().size() == 2);
  CHECK(world.clock.monotonic() < Millis(6000));
}

TEST_CASE("session: sends no credentials in the clear") {
  SessionOptions options = client();
  options.endpoint = "http://platform.example";
  World plain(std::move(options));
  CHECK(plain.end_of(request("GET", "/a")) ==
        "http:// would send credentials in the clear to platform.example; use https://");
  options = client();
  options.ims = "http://ims.example";
  World plain_ims(std::move(options));
  CHECK(plain_ims.end_of(request("GET", "/a")) ==
        "http:// would send credentials in the clear to ims.example; use https://");
  options = client();
  options.endpoint = "platform.example";
  World broken(std::move(options));
  CHECK(broken.end_of(request("GET", "/a")) ==
        "\"platform.example\" is no address of the form https://host");
  CHECK(plain.network.log() + plain_ims.network.log() + broken.network.log() == "");
}
