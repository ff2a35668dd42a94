#include "simulation/site.hpp"

#include "core/fatal.hpp"
#include "laws/random_spec.hpp"
#include "store/journal.hpp"
#include "store/state_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace sluice::simulation {

namespace {

using Kind = Trouble::Kind;

constexpr Millis kLostAfter{60'000};
constexpr std::uint64_t kPlenty = 1ULL << 40U;

bool is_of_network(Kind kind) {
  return kind != Kind::disk_kill && kind != Kind::disk_fail && kind != Kind::disk_full;
}

/// Whether its N counts mutations.
bool counts_mutations(Kind kind) {
  return is_of_network(kind) && kind != Kind::refuse;
}

std::string last_part(const std::string& target) {
  const std::string path = target.substr(0, target.find('?'));
  return path.substr(path.rfind('/') + 1);
}

bool is_token(const http::Request& request) {
  return request.target.find("/ims/") != std::string::npos;
}

/// A change that no etag fits is a question. It is asked before there is a plan, too, and who edits
/// then finds the edit in the plan.
bool is_question(const http::Request& request) {
  const auto guard = request.headers.find("If-Match");
  return guard != request.headers.end() &&
         guard->second == "\"00000000-0000-0000-0000-000000000000\"";
}

}  // namespace

const std::vector<std::string>& collections() {
  static const std::vector<std::string> kAll = {
      "sourceConnections", "targetConnections", "mappingSets", "flows",      "connections",
      "dataSets",          "schemas",           "fieldgroups", "descriptors"};
  return kAll;
}

Site::Site(std::uint64_t seed, Twin twin_) : random(seed), platform(clock, random), twin(twin_) {
  for (int i = 0; i < 2; ++i) {
    const Json body = {
        {"name", fmt::format("Somebody else's source {}", i)},
        {"description", "Not ours"},
        {"connectionSpec", {{"id", "96479064-7b8a-4d69-b9ed-21c5683837ea"}, {"version", "1.0"}}},
        {"data", {{"format", "json"}}}};
    const http::Outcome outcome = platform.handle({"POST",
                                                   "https://embedded.invalid",
                                                   "/data/foundation/flowservice/sourceConnections",
                                                   {{"Authorization", "Bearer emulator-token"},
                                                    {"x-api-key", "emulator"},
                                                    {"x-gw-ims-org-id", "EMULATOR@AdobeOrg"},
                                                    {"x-sandbox-name", "dev"},
                                                    {"Content-Type", "application/json"}},
                                                   body.dump()});
    const auto* response = std::get_if<http::Response>(&outcome);
    if (response == nullptr || response->status != 201) {
      throw std::runtime_error("no object of somebody else's could be made");
    }
  }
  for (const std::string& collection : collections()) {
    for (const std::string& id : platform.ids("dev", collection))
      others[{collection, id}] = platform.object(collection, id);
  }
}

void Site::note(const std::string& line) {
  trace += fmt::format("{} {}\n", clock.monotonic().count(), line);
}

std::optional<std::pair<std::string, std::string>> Site::ours(std::uint64_t luck,
                                                              const std::vector<std::string>& among,
                                                              Whose whose) const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const std::string& collection : among) {
    for (const std::string& id : platform.ids("dev", collection)) {
      const bool is_known = recorded_.contains(id);
      if (others.contains({collection, id}) || (whose == Whose::known && !is_known) ||
          (whose == Whose::lost && is_known)) {
        continue;
      }
      all.emplace_back(collection, id);
    }
  }
  if (all.empty()) return std::nullopt;
  return all[luck % all.size()];
}

/// The ids that a next process will find in the state and its journal.
std::set<std::string> Site::recorded() {
  std::set<std::string> result;
  try {
    const State state = store::StateStore(files, clock, kStatePath, "simulation").read();
    for (const auto& [address, record] : state.records) {
      result.insert(record.id);
      for (const Deposed& old : record.deposed)
        result.insert(old.id);
    }
  } catch (const Fatal& fatal) {
    note(fatal.what());
  }
  return result;
}

std::optional<Edit> Site::edit(std::uint64_t luck, const std::string& wanted) {
  const std::vector<std::string> among = {"sourceConnections", "targetConnections", "flows"};
  auto chosen = ours(luck, among, Whose::known);
  for (const std::string& collection : among) {
    const bool is_there =
        recorded_.contains(wanted) && platform.object(collection, wanted).is_object();
    if (luck % 2 == 0 && is_there) chosen.emplace(collection, wanted);
  }
  if (!chosen) return std::nullopt;
  Edit result{chosen->first, chosen->second,
              fmt::format("By hand at {}, {}", clock.monotonic().count(), luck)};
  note(fmt::format("somebody renames {} {}", result.collection, result.id));
  platform.edit(result.collection, result.id, "name", result.name);
  return result;
}

void Site::meddle(std::uint64_t luck) {
  const std::vector<std::string> described = {"sourceConnections", "targetConnections", "flows",
                                              "connections", "dataSets"};
  std::vector<std::string> deletable = described;
  deletable.emplace_back("mappingSets");
  // People take their time. What is renamed must be known for certain, or nobody could tell whose
  // it is once a loss of power took the record.
  files.write_back();
  recorded_ = recorded();
  const auto lost = ours(luck / 4, described, Whose::lost);
  if (luck % 4 == 0) {
    const auto chosen = ours(luck / 4, deletable, Whose::any);
    if (!chosen) return;
    note(fmt::format("somebody deletes {} {}", chosen->first, chosen->second));
    platform.erase(chosen->first, chosen->second);
  } else if (luck % 4 == 1 && lost) {
    note(fmt::format("somebody edits {} {}, which is not recorded", lost->first, lost->second));
    platform.edit(lost->first, lost->second, "description", fmt::format("By hand, {}", luck));
  } else {
    (void)edit(luck / 4, {});
  }
}

bool Site::harm(Damage damage) {
  std::string* text = files.bytes(kStatePath);
  if (text == nullptr) return false;
  note("the state is harmed");
  std::string harmed = *text;
  if (damage == Damage::empty) harmed.clear();
  if (damage == Damage::cut) harmed.resize(harmed.size() / 2);
  if (damage == Damage::edited) ++harmed[harmed.size() / 2];
  if (damage == Damage::gone) {
    (void)files.remove(kStatePath);
    const std::string* journal = files.bytes(std::string(kStatePath) + ".journal");
    if (journal == nullptr) return true;
    const auto told = store::read_journal(*journal).records;
    return told.empty() || told.front().serial != 0;
  } else {
    files.put(kStatePath, harmed);
  }
  return true;
}

void Site::looked_at(const std::string& id) {
  for (Edit& edit : edits)
    edit.is_seen = edit.is_seen || edit.id == id;
}

void Site::deleted(const std::string& id) {
  std::erase_if(edits, [&id](const Edit& edit) { return edit.id == id && !edit.is_seen; });
}

void Site::begin(const Command& command) {
  edits.clear();
  const bool is_edited = std::any_of(command.troubles.begin(), command.troubles.end(),
                                     [](const Trouble& one) { return one.kind == Kind::edit; });
  if (is_edited) recorded_ = recorded();
  files.restart();
  files.faults.copies_names = twin == Twin::in_place;
  files.faults.lies = twin == Twin::no_sync;
  files.room = kPlenty;
  for (const Trouble& trouble : command.troubles) {
    if (trouble.kind == Kind::disk_kill) files.faults.die_at = trouble.at;
    if (trouble.kind == Kind::disk_fail) {
      files.faults.fail_at = trouble.at;
      files.faults.code = trouble.code;
    }
    if (trouble.kind == Kind::disk_full) files.room = static_cast<std::uint64_t>(trouble.at);
  }
}

void Site::end(const Command& command, bool died) {
  files.restart();
  files.room = kPlenty;
  if (twin == Twin::no_backup) files.forget(std::string(kStatePath) + ".backup");
  if (twin == Twin::spill) {
    // In base64: "emulator:", and the secret.
    files.put(std::string(kStatePath) + ".backup/head", "Basic ZW11bGF0b3I6ZW11bGF0b3Itc2VjcmV0");
  }
  if (!died) return;
  note(command.power_fails ? "the power fails" : "the process is dead");
  if (command.power_fails) files.lose_power(random);
  if (twin == Twin::no_journal) files.put(std::string(kStatePath) + ".journal", "");
}

const Trouble* Network::trouble_for(const http::Request& request) {
  ++calls_;
  const bool is_mutation = !request.is_read() && !is_question(request);
  if (is_mutation) ++mutations_;
  for (const Trouble& trouble : command_.troubles) {
    if (!is_of_network(trouble.kind)) continue;
    const bool counts = counts_mutations(trouble.kind);
    if (counts && !is_mutation) continue;
    if ((counts ? mutations_ : calls_) == trouble.at) return &trouble;
  }
  return nullptr;
}

void Network::start(http::Request request, Done done) {
  if (is_dead_) return;
  const Trouble* trouble = is_token(request) ? nullptr : trouble_for(request);
  site_.note(fmt::format("-> {} {}", request.method, request.target));
  if (trouble != nullptr && trouble->kind == Kind::kill) {
    die(std::move(request));
    return;
  }
  if (trouble != nullptr && trouble->kind == Kind::second_run) site_.second_run(trouble->luck);
  const Millis latency(1 + static_cast<std::int64_t>(test::below(site_.random, 60)));
  waiting_.emplace(site_.clock.monotonic() + latency,
                   Waiting{std::move(request), std::move(done), trouble, false});
}

void Network::die(http::Request last) {
  is_dead_ = true;
  // The disk does nothing more for it, either.
  site_.files.faults.die_at = std::max(1, site_.files.operations());
  waiting_.emplace(site_.clock.monotonic(), Waiting{std::move(last), {}, nullptr, false});
}

/// What was on its way when the process ended, however it did, arrives or not.
Network::~Network() {
  for (const auto& [due, waiting] : waiting_) {
    const http::Request& request = waiting.request;
    if (waiting.is_given_up || request.is_read() || test::one_in(site_.random, 2)) continue;
    site_.note(fmt::format("arrives all the same: {} {}", request.method, request.target));
    if (request.method == "DELETE") site_.deleted(last_part(request.target));
    (void)site_.platform.answer(request);
  }
}

void Network::poll(Millis wait) {
  if (is_dead_) throw test::ProcessDied();
  if (waiting_.empty()) {
    site_.clock.wait(wait);
    return;
  }
  const Millis until_next = waiting_.begin()->first - site_.clock.monotonic();
  if (until_next > Millis(0)) site_.clock.wait(std::min(wait, until_next));
  const Millis now = site_.clock.monotonic();
  std::vector<Waiting> due;
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    due.push_back(std::move(waiting_.begin()->second));
    waiting_.erase(waiting_.begin());
  }
  for (Waiting& one : due)
    arrive(std::move(one));
}

void Network::arrive(Waiting waiting) {
  if (waiting.is_given_up) {
    site_.note(fmt::format("<- no reply to {} {}", waiting.request.method, waiting.request.target));
    waiting.done(http::Failure{"no reply came", true});
    return;
  }
  const http::Outcome outcome = answer(waiting);
  if (const auto* response = std::get_if<http::Response>(&outcome)) {
    site_.note(fmt::format("<- {} to {} {}", response->status, waiting.request.method,
                           waiting.request.target));
    waiting.done(outcome);
    return;
  }
  waiting.is_given_up = true;
  const Millis late = site_.clock.monotonic() + kLostAfter;
  waiting_.emplace(late, std::move(waiting));
}

/// The request as it arrives: with the twin, its guard is always the right one.
http::Request Network::guarded(http::Request request) const {
  const auto guard = request.headers.find("If-Match");
  if (site_.twin != Twin::unguarded || guard == request.headers.end()) return request;
  for (const char* collection : {"sourceConnections", "targetConnections", "flows"}) {
    const Json object = site_.platform.object(collection, last_part(request.target));
    if (object.is_object()) guard->second = object.value("etag", guard->second);
  }
  return request;
}

/// A Failure stands for a reply that never comes.
http::Outcome Network::answer(const Waiting& waiting) {
  const Kind kind = waiting.trouble == nullptr ? Kind::disk_full : waiting.trouble->kind;
  const http::Outcome silence = http::Failure{"no reply came", true};
  if (kind == Kind::lose_request) return silence;
  if (kind == Kind::refuse) {
    return http::Response{waiting.trouble->code, {}, "{\"title\": \"No\"}"};
  }
  if (kind == Kind::edit) {
    if (const auto edit = site_.edit(waiting.trouble->luck, last_part(waiting.request.target))) {
      std::erase_if(site_.edits, [&edit](const Edit& other) { return other.id == edit->id; });
      site_.edits.push_back(*edit);
    }
  }
  const std::string id = last_part(waiting.request.target);
  if (waiting.request.is_read() && !is_beside_) site_.looked_at(id);
  if (waiting.request.method == "DELETE") site_.deleted(id);
  const emulator::Answer answer = site_.platform.answer(guarded(waiting.request));
  if (kind == Kind::late_error) {
    return http::Response{waiting.trouble->code, {}, "{\"title\": \"Late\"}"};
  }
  if (kind == Kind::lose_reply || kind == Kind::cut_reply) {
    const bool again = site_.twin == Twin::resend && waiting.request.method == "POST";
    if (again) return site_.platform.answer(waiting.request).response;
    return silence;
  }
  return answer.response;
}

}  // namespace sluice::simulation
