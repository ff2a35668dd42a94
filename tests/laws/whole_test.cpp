// The same laws for everything that a spec may hold: schema, dataset and account besides pipelines.

#include "core/fatal.hpp"
#include "laws/site.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string kTutorialSchema =
    "https://ns.adobe.com/extconndev/schemas/"
    "945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a";

/// What differs between the specs of a law's turns.
struct Turn {
  std::string name = "one";
  std::string city;           ///< One more field.
  std::string space = "CRM";  ///< Of the second identity.
  std::string version = "1";  ///< Of the secret.
  std::string secret = "first-secret";
  bool profile = false;
};

Turn second_turn() {
  return {"two", "      city: {type: string}\n", "ECID", "2", "second-secret"};
}

/// Of the account only the secret changes, which no reply tells.
std::vector<Resource> whole(const Turn& turn) {
  const std::string profile = turn.profile ? "    profile: true\n" : "";
  const std::string text =
      "sluice: 1\nname: whole\nvariables: {pw: {sensitive: true}}\n"
      "schemas:\n  s:\n    title: Events\n    description: " +
      turn.name + "\n" + profile +
      "    fields:\n"
      "      id: {type: string, identity: {namespace: CIO, primary: true}}\n"
      "      mail: {type: string, title: " +
      turn.name + ", identity: {namespace: " + turn.space + "}}\n" + turn.city +
      "datasets:\n  d:\n    name: Set " + turn.name + "\n" + profile +
      "    schema: ${schemas.s}\n"
      "accounts:\n  a:\n    connector: http-api\n    name: Account\n    secrets_version: " +
      turn.version +
      "\n    auth:\n      spec: Streaming Connection\n"
      "      params: {dataType: raw, password: \"${var.pw}\"}\n"
      "pipelines:\n  p:\n"
      "    source: {connector: http-api, account: \"${accounts.a}\"}\n"
      "    target: {dataset: \"${datasets.d}\"}\n"
      "    mapping: [{source: x, destination: _extconndev.id}]\n"
      "  q:\n    source: {connector: customer.io}\n"
      "    target: {dataset: \"${datasets.d}\"}\n"
      "    mapping: [{source: x, destination: _extconndev.mail}]\n"
      "    flow: {name: Flow " +
      turn.name + "}\n";
  const kinds::Registry registry;
  Diagnostics diagnostics;
  spec::Options options;
  options.environment["pw"] = turn.secret;
  auto spec = spec::read_spec({{"whole.yaml", text}}, options, registry.catalogue(), diagnostics);
  REQUIRE_MESSAGE(spec, diagnostics.list().front().summary);
  return spec->resources;
}

run::ApplyReport apply_in(LawProcess& process, const Turn& turn) {
  process.engine.options().secrets = {{"pw", turn.secret}};
  return process.engine.apply(whole(turn));
}

/// In a process of its own, which is gone by the end.
bool apply(Site& site, const Turn& turn) {
  LawProcess process(site);
  return apply_in(process, turn).complete();
}

bool holds(const Site& site, const std::string& secret) {
  return site.platform.save().dump().find(secret) != std::string::npos;
}

void check_done(Site& site, const Turn& turn, const std::string& what) {
  check_converged(site, whole(turn), what);
  CHECK_MESSAGE(holds(site, turn.secret), what, ": the secret is not the new one");
}

PlanOptions destroy_all() {
  PlanOptions options;
  options.mode = PlanMode::destroy;
  options.allow_data_loss = true;
  return options;
}

}  // namespace

TEST_CASE("law of the whole: a plan after an apply is empty, however the platform words it") {
  std::vector<emulator::Switches> all(9);
  all[1].extra_fields = true;
  all[2].mapping_version_as_text = true;
  all[3].schema_key_is_schema_id = true;
  all[4].patch_answers_items = true;
  all[5].default_mapping_version = emulator::Switches::MappingVersion::first;
  all[6].secret_mask = "";
  all[7].descriptor_put_status = 200;
  all[8].echo_mapping_name = false;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const std::string what = "switch " + std::to_string(at);
    Site site(23, all[at]);
    Turn turn;
    turn.profile = true;
    CHECK_MESSAGE(apply(site, turn), what);
    check_done(site, turn, what);
    Turn next = second_turn();
    next.profile = true;
    CHECK_MESSAGE(apply(site, next), what);
    check_done(site, next, what);
  }
}

TEST_CASE("law of the whole: whatever call fails in whatever way, one more apply converges") {
  using FaultKind = emulator::Fault::Kind;
  // The calls that there are: descriptors are put, and of the reads two stand for all.
  const std::map<std::string, std::vector<std::string>> calls = {
      {"GET", {"dataSets", "descriptors"}},
      {"POST", kAllCollections},
      {"PUT", {"descriptors"}},
      {"PATCH", {"connections", "dataSets", "fieldgroups", "flows", "schemas"}},
      {"DELETE", kAllCollections}};
  std::map<std::string, int> hits;
  for (const auto kind : {FaultKind::status, FaultKind::late_status, FaultKind::lost_reply,
                          FaultKind::lost_request, FaultKind::cut_body}) {
    for (const auto& [method, collections] : calls) {
      for (const std::string& collection : collections) {
        Site site(29);
        site.platform.add_fault({kind, method, "/" + collection, 500, ""});
        const std::string what =
            fmt::format("fault {} at {} {}", static_cast<int>(kind), method, collection);
        for (const Turn& turn : {Turn(), second_turn()}) {
          // A read that fails ends a run before it has begun.
          try {
            (void)apply(site, turn);
          } catch (const Fatal&) {
          }
          if (site.platform.faults_left() > 0) continue;
          ++hits[method];
          CHECK_MESSAGE(apply(site, turn), what);
          check_done(site, turn, what);
          break;
        }
        if (site.platform.faults_left() == 0) continue;
        try {
          (void)LawProcess(site).engine.apply({}, destroy_all());
        } catch (const Fatal&) {
        }
        if (site.platform.faults_left() > 0) continue;
        ++hits[method];
        CHECK_MESSAGE(LawProcess(site).engine.apply({}, destroy_all()).complete(), what);
        CHECK_MESSAGE(site.objects() == 0, what);
      }
    }
  }
  CHECK(hits == std::map<std::string, int>{
                    {"GET", 10}, {"POST", 45}, {"PUT", 5}, {"PATCH", 25}, {"DELETE", 45}});
}

namespace {

/// One run of three: the first apply, the second, or the end of it all.
void run_phase(LawProcess& process, int phase) {
  if (phase == 2) {
    (void)process.engine.apply({}, destroy_all());
  } else {
    (void)apply_in(process, phase == 0 ? Turn() : second_turn());
  }
}

/// Dies at its `nth` mutation of a phase; whether it came to that.
bool dies(Site& site, int phase, int nth, bool after) {
  for (int before = 0; before < phase; ++before) {
    LawProcess process(site);
    run_phase(process, before);
  }
  try {
    LawProcess process(site);
    process.dying.die_at = nth;
    process.dying.after = after;
    run_phase(process, phase);
  } catch (const ProcessDied&) {
    site.files.restart();
    return true;
  }
  return false;
}

}  // namespace

TEST_CASE("law of the whole: a process that dies at any call leaves nothing twice or behind") {
  int deaths = 0;
  for (int phase = 0; phase < 3; ++phase) {
    for (const bool after : {false, true}) {
      for (int nth = 1; nth < 100; ++nth) {
        Site site(31);
        const bool died = dies(site, phase, nth, after);
        const std::string what = fmt::format("phase {}, death at call {}, {} it", phase, nth,
                                             after ? "after" : "before");
        CHECK_MESSAGE(apply(site, second_turn()), what);
        check_done(site, second_turn(), what);
        deaths += died ? 1 : 0;
        if (!died) break;
      }
    }
  }
  CHECK(deaths > 60);
}

TEST_CASE("law of the whole: a secret is nowhere on the disk") {
  Site site(37);
  LawProcess process(site);
  CHECK(apply_in(process, Turn()).complete());
  CHECK(holds(site, "first-secret"));
  for (const char* path : {"state/test.json", "state/test.json.journal"}) {
    const auto text = site.files.read(path, 1U << 20U);
    const auto* content = std::get_if<std::optional<std::string>>(&text);
    REQUIRE(content != nullptr);
    CHECK(content->value_or("").find("first-secret") == std::string::npos);
    CHECK(plan_to_json(process.engine.last_plan).dump().find("first-secret") == std::string::npos);
  }
}

TEST_CASE("law: each spec of the repository is applied, and the next plan has nothing to do") {
  int specs = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(SLUICE_SOURCE_DIR "/specs")) {
    if (entry.path().extension() != ".yaml") continue;
    ++specs;
    std::ifstream file(entry.path());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const std::vector<Resource> desired = read_resources(text);
    for (const bool extra : {false, true}) {
      emulator::Switches switches;
      switches.extra_fields = extra;
      Site site(41, switches);
      LawProcess process(site);
      CHECK_MESSAGE(process.engine.apply(desired).complete(), entry.path().string());
      check_converged(site, desired, entry.path().string());
    }
  }
  CHECK(specs >= 4);
}

TEST_CASE("law: a pipeline of each connector is applied, and the next plan has nothing to do") {
  const kinds::Registry registry;
  for (const ConnectorPreset& preset : registry.catalogue().presets) {
    if (preset.name.empty()) continue;
    const bool has_account = !preset.account.empty();
    std::string text = "sluice: 1\nname: n\n";
    if (has_account) {
      text += "accounts: {a: {connector: " + preset.name +
              ", auth: {spec: Streaming Connection, params: {dataType: " +
              (preset.takes_mapping ? "raw" : "xdm") + "}}}}\n";
    }
    text += "pipelines:\n  p:\n    source: {connector: " + preset.name +
            (has_account ? ", account: \"${accounts.a}\"" : "") +
            "}\n    target: {dataset: 63ec807d3f5ce91bd2d06c65, schema: {id: \"" + kTutorialSchema +
            "\"}}\n";
    if (preset.takes_mapping) {
      text += "    mapping: [{source: a, destination: _extconndev.email}]\n";
    }
    const std::vector<Resource> desired = read_resources(text);
    Site site(43);
    LawProcess process(site);
    CHECK_MESSAGE(process.engine.apply(desired).complete(), preset.name);
    check_converged(site, desired, preset.name);
  }
}
