#pragma once

// A spec with every kind of object in it, edits of its text, and the processes that carry it out
// with the secret that it names.

#include "core/fatal.hpp"
#include "core/moves.hpp"
#include "laws/site.hpp"
#include "run/stale.hpp"

#include <doctest/doctest.h>

#include <map>

namespace sluice::test {

inline const std::string kToken = "canary-one-7f3b";
inline const std::string kNewToken = "canary-two-91ce";

/// Without the profile, which would be for good.
inline const std::string kWhole = R"(
sluice: 1
name: whole
platform: {sandbox: dev}
variables:
  token: {sensitive: true}
schemas:
  events:
    title: Events
    description: First
    fields:
      cioId: {type: string, title: Id, identity: {namespace: CIO, primary: true}}
      email: {type: string, identity: {namespace: Email}}
      sent: {type: integer}
      message:
        type: object
        properties: {id: {type: string}, tags: {type: array, items: {type: string}}}
datasets:
  events: {name: Events data, description: First, schema: "${schemas.events}"}
accounts:
  web:
    connector: http-api
    name: Web
    auth: {spec: Streaming Connection, params: {dataType: raw, token: "${var.token}"}}
    secrets_version: 1
pipelines:
  hook:
    source: {connector: customer.io, name: Hook source}
    target: {dataset: "${datasets.events}", name: Hook target}
    mapping: [{source: id, destination: _extconndev.cioId}]
    flow: {name: Hook flow}
  clicks:
    source: {connector: http-api, account: "${accounts.web}"}
    target: {dataset: "${datasets.events}"}
    mapping: [{source: id, destination: _extconndev.cioId}]
)";

inline std::string edited(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("the spec has no " + from);
  return text.replace(at, from.size(), to);
}

/// Schema, identities, dataset and what stands on it are made anew.
inline const std::string kReplaced = edited(edited(kWhole, "title: Events", "title: Newer events"),
                                            "sent: {type: integer}", "sent: {type: string}");

inline const std::string kInProfile = edited(
    edited(kWhole, "    description: First\n", "    description: First\n    profile: true\n"),
    "description: First, schema", "description: First, profile: true, schema");

/// The state as the next process would find it.
inline State state_on(Site& site) {
  return EngineProcess(site).engine.store().read();
}

/// Why a saved plan is not carried out any more; empty when it is.
inline std::string refusal_of(Engine& engine, Plan& plan) {
  try {
    run::preflight(engine.remote(), engine.store().read(), plan);
  } catch (const Fatal& fatal) {
    CHECK(fatal.code() == ExitCode::conflict);
    return fatal.what();
  }
  return {};
}

/// What a spec's text wants, with the value of the variable that it calls a secret.
struct Wanted {
  explicit Wanted(const std::string& text = {}, std::string secret = kToken)
      : token(std::move(secret)) {
    if (text.empty()) return;
    const kinds::Registry registry;
    Diagnostics diagnostics;
    spec::Options options;
    options.environment["token"] = token;
    const auto spec =
        spec::read_spec({{"whole.yaml", text}}, options, registry.catalogue(), diagnostics);
    if (!spec) throw std::runtime_error(diagnostics.list().front().summary);
    resources = spec->resources;
    for (const spec::Move& move : spec->moved)
      moves.emplace_back(move.from, move.to);
    for (const spec::Removal& removal : spec->removed)
      let_go.push_back(removal.address);
  }

  std::vector<Resource> resources;
  std::vector<std::pair<std::string, std::string>> moves;
  std::vector<std::string> let_go;
  std::string token;
};

/// A run of `apply`, and all that it says.
struct Run {
  run::ApplyReport report;
  std::string said;
  Plan plan;
};

inline PlanOptions options_for(const Wanted& wanted, const State& state, PlanOptions options) {
  for (const std::string& text : wanted.let_go) {
    for (const auto& [address, record] : state.records) {
      if (names_address(text, address)) options.let_go.insert(address);
    }
  }
  return options;
}

inline Run apply_in(EngineProcess& process, const Wanted& wanted, const PlanOptions& options = {}) {
  Run run;
  process.engine.options().secrets["token"] = wanted.token;
  process.engine.redactor().learn(http::Secret(wanted.token));
  process.engine.options().on_event = [&run](const run::ApplyEvent& event) {
    run.said += event.address.text() + ": " + event.detail + " " + event.advice + "\n";
  };
  process.engine.moves = wanted.moves;
  const State state = process.engine.store().read();
  run.report = process.engine.apply(wanted.resources, options_for(wanted, state, options));
  run.plan = process.engine.last_plan;
  return run;
}

inline Run apply_on(Site& site, const Wanted& wanted, const PlanOptions& options = {}) {
  EngineProcess process(site);
  return apply_in(process, wanted, options);
}

inline Plan plan_on(Site& site, const Wanted& wanted, const PlanOptions& options = {}) {
  EngineProcess process(site);
  process.engine.moves = wanted.moves;
  return process.engine.plan(wanted.resources,
                             options_for(wanted, process.engine.store().read(), options));
}

/// What is in the sandbox, by collection.
inline std::map<std::string, std::size_t> census(const emulator::Platform& platform) {
  std::map<std::string, std::size_t> result;
  for (const char* collection :
       {"sourceConnections", "targetConnections", "mappingSets", "flows", "connections", "dataSets",
        "schemas", "fieldgroups", "descriptors"})
    result[collection] = platform.ids("dev", collection).size();
  return result;
}

/// What would be in the sandbox if it held what is wanted, and nothing else of ours.
inline std::map<std::string, std::size_t> census_of(const Wanted& wanted) {
  static const std::map<std::string, std::string> kCollectionOf = {
      {"sourceConnection", "sourceConnections"},
      {"targetConnection", "targetConnections"},
      {"mappingSet", "mappingSets"},
      {"flow", "flows"},
      {"account", "connections"},
      {"dataset", "dataSets"},
      {"schema", "schemas"},
      {"fieldGroup", "fieldgroups"},
      {"identity", "descriptors"}};
  static const std::map<std::string, std::size_t> kFresh = census(Site(1).platform);
  std::map<std::string, std::size_t> result = kFresh;
  for (const Resource& resource : wanted.resources) {
    const auto collection = kCollectionOf.find(resource.kind);
    if (collection != kCollectionOf.end()) ++result[collection->second];
  }
  return result;
}

/// Everything that is written down anywhere.
inline std::string on_disk(Site& site) {
  std::string text;
  for (const std::string folder : {"state", "state/test.json.backup"}) {
    const auto names = site.files.list(folder);
    for (const std::string& name : std::get<std::vector<std::string>>(names)) {
      const std::string* bytes = site.files.bytes(folder + "/" + name);
      if (bytes != nullptr) text += *bytes;
    }
  }
  return text;
}

/// The id of the newest object of a collection for which `field` is `value`.
inline std::string id_of(const emulator::Platform& platform, const std::string& collection,
                         const std::string& field, const Json& value) {
  std::string found;
  for (const std::string& id : platform.ids("dev", collection)) {
    if (platform.object(collection, id).value(field, Json()) == value) found = id;
  }
  REQUIRE_MESSAGE(!found.empty(), collection, " has none with ", field);
  return found;
}

inline bool holds_text(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Nothing is missing, nothing is there twice, nothing is left to do, and the platform has the
/// secret, which nobody else has.
inline void check_whole(Site& site, const Wanted& wanted, const std::string& what) {
  const Plan plan = plan_on(site, wanted);
  CHECK_MESSAGE(!plan.has_changes(), what, ": the plan has changes: ", plan_to_json(plan).dump());
  CHECK_MESSAGE(plan.clashes.empty(), what, ": objects that nobody owns");
  CHECK_MESSAGE(census(site.platform) == census_of(wanted), what, ": other objects than wanted");
  const bool has_account =
      std::any_of(wanted.resources.begin(), wanted.resources.end(),
                  [](const Resource& resource) { return resource.kind == "account"; });
  const std::string held = site.platform.save().dump();
  CHECK_MESSAGE(holds_text(held, wanted.token) == has_account, what, ": the secret");
  const std::string disk = on_disk(site);
  for (const std::string& token : {kToken, kNewToken})
    CHECK_MESSAGE(!holds_text(disk, token), what, ": a secret on the disk");
}

}  // namespace sluice::test
