#include "http/trace.hpp"

#include "core/json.hpp"
#include "support/scripted_transport.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::http;

namespace {

struct Traced {
  test::SimClock clock;
  test::ScriptedTransport network{clock};
  Redactor redactor;
  std::vector<std::string> lines;
  TraceTransport trace{network, clock, redactor,
                       [this](const std::string& line) { lines.push_back(line); }};

  Outcome ask(const Request& request) {
    Outcome result;
    trace.start(request, [&result](Outcome outcome) { result = std::move(outcome); });
    trace.poll(Millis(1000));
    return result;
  }
};

}  // namespace

TEST_CASE("trace: one line out and one line in, credentials left out") {
  Traced world;
  world.redactor.learn(Secret("flow-secret"));
  world.network.answer(
      "/a?k=flow-secret",
      Response{200, {{"etag", "\"1\""}, {"set-cookie", "c=1"}}, R"({"inletUrl":"https://x/y"})"});
  const Outcome outcome =
      world.ask({"POST",
                 "https://h",
                 "/a?k=flow-secret",
                 {{"Authorization", "Bearer t"}, {"X-API-Key", "k"}, {"Accept", "flow-secret"}},
                 "client_secret=s"});
  CHECK(std::get<Response>(outcome).body == R"({"inletUrl":"https://x/y"})");
  REQUIRE(world.lines.size() == 2);
  CHECK(world.lines[0] == R"({"at_ms":1760000000000,"body":"client_secret=***","exchange":1,)"
                          R"("headers":{"Accept":"***","Authorization":"***","X-API-Key":"***"},)"
                          R"("method":"POST","url":"https://h/a?k=***"})");
  CHECK(world.lines[1] ==
        R"({"at_ms":1760000000010,"body":"{\"inletUrl\":\"***\"}","exchange":1,)"
        R"("headers":{"etag":"\"1\"","set-cookie":"***"},"status":200,"took_ms":10})");
}

TEST_CASE("trace: a failure is a line too") {
  Traced world;
  world.redactor.learn(Secret("flow-secret"));
  world.network.answer("/a", Failure{"lost flow-secret", true});
  world.ask({"GET", "https://h", "/a", {}, ""});
  REQUIRE(world.lines.size() == 2);
  CHECK(world.lines[1] == R"({"at_ms":1760000000010,"exchange":1,"failure":"lost ***",)"
                          R"("maybe_sent":true,"took_ms":10})");
}

TEST_CASE("trace: a long body is cut after its secrets are out, and no byte of it breaks a line") {
  Traced world;
  world.redactor.learn(Secret("flow-secret"));
  const std::size_t limit = 65'536;
  world.network.answer("/a", Response{200, {}, std::string(limit - 4, 'x') + "flow-secret"});
  world.network.answer("/a", Response{200, {}, "\xff\n"});
  world.ask({"GET", "https://h", "/a", {}, ""});
  world.ask({"GET", "https://h", "/a", {}, ""});
  REQUIRE(world.lines.size() == 4);
  CHECK(Json::parse(world.lines[1])["body"] == std::string(limit - 4, 'x') + "***");
  CHECK(Json::parse(world.lines[3])["body"] == "\xef\xbf\xbd\n");
  CHECK(world.lines[3].find('\n') == std::string::npos);
}
