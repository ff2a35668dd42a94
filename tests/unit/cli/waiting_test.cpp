// What people see while the platform takes its time.

#include "unit/cli/desk.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

/// A platform on which the new flow stays where it is, or that is closed for a while.
struct SlowDesk : NetworkDesk {
  SlowDesk() {
    answer = [this](const http::Request& request) -> std::optional<http::Outcome> {
      const bool is_read = request.method == "GET";
      if (is_read && clock.monotonic() < closed_until) return http::Response{503, {}, "{}"};
      if (is_read && stays && has(request.target, "/flows")) return unready(request);
      return std::nullopt;
    };
  }

  http::Outcome unready(const http::Request& request) {
    emulator::EmulatorTransport transport(platform, clock);
    std::optional<http::Outcome> outcome;
    transport.start(request, [&outcome](http::Outcome given) { outcome = std::move(given); });
    while (!outcome)
      transport.poll(Millis(1000));
    if (auto* response = std::get_if<http::Response>(&*outcome)) {
      const std::string ready = "\"state\":\"enabled\"";
      const std::size_t at = response->body.find(ready);
      if (at != std::string::npos) {
        response->body.replace(at, ready.size(), "\"state\":\"initializing\"");
      }
    }
    return std::move(*outcome);
  }

  bool stays = false;
  Millis closed_until{0};
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t result = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++result;
  return result;
}

}  // namespace

TEST_CASE("plan: what the platform never made ready is told, and does not count as done") {
  SlowDesk desk;
  desk.stays = true;
  const Said first = desk.on_state({"apply", "--yes"});
  CHECK(first.code == 1);
  CHECK(has(first.err, "is not ready yet"));

  const Said planned = desk.on_state({"plan", "--detailed-exitcode"});
  CHECK(planned.code == 0);
  CHECK(
      has(planned.out, "Warning: the platform has not made ready:\n\n    pipelines.events.flow\n"));
  CHECK(has(planned.out, "initializing"));
  CHECK(!has(planned.out, "matches the spec"));
  const Json document = Json::parse(desk.on_state({"plan", "--json"}).out);
  REQUIRE(document.at("unready").size() == 1);
  CHECK(document.at("unready").at(0).at("address") == "pipelines.events.flow");
  CHECK(document.at("unready").at(0).at("what") == "it is initializing");
  CHECK(document.at("changes") == false);

  const Said again = desk.on_state({"apply", "--yes"});
  CHECK(again.code == 1);
  CHECK(has(again.err, "is not ready: the platform says that it is initializing"));
  CHECK(desk.on_state({"plan", "--destroy"}).code == 0);

  desk.stays = false;
  CHECK(desk.on_state({"apply", "--yes"}).code == 0);
  CHECK(has(desk.on_state({"plan"}).out, "No changes. The platform matches the spec."));
}

TEST_CASE("plan: a flow that is ready for a change is not called unready") {
  SlowDesk desk;
  REQUIRE(desk.on_state({"apply", "--yes"}).code == 0);
  const Json document = Json::parse(desk.on_state({"plan", "--json"}).out);
  CHECK(document.at("unready") == Json::array());
}

TEST_CASE("apply: in a pipe there is a sign of life every half minute, and no more") {
  SlowDesk desk;
  desk.stays = true;
  const Said said = desk.on_state({"apply", "--yes"});
  INFO(said.err);
  CHECK(has(said.err, "  3 of 4 done, 1 running\n"));
  CHECK(count(said.err, " done, 1 running\n") == 2);  // In the 60 s that it is waited.
  SlowDesk quick;
  CHECK(!has(quick.on_state({"apply", "--yes"}).err, " running\n"));
  SlowDesk quiet;
  quiet.stays = true;
  CHECK(!has(quiet.on_state({"apply", "--yes", "--quiet"}).err, " running\n"));
}

TEST_CASE("plan: that the platform keeps us waiting is told, with --quiet not") {
  const std::string told = "The platform keeps us waiting: 503: ";
  SlowDesk desk;
  desk.closed_until = Millis(60'000);
  const Said said = desk.on_state({"plan"});
  INFO(said.err);
  CHECK(said.code == 0);
  CHECK(has(said.err, told));
  CHECK(has(said.err, " s more at most.\n"));
  CHECK(count(said.err, told) == 2);
  SlowDesk quiet;
  quiet.closed_until = Millis(60'000);
  CHECK(!has(quiet.on_state({"plan", "--quiet"}).err, told));
}

TEST_CASE("apply: on a terminal what is told of waits stands above the lines that change") {
  SlowDesk desk;
  desk.err_is_terminal = true;
  desk.environment["TERM"] = "xterm";
  const auto open = desk.answer;
  desk.answer = [&](const http::Request& request) -> std::optional<http::Outcome> {
    const bool begun = request.method == "POST" && has(request.target, "/flows");
    if (begun) desk.closed_until = desk.clock.monotonic() + Millis(30'000);
    return open(request);
  };
  const Said said = desk.on_state({"apply", "--yes"});
  INFO(said.err);
  CHECK(said.code == 0);
  CHECK(has(said.err, "\x1b[JThe platform keeps us waiting: 503: "));
}
