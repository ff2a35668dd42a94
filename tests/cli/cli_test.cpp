// The real program, in a process of its own, against the embedded platform in another one, over
// loopback: exit codes, streams, signals and what is left behind.

#include "core/json.hpp"
#include "http/curl_transport.hpp"
#include "support/loopback_site.hpp"
#include "support/read_text.hpp"
#include "support/specs.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

using namespace sluice;
using namespace sluice::test;

namespace {

namespace fs = std::filesystem;
using Site = LoopbackSite;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// What Customer.io does: posts an event to a webhook, whose host is the platform's here.
void send_event(const Site& site, const std::string& webhook, const std::string& event) {
  http::CurlTransport transport({});
  std::optional<http::Outcome> outcome;
  transport.start({"POST",
                   site.environment.at("AEP_ENDPOINT"),
                   webhook.substr(webhook.find("/collection/")),
                   {{"Content-Type", "application/json"}},
                   event},
                  [&outcome](http::Outcome got) { outcome = std::move(got); });
  while (!outcome)
    transport.poll(Millis(100));
  REQUIRE(std::holds_alternative<http::Response>(*outcome));
  CHECK(std::get<http::Response>(*outcome).status == 200);
}

}  // namespace

TEST_CASE("cli: a pipeline's life, from nothing to nothing") {
  const Site site;
  const Finished before = site.run({"plan", "--detailed-exitcode"});
  CHECK(before.code == 2);
  CHECK(holds(before.out, "Plan: 4 to create, 0 to update, 0 to replace, 0 to delete."));

  const Finished applied = site.run({"apply", "--yes"});
  CHECK(applied.code == 0);
  CHECK(holds(applied.out, "Apply complete: 4 created"));
  CHECK(holds(applied.err, "pipelines.events.flow"));
  CHECK(site.run({"plan", "--detailed-exitcode"}).code == 0);

  const Finished url = site.run({"output", "webhook_url"});
  CHECK(url.code == 0);
  CHECK(url.out.starts_with("https://dcs.adobedc.net/collection/"));
  CHECK(holds(url.out, "?x-adobe-flow-id="));
  CHECK(std::count(url.out.begin(), url.out.end(), '\n') == 1);
  CHECK(!holds(site.run({"output"}).out, "https://dcs"));
  CHECK(!holds(read_text(site.folder.path() / "state/customerio.json"), "dcs.adobedc.net"));

  CHECK(site.run({"state", "list"}).out ==
        "pipelines.events.flow\npipelines.events.mapping\npipelines.events.source\n"
        "pipelines.events.target\n");
  const Finished destroyed = site.run({"destroy", "--yes"});
  CHECK(destroyed.code == 0);
  CHECK(holds(destroyed.out, "4 deleted"));
  CHECK(site.run({"state", "list"}).out.empty());
  CHECK(site.run({"plan", "--detailed-exitcode"}).code == 2);
}

TEST_CASE("cli: a saved plan is applied once, and only on the state that it was made on") {
  const Site site;
  CHECK(site.run({"plan", "--out", "first.plan"}).code == 0);
  CHECK(fs::status(site.folder.path() / "first.plan").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(site.run({"show", "first.plan"}).code == 0);
  CHECK(site.run({"plan", "--out", "second.plan"}).code == 0);
  CHECK(site.run({"apply", "first.plan"}).code == 0);
  const Finished again = site.run({"apply", "first.plan"});
  CHECK(again.code == 4);
  CHECK(holds(again.err, "This plan was applied already"));
  CHECK(site.run({"apply", "second.plan"}).code == 4);
  std::ofstream(site.folder.path() / "bad.plan") << "{\"format_version\": 1}";
  CHECK(site.run({"apply", "bad.plan"}).code == 64);
  CHECK(site.run({"apply", "no.plan"}).code == 64);
}

TEST_CASE("cli: what a newcomer meets first has its exit code, and says what to do") {
  Site site;
  const Process::Variables good = site.environment;
  const auto expect = [&site](const std::vector<std::string>& arguments, int code,
                              const std::string& part) {
    const Finished finished = site.run(arguments);
    INFO(finished.err);
    CHECK(finished.code == code);
    CHECK_MESSAGE(holds(finished.err, part), "expected: ", part);
    CHECK(std::count(finished.err.begin(), finished.err.end(), '\n') <= 6);
  };
  expect({"plam"}, 64, "did you mean `plan`?");
  expect({"plan", "--sandboxx", "dev"}, 64, "--sandboxx");
  expect({"doctor"}, 64, "`sluice doctor` is not in this version");
  expect({"plan", "specs/nothing.yaml"}, 65, "specs/nothing.yaml");
  expect({"plan", "--sandbox", "nope"}, 1, "nope");
  expect({"apply"}, 1, "--yes");
  expect({"plan", "--target", "pipelines.event.flow"}, 1, "pipelines.events.flow");
  expect({"output", "webhook_ur"}, 64, "webhook_url");

  site.environment["AEP_CLIENT_SECRET"] = "wrong-secret";
  expect({"plan"}, 5, "the client secret");
  site.environment.erase("AEP_CLIENT_SECRET");
  expect({"plan"}, 5, "AEP_ACCESS_TOKEN");
  site.environment["AEP_ACCESS_TOKEN"] = "wrong-token";
  expect({"plan"}, 5, "new access token");
  site.environment = good;
  site.environment["AEP_ENDPOINT"] = "http://example.com";
  expect({"plan"}, 64, "not https");
  site.environment = good;
  site.environment["AEP_ENDPOINT"] = site.environment["AEP_IMS"] = "http://127.0.0.1:1";
  expect({"plan"}, 1, "127.0.0.1");
  site.environment = good;

  site.write_spec("sluice: 1\nname: x\n  bad: y\n");
  expect({"validate"}, 65, "specs/customerio.yaml:3");
  site.write_spec(replaced(site.example(), "flow:", "flwo:"));
  expect({"validate"}, 65, "`flow`");
  fs::remove(site.folder.path() / "specs/customerio.yaml");
  expect({"plan"}, 64, "No spec");
}

TEST_CASE("cli: a state that another run holds is refused with the holder's name") {
  const Site site;
  CHECK(site.run({"apply", "--yes"}).code == 0);
  const std::string path = (site.folder.path() / "state/customerio.json.lock").string();
  const int lock = open(path.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(lock >= 0);
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  REQUIRE(fcntl(lock, F_OFD_SETLK, &whole) == 0);
  const Finished refused = site.run({"apply", "--yes"});
  CHECK(refused.code == 3);
  CHECK(holds(refused.err, "is locked"));
  CHECK(holds(refused.err, "apply"));
  CHECK(site.run({"plan"}).code == 0);
  close(lock);
  CHECK(site.run({"apply", "--yes"}).code == 0);
}

TEST_CASE("cli: a damaged state is an error, and never no resources") {
  const Site site;
  CHECK(site.run({"apply", "--yes"}).code == 0);
  const fs::path path = site.folder.path() / "state/customerio.json";
  const std::string good = read_text(path);
  for (const std::string& bad : {std::string(), good.substr(0, good.size() / 2),
                                 replaced(good, "Streaming Dataflow", "streaming Dataflow")}) {
    std::ofstream(path) << bad;
    CHECK(site.run({"plan"}).code == 6);
    CHECK(site.run({"apply", "--yes"}).code == 6);
    CHECK(read_text(path) == bad);
    CHECK(site.run({"state", "recover"}).code == 0);
    CHECK(site.run({"plan", "--detailed-exitcode"}).code == 0);
  }
}

TEST_CASE("cli: a state that was lost in a run comes back, and so does what the run did") {
  Site site;
  site.write_spec(many_pipelines(1));
  REQUIRE(site.run({"apply", "--yes"}).code == 0);
  site.write_spec(many_pipelines(12));
  Process process(site.command({"apply", "--yes"}), site.environment, site.folder.path());
  CHECK(holds(process.read_error_until("created"), "created"));
  process.send(SIGKILL);
  REQUIRE(process.finish().code == 128 + SIGKILL);
  std::ofstream(site.folder.path() / "state/many.json") << "";
  CHECK(site.run({"apply", "--yes"}).code == 6);

  site.environment["AEP_CLIENT_SECRET"] = "wrong";
  const Finished half = site.run({"state", "recover"});
  INFO(half.out, half.err);
  CHECK(half.code == 5);
  CHECK(holds(half.out, "state/many.json is back with"));
  site.environment["AEP_CLIENT_SECRET"] = kSecret;
  const Finished whole = site.run({"state", "recover"});
  INFO(whole.out, whole.err);
  CHECK(whole.code == 0);
  CHECK(holds(whole.err, "looking what became of its calls"));

  CHECK(site.run({"apply", "--yes"}).code == 0);
  CHECK(site.run({"plan", "--detailed-exitcode"}).code == 0);
  fs::remove_all(site.folder.path() / "state");
  const Json lost = Json::parse(site.run({"plan", "--json"}).out);
  CHECK(lost.at("clashes").size() == 48);
  for (const Json& clash : lost.at("clashes"))
    CHECK(clash.at("ids").size() == 1);
}

TEST_CASE("cli: JSON is one document, or lines, on standard output alone") {
  const Site site;
  const Json plan = Json::parse(site.run({"plan", "--json"}).out);
  CHECK(plan.at("format_version") == 3);
  CHECK(plan.at("steps").size() == 4);
  std::istringstream lines(site.run({"apply", "--yes", "--json"}).out);
  std::vector<Json> events;
  for (std::string line; std::getline(lines, line);)
    events.push_back(Json::parse(line));
  REQUIRE(events.size() >= 6);
  CHECK(events.front().at("event") == "plan");
  CHECK(events.back().at("event") == "end");
  CHECK(events.back().at("created") == 4);
  const Json outputs = Json::parse(site.run({"output", "--json"}).out);
  CHECK(holds(outputs.at("outputs").at("inlet_url").at("value"), "https://"));
  CHECK(Json::parse(site.run({"show", "--json"}).out).at("resources").size() == 4);
  CHECK(Json::parse(site.run({"validate", "--json"}).out).at("valid") == true);
}

TEST_CASE("cli: a kill at any moment loses nothing and makes nothing twice") {
  Site site;
  site.write_spec(many_pipelines(12));
  int killed = 0;
  for (int delay_ms = 20; delay_ms < 400; delay_ms += 40) {
    Process process(site.command({"apply", "--yes"}), site.environment, site.folder.path());
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    process.send(SIGKILL);
    if (process.finish().code == 128 + SIGKILL) ++killed;
  }
  CHECK(killed > 0);
  const Finished last = site.run({"apply", "--yes"});
  INFO(last.err);
  CHECK(last.code == 0);
  CHECK(site.run({"plan", "--detailed-exitcode"}).code == 0);
  // A duplicate would show as an object of a name that the state does not own.
  CHECK(site.run({"state", "list"}).out.size() > 0);
  fs::remove_all(site.folder.path() / "state");
  const Json lost = Json::parse(site.run({"plan", "--json"}).out);
  CHECK(lost.at("clashes").size() == 48);
  for (const Json& clash : lost.at("clashes"))
    CHECK(clash.at("ids").size() == 1);
  CHECK(site.run({"apply", "--yes"}).code == 4);
}

TEST_CASE("cli: the first interrupt drains, and the next apply goes on") {
  Site site;
  site.write_spec(many_pipelines(12));
  Process process(site.command({"apply", "--yes", "--parallelism", "1"}), site.environment,
                  site.folder.path());
  CHECK(holds(process.read_error_until("created"), "created"));
  process.send(SIGINT);
  const Finished stopped = process.finish();
  INFO(stopped.err);
  CHECK(stopped.code == 130);
  CHECK(holds(stopped.out, "Apply stopped"));
  CHECK(holds(stopped.err, "It was interrupted."));
  CHECK(holds(stopped.err, "again to go on"));
  CHECK(site.run({"apply", "--yes"}).code == 0);
  CHECK(site.run({"plan", "--detailed-exitcode"}).code == 0);
}

TEST_CASE("cli: runs tell what failed, by the exit code too, and are watched until interrupted") {
  const Site site;
  CHECK(site.run({"apply", "--yes"}).code == 0);
  CHECK(site.run({"runs", "--fail-on-errors"}).code == 0);
  std::string webhook = site.run({"output", "webhook_url"}).out;
  webhook.pop_back();
  send_event(site, webhook, "[1]");

  const Json runs = Json::parse(site.run({"runs", "--json"}).out);
  CHECK(runs.at("format_version") == 1);
  CHECK(runs.at("pipelines").at(0).at("runs").at(0).at("records_failed") == 1);
  CHECK(site.run({"runs"}).code == 0);
  const Finished failing = site.run({"runs", "events", "--fail-on-errors", "--json"});
  CHECK(failing.code == 1);
  CHECK(Json::parse(failing.out) == runs);
  CHECK(holds(failing.err, "pipelines.events"));
  CHECK(holds(failing.err, "1 failed record"));
  CHECK(site.run({"runs", "evnets"}).code == 64);

  const Finished status = site.run({"status"});
  CHECK(status.code == 0);
  CHECK(holds(status.out, "enabled"));
  CHECK(!holds(status.out + site.run({"status", "--json"}).out, "dcs.adobedc.net"));
  CHECK(Json::parse(site.run({"status", "--json"}).out).at("pipelines").at(0).at("inlet") == true);

  Process process(site.command({"runs", "--watch", "--interval", "1"}), site.environment,
                  site.folder.path());
  CHECK(holds(process.read_until("pipelines.events"), " failed"));
  // A change of the run or, should that be over, another run.
  send_event(site, webhook, "[2]");
  CHECK(holds(process.read_until("pipelines.events"), " failed"));
  process.send(SIGINT);
  const Finished stopped = process.finish();
  CHECK(stopped.code == 130);
  CHECK(holds(stopped.err, "Watching 1 flow, every 1s"));

  Process lines(site.command({"runs", "--watch", "--json"}), site.environment, site.folder.path());
  CHECK(Json::parse(lines.read_until("{")).at("pipeline") == "pipelines.events");
  lines.send(SIGTERM);
  CHECK(lines.finish().code == 143);
}

TEST_CASE("cli: a result that cannot be written is an error") {
  const Site site;
  Process process(site.command({"validate"}), site.environment, site.folder.path(), "/dev/full");
  CHECK(process.finish().code == 1);
}

TEST_CASE("cli: a trace shows every exchange and no secret") {
  const Site site;
  CHECK(site.run({"apply", "--yes", "--trace", "trace.jsonl"}).code == 0);
  CHECK(site.run({"output", "webhook_url", "--trace", "trace.jsonl"}).code == 0);
  const std::string trace = read_text(site.folder.path() / "trace.jsonl");
  CHECK(holds(trace, "/data/foundation/flowservice/flows"));
  CHECK(SecretSearch(kSecret).found_in(trace) == "");
  CHECK(!holds(trace, "Bearer "));
  CHECK(!holds(trace, "dcs.adobedc.net/collection"));
  std::string everything;
  for (const auto& entry : fs::recursive_directory_iterator(site.folder.path())) {
    if (entry.is_regular_file()) everything += read_text(entry.path());
  }
  CHECK(SecretSearch(kSecret).found_in(everything) == "");
  CHECK(!holds(everything, "dcs.adobedc.net/collection"));
}

TEST_CASE("cli: what others made is taken over, and a run that was cut off is mended by another") {
  const Site site;
  REQUIRE(site.run({"apply", "--yes"}).code == 0);
  const fs::path folder = site.folder.path();
  fs::remove_all(folder / "state");
  fs::remove(folder / "specs/customerio.yaml");

  const std::vector<std::string> all = {"adopt",  "--all",  "--sandbox", "dev",
                                        "--name", "byhand", "--yes"};
  CHECK(site.run({"adopt", "--all", "--sandbox", "dev"}).code == 1);
  CHECK(site.run({"adopt", "--all", "--yes"}).code == 64);
  CHECK(!fs::exists(folder / "specs/byhand.yaml"));
  const Finished first = site.run(all);
  INFO(first.err);
  CHECK(first.code == 0);
  CHECK(holds(first.out, "Took over 1 pipeline."));
  CHECK(site.run({"plan", "specs/byhand.yaml", "--detailed-exitcode"}).code == 0);
  CHECK(!holds(read_text(folder / "state/byhand.json"), "dcs.adobedc.net"));

  // The spec is written first; a kill before the state leaves it alone.
  const std::string written = read_text(folder / "specs/byhand.yaml");
  fs::remove(folder / "state/byhand.json");
  fs::remove_all(folder / "state/byhand.json.backup");
  CHECK(site.run({"plan", "specs/byhand.yaml", "--detailed-exitcode"}).code == 2);
  CHECK(site.run({"apply", "specs/byhand.yaml", "--yes"}).code == 4);
  CHECK(site.run(all).code == 0);
  CHECK(site.run({"plan", "specs/byhand.yaml", "--detailed-exitcode"}).code == 0);
  CHECK(read_text(folder / "specs/byhand.yaml") == written);

  // Another name finds all of it managed, and writes nothing.
  const Finished again = site.run({"adopt", "--all", "--name", "other", "--yes"});
  CHECK(again.code == 0);
  CHECK(holds(again.out, "pipelines.streaming-dataflow-for-customer-io.flow"));
  CHECK(holds(again.out, "state/byhand.json already."));
  CHECK(!fs::exists(folder / "specs/other.yaml"));
  CHECK(site.run({"adopt", "no-such-flow", "--name", "other", "--yes"}).code == 1);

  const Finished found = site.run({"discover", "--json"});
  CHECK(found.code == 0);
  CHECK(Json::parse(found.out).at("flows").empty());
  CHECK(Json::parse(found.out).at("unused").empty());
}

TEST_CASE("cli: an adopt never takes the place of a file") {
  const Site site;
  REQUIRE(site.run({"apply", "--yes"}).code == 0);
  const fs::path folder = site.folder.path();
  fs::remove_all(folder / "state");
  // The same name in another file, another text in the same file, and another state of that name.
  const Finished same =
      site.run({"adopt", "--all", "--name", "customerio", "--out", "specs/new.yaml", "--yes"});
  CHECK(same.code == 1);
  CHECK(holds(same.err, "specs/customerio.yaml is a spec named customerio already"));
  CHECK(!fs::exists(folder / "specs/new.yaml"));
  const Finished other = site.run({"adopt", "--all", "--name", "customerio", "--yes"});
  CHECK(other.code == 1);
  CHECK(holds(other.err, "There is a specs/customerio.yaml already"));
  CHECK(read_text(folder / "specs/customerio.yaml") == site.example());
  CHECK(!fs::exists(folder / "state/customerio.json"));
}

TEST_CASE("cli: the state is looked at though the spec's variables have no values") {
  const Site site;
  CHECK(site.run({"apply", "--yes"}).code == 0);
  site.write_spec("name: customerio\nvariables: {must: {}}\nenvironments: {live: {}}\n");
  CHECK(site.run({"plan"}).code == 65);
  const Finished listed = site.run({"state", "list"});
  CHECK(listed.code == 0);
  CHECK(holds(listed.out, "pipelines.events.flow"));
  CHECK(site.run({"show"}).code == 0);
  CHECK(site.run({"state", "list", "--env", "live"}).code == 0);
  const Finished misspelt = site.run({"state", "list", "--env", "lvie"});
  CHECK(misspelt.code == 65);
  CHECK(holds(misspelt.err, "--env names no environment of the spec: lvie"));
  site.write_spec("pipelines: {}\n");
  CHECK(site.run({"state", "list"}).code == 65);
}
