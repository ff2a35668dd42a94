#include "wire/place.hpp"

#include "support/places.hpp"
#include "support/read_text.hpp"
#include "support/secret_search.hpp"
#include "support/specs.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>
#include <stdexcept>

namespace sluice::wire {

namespace {

namespace fs = std::filesystem;

constexpr const char* kClientSecret = "emulator-secret";
// One that the emulator takes besides those that it gives out, so that a look needs no exchange
// more.
constexpr const char* kToken = "emulator-token";

struct Listing {
  const char* collection;
  const char* path;
  const char* query;  // For one long page.
  const char* items;  // Where they stand in the reply.
  bool is_of_pipeline;
};

// In the order in which they can be deleted.
constexpr Listing kListings[] = {
    {"flows", "/data/foundation/flowservice/flows", "?limit=100", "items", true},
    {"sourceConnections", "/data/foundation/flowservice/sourceConnections", "?limit=100", "items",
     true},
    {"targetConnections", "/data/foundation/flowservice/targetConnections", "?limit=100", "items",
     true},
    {"connections", "/data/foundation/flowservice/connections", "?limit=100", "items", false},
    {"mappingSets", "/data/foundation/conversion/mappingSets", "?limit=100&start=0", "data", true},
};

int port_in(const std::string& line) {
  const std::string before = "http://127.0.0.1:";
  const std::size_t at = line.find(before);
  if (at == std::string::npos) throw std::runtime_error("the emulator names no port: " + line);
  return std::stoi(line.substr(at + before.size()));
}

test::Process::Variables variables(int port, const std::string& sandbox) {
  const std::string url = "http://127.0.0.1:" + std::to_string(port);
  return {{"AEP_ENDPOINT", url},
          {"AEP_IMS", url},
          {"AEP_CLIENT_ID", "emulator"},
          {"AEP_CLIENT_SECRET", kClientSecret},
          {"AEP_ORG_ID", "EMULATOR@AdobeOrg"},
          {"AEP_SANDBOX", sandbox},
          {"SLUICE_VAR_sandbox", sandbox},
          // The proxy delivers nothing late, so a create need not be looked for any longer.
          {"SLUICE_SETTLE", "0.2"}};
}

std::string ended(const std::string& command, const test::Finished& finished) {
  return command + " exits with " + std::to_string(finished.code) + ": " + finished.err;
}

void write_spec(const fs::path& folder, const std::string& text) {
  fs::create_directories(folder / "specs");
  std::ofstream(folder / "specs/wire.yaml") << text;
}

std::string text_of(const Objects& objects) {
  std::string text;
  for (const auto& [collection, bodies] : objects) {
    for (const auto& [id, body] : bodies)
      text += "\n  " + collection + " " + id;
  }
  return text;
}

Objects without(Objects objects, const Objects& left_out) {
  for (const auto& [collection, bodies] : left_out) {
    for (const auto& [id, body] : bodies)
      objects[collection].erase(id);
  }
  return objects;
}

/// Whether there are so many pipelines, with one object of each kind, and nothing else.
bool are_whole(const Objects& objects, std::size_t pipelines) {
  for (const Listing& listing : kListings) {
    const auto found = objects.find(listing.collection);
    const std::size_t count = found == objects.end() ? 0 : found->second.size();
    if (count != (listing.is_of_pipeline ? pipelines : 0)) return false;
  }
  return true;
}

}  // namespace

std::string many_anywhere(std::size_t pipelines) {
  std::string spec = test::many_pipelines(static_cast<int>(pipelines));
  const std::string platform = "platform: {sandbox: dev}\n";
  return spec.replace(spec.find(platform), platform.size(), "");
}

Emulator::Emulator()
    : process_({test::sluice_binary(), "emulator", "--port", "0", "--quiet"}, {}, "/"),
      port_(port_in(process_.read_until("AEP_ENDPOINT="))) {
}

Place::Place(int platform_port, const std::string& sandbox, const std::string& spec,
             std::size_t pipelines)
    : platform_port_(platform_port),
      sandbox_(sandbox),
      pipelines_(pipelines),
      proxy_(platform_port),
      platform_(connect_to(platform_port)),
      environment_(variables(proxy_.port(), sandbox)) {
  write_spec(folder_.path(), spec);
  make_others();
  renew();
}

// By another user of the same program, who has a state of his own.
void Place::make_others() {
  const test::TempDir folder;
  std::string spec = many_anywhere(1);
  for (const std::string& name : {std::string("name: many"), std::string("p0:")})
    spec.replace(spec.find(name), name.size(), name == "p0:" ? "others:" : "name: others");
  write_spec(folder.path(), spec);
  test::Process process({test::sluice_binary(), "apply", "--yes"},
                        variables(platform_port_, sandbox_), folder.path());
  const test::Finished finished = process.finish();
  if (finished.code != 0) throw std::runtime_error(ended("somebody else's apply", finished));
  others_ = look();
  if (!are_whole(others_, 1)) throw std::runtime_error("others have made" + text_of(others_));
}

std::string Place::ask(const std::string& method, const std::string& path) {
  platform_->write(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " +
                   kToken + "\r\nx-api-key: emulator\r\nx-gw-ims-org-id: EMULATOR@AdobeOrg\r\n" +
                   "x-sandbox-name: " + sandbox_ + "\r\n\r\n");
  const std::string reply = platform_->read_request();
  if (!reply.starts_with("HTTP/1.1 2")) {
    throw std::runtime_error(method + " " + path + " is answered by " + reply);
  }
  return reply.substr(reply.find("\r\n\r\n") + 4);
}

Objects Place::look() {
  Objects objects;
  for (const Listing& listing : kListings) {
    const Json document = Json::parse(ask("GET", std::string(listing.path) + listing.query));
    const Json& items = document.at(listing.items);
    // A second page would go unseen.
    if (items.size() >= 100) throw std::runtime_error("too many objects for one page");
    for (const Json& item : items)
      objects[listing.collection][item.at("id")] = item.dump();
  }
  return objects;
}

Objects Place::ours() {
  return without(look(), others_);
}

void Place::renew() {
  const Objects left = ours();
  for (const Listing& listing : kListings) {
    const auto found = left.find(listing.collection);
    if (found == left.end()) continue;
    for (const auto& [id, body] : found->second)
      ask("DELETE", std::string(listing.path) + "/" + id);
  }
  fs::remove_all(state_folder());
  // The webhook's address is a secret, too: whoever knows it can send events.
  secrets_ = {kClientSecret, "dcs.adobedc.net/collection"};
  said_.clear();
}

Watched Place::run(const std::vector<std::string>& arguments, Choose choose,
                   std::size_t memory_max) {
  std::vector<std::string> command = arguments;
  command.insert(command.begin(), test::sluice_binary());
  if (memory_max > 0) {
    command.insert(command.begin(), {"/usr/bin/prlimit", "--as=" + std::to_string(memory_max)});
  }
  Watched watched = proxy_.run({command, environment_, folder_.path().string()}, std::move(choose));
  said_ += watched.finished.out + watched.finished.err;
  for (const Exchange& exchange : watched.exchanges) {
    const std::string before = "\"access_token\":\"";
    const std::size_t at = exchange.reply.find(before);
    if (at == std::string::npos) continue;
    const std::size_t start = at + before.size();
    secrets_.push_back(exchange.reply.substr(start, exchange.reply.find('"', start) - start));
  }
  return watched;
}

Problem Place::judge_end(const std::string& command, const Watched& watched) {
  const test::Finished& finished = watched.finished;
  if (finished.code != 128 + SIGKILL && finished.code >= 64) return ended(command, finished);
  if (finished.code != 0) return {};
  const Problem problem = compare(command);
  return problem.empty() ? problem : command + " exits with 0, but " + problem;
}

Problem Place::judge(const std::string& command) {
  const test::Finished again = run({command, "--yes"}).finished;
  if (again.code != 0) return ended("the undisturbed " + command, again);
  if (command == "apply") {
    const test::Finished planned = run({"plan", "--detailed-exitcode"}).finished;
    if (planned.code != 0) return ended("plan", planned) + planned.out;
  }
  if (Problem problem = compare(command); !problem.empty()) return problem;
  return find_secret();
}

Problem Place::compare(const std::string& command) {
  const test::Finished listed = run({"state", "list", "--json"}).finished;
  const Json document = Json::parse(listed.out, nullptr, false);
  if (listed.code != 0 || document.is_discarded()) return ended("state list", listed);
  std::set<std::string> recorded;
  for (const Json& resource : document.at("resources"))
    recorded.insert(resource.at("id").get<std::string>());
  const Objects everything = look();
  if (Problem problem = find_change_of_others(everything); !problem.empty()) return problem;
  const Objects there = without(everything, others_);
  std::set<std::string> ids;
  for (const auto& [collection, bodies] : there) {
    for (const auto& [id, body] : bodies)
      ids.insert(id);
  }
  const std::size_t pipelines = command == "destroy" ? 0 : pipelines_;
  if (are_whole(there, pipelines) && ids == recorded) return {};
  return "the state has " + listed.out + "and the platform" + text_of(there);
}

Problem Place::find_change_of_others(const Objects& there) const {
  for (const auto& [collection, bodies] : others_) {
    const auto found = there.find(collection);
    for (const auto& [id, body] : bodies) {
      const bool is_there = found != there.end() && found->second.contains(id);
      if (!is_there) return "somebody else's " + id + " is gone";
      if (found->second.at(id) != body) return "somebody else's " + id + " was changed";
    }
  }
  return {};
}

bool Place::has_twice() {
  const Objects objects = ours();
  return std::any_of(objects.begin(), objects.end(),
                     [](const auto& collection) { return collection.second.size() > 1; });
}

void Place::spill_secret() const {
  // In base64: "emulator:", and the secret.
  std::ofstream(state_folder() / "spilled") << "Basic ZW11bGF0b3I6ZW11bGF0b3Itc2VjcmV0";
}

void Place::remove_others_flow() {
  ask("DELETE", std::string(kListings[0].path) + "/" + others_.at("flows").begin()->first);
}

Problem Place::find_secret() const {
  std::string everything = said_;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    if (entry.is_regular_file()) everything += test::read_text(entry.path());
  }
  for (const std::string& secret : secrets_) {
    const std::string form = test::SecretSearch(secret).found_in(everything);
    if (!form.empty()) return "the secret " + secret + " was printed or written: " + form;
  }
  return {};
}

}  // namespace sluice::wire
