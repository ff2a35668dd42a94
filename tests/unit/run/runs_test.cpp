// What is asked for runs and what is made of the pages, over a scripted network.

#include "run/runs.hpp"

#include "core/fatal.hpp"
#include "support/engine.hpp"
#include "support/scripted_transport.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string target(const std::string& flow, int limit, const std::string& token = "") {
  return kinds::runs_request(flow, limit).target +
         (token.empty() ? "" : "&continuationToken=" + token);
}

Json item(const std::string& id, const std::string& flow, std::int64_t created) {
  return {{"id", id}, {"flowId", flow}, {"createdAt", created}};
}

http::Response page(const Json& items, const std::string& next = "") {
  Json links = Json::object();
  if (!next.empty()) links["next"] = {{"href", "/runs?continuationToken=" + next}};
  return {200, {}, Json({{"items", items}, {"_links", links}}).dump()};
}

struct RunsSite {
  SimClock clock;
  SeededRandom random{3};
  http::Redactor redactor;
  kinds::Registry registry;
  ScriptedTransport network{clock};
  http::EventLoop loop{network, clock};
  http::Session session{loop, random, redactor, embedded_session()};
  run::Slots slots{loop, 4, 4};
  run::Remote remote{session, loop, registry, slots};

  /// The ids of a flow's runs, in order.
  std::string ids(const std::string& flow, int limit) {
    std::string text;
    const run::RunsByFlow runs = run::read_runs(remote, {flow}, limit);
    for (const kinds::FlowRun& run : runs.at(flow))
      text += run.id + " ";
    return text;
  }
};

}  // namespace

TEST_CASE("read_runs: each flow is asked for once, and one without runs has an empty list") {
  RunsSite site;
  site.network.answer(target("a", 2), page(Json::array({item("r1", "a", 5)})));
  site.network.answer(target("b", 2), page(Json::array()));
  const run::RunsByFlow runs = run::read_runs(site.remote, {"a", "b"}, 2);
  CHECK(runs.size() == 2);
  CHECK(runs.at("a").size() == 1);
  CHECK(runs.at("b").empty());
  CHECK(site.network.requests().size() == 2);
}

TEST_CASE("read_runs: the newest first, whatever order the platform keeps") {
  RunsSite site;
  site.network.answer(
      target("a", 9),
      page(Json::array({item("old", "a", 1), item("new", "a", 3), item("mid", "a", 2)})));
  CHECK(site.ids("a", 9) == "new mid old ");
}

TEST_CASE("read_runs: pages are followed as far as the limit, and no run is counted twice") {
  RunsSite site;
  site.network.answer(target("a", 3),
                      page(Json::array({item("r9", "a", 9), item("r8", "a", 8)}), "x"));
  site.network.answer(target("a", 3, "x"),
                      page(Json::array({item("r8", "a", 8), item("r7", "a", 7)}), "y"));
  CHECK(site.ids("a", 3) == "r9 r8 r7 ");
  CHECK(site.network.requests().size() == 2);
}

TEST_CASE(
    "read_runs: another flow's run is not taken, and a list of such does not go on for ever") {
  RunsSite site;
  site.network.answer(target("a", 3),
                      page(Json::array({item("r1", "b", 9), item("r2", "a", 8)}), "x"));
  site.network.answer(target("a", 3, "x"), page(Json::array({item("r3", "b", 7)}), "y"));
  CHECK(site.ids("a", 3) == "r2 ");
  CHECK(site.network.requests().size() == 2);
}

TEST_CASE("read_runs: a reply that is none of the platform's ends the command") {
  RunsSite site;
  site.network.answer(target("a", 1), http::Response{200, {}, "<html>"});
  CHECK_THROWS_AS(run::read_runs(site.remote, {"a"}, 1), Fatal);
  site.network.answer(target("a", 1), http::Response{403, {}, R"({"message":"no"})"});
  try {
    (void)run::read_runs(site.remote, {"a"}, 1);
    CHECK(false);
  } catch (const Fatal& fatal) {
    CHECK(fatal.code() == ExitCode::failed);
    CHECK(fatal.diagnostic().summary == "GET /data/foundation/flowservice/runs: 403: no");
  }
}
