// A plan after an apply is empty, and so is one after an adoption, however the platform words its
// replies.

#include "laws/whole_spec.hpp"
#include "run/adopt.hpp"
#include "support/places.hpp"

#include <fstream>
#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

struct Wording {
  const char* name;
  emulator::Switches switches;
};

std::vector<Wording> wordings() {
  std::vector<Wording> result;
  const auto add = [&result](const char* name, const auto& change) {
    Wording wording{name, {}};
    change(wording.switches);
    result.push_back(std::move(wording));
  };
  using Switches = emulator::Switches;
  add("as usual", [](Switches&) {});
  add("extra fields", [](Switches& on) { on.extra_fields = true; });
  add("phantoms", [](Switches& on) { on.phantom_differences = true; });
  add("versions as text", [](Switches& on) { on.mapping_version_as_text = true; });
  add("schemaId", [](Switches& on) { on.schema_key_is_schema_id = true; });
  add("patched items", [](Switches& on) { on.patch_answers_items = true; });
  add("first version",
      [](Switches& on) { on.default_mapping_version = Switches::MappingVersion::first; });
  add("no such version", [](Switches& on) { on.missing_version_status = 400; });
  add("provider", [](Switches& on) { on.echo_provider_id = true; });
  add("no mapping name", [](Switches& on) { on.echo_mapping_name = false; });
  add("no mask", [](Switches& on) { on.secret_mask.clear(); });
  add("sets stay", [](Switches& on) {
    on.mapping_delete_status = 501;
    on.descriptor_put_status = 200;
    on.page_size_max = 2;
  });
  add("everything", [](Switches& on) {
    on.extra_fields = on.phantom_differences = on.mapping_version_as_text = true;
    on.schema_key_is_schema_id = on.patch_answers_items = on.echo_provider_id = true;
    on.default_mapping_version = Switches::MappingVersion::first;
    on.echo_mapping_name = false;
    on.secret_mask.clear();
    on.descriptor_put_status = 200;
    on.page_size_max = 2;
  });
  return result;
}

std::string file_text(const std::string& path) {
  std::ifstream in(source_dir() + "/" + path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A pipeline of each connector that takes no account.
std::string webhooks() {
  std::string text = "sluice: 1\nname: hooks\nplatform: {sandbox: dev}\npipelines:\n";
  const kinds::Registry registry;
  int number = 0;
  for (const ConnectorPreset& preset : registry.catalogue().presets) {
    if (!preset.account.empty()) continue;
    const std::string source =
        preset.name.empty()
            ? "connection_spec: {id: 96479064-7b8a-4d69-b9ed-21c5683837ea, version: 1.0}"
            : "connector: " + preset.name;
    text += "  p" + std::to_string(++number) + ":\n    source: {" + source +
            "}\n    target: {dataset: 63ec807d3f5ce91bd2d06c65, schema: {id: "
            "\"https://ns.adobe.com/extconndev/schemas/"
            "945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a\"}}\n"
            "    mapping: [{source: a, destination: _extconndev.email},"
            " {expression: lower(b), destination: _extconndev.metricx}]\n";
  }
  return text;
}

const std::vector<std::string>& specs() {
  static const std::vector<std::string> texts = {
      kInProfile, webhooks(), file_text("specs/customerio.yaml"),
      file_text("specs/examples/http-api.yaml"),
      file_text("specs/examples/schema-and-dataset.yaml")};
  return texts;
}

void check_quiet(Site& site, const Wanted& wanted, const std::string& what) {
  const Plan plan = plan_on(site, wanted);
  CHECK_MESSAGE(!plan.has_changes(), what, ": ", plan_to_json(plan).dump());
  CHECK_MESSAGE(plan.drift.empty(), what, ": drift");
  EngineProcess process(site);
  CHECK_MESSAGE(!run::needs_bookkeeping(plan, process.engine.store().read()), what);
}

}  // namespace

TEST_CASE("law: a plan after an apply is empty, whatever the spec and the wording of replies") {
  for (const Wording& wording : wordings()) {
    for (const std::string& text : specs()) {
      Site site(5, wording.switches);
      const std::string what = wording.name + text.substr(0, 60);
      const Wanted wanted(text);
      const Run made = apply_on(site, wanted);
      CHECK_MESSAGE(made.report.complete(), what, made.said);
      check_quiet(site, wanted, what);
      PlanOptions destroy;
      destroy.mode = PlanMode::destroy;
      destroy.allow_data_loss = true;
      CHECK_MESSAGE(apply_on(site, Wanted(), destroy).report.complete(), what);
    }
  }
}

TEST_CASE("law: a plan after a change is empty, however replies are worded") {
  std::string text = kInProfile;
  text = edited(text, "sent: {type: integer}", "sent: {type: integer, title: Seconds}");
  text =
      edited(text, "tags: {", "place: {type: object, properties: {city: {type: string}}}, tags: {");
  text = edited(text, "namespace: Email", "namespace: Phone");
  text = edited(text, "Events data", "Data");
  text = edited(text, "name: Web", "name: Web events");
  text = edited(text, "secrets_version: 1", "secrets_version: 2");
  text = edited(text, "{source: id, ", "{source: other, ");
  text = edited(text, "name: Hook flow", "name: Hook's flow, state: disabled");
  for (const Wording& wording : wordings()) {
    Site site(6, wording.switches);
    REQUIRE(apply_on(site, Wanted(kInProfile)).report.complete());
    const Wanted wanted(text, kNewToken);
    const Run changed = apply_on(site, wanted);
    CHECK_MESSAGE(changed.report.complete(), wording.name, changed.said);
    check_quiet(site, wanted, wording.name);
  }
}

TEST_CASE("law: a plan after an adoption is empty, however replies are worded") {
  const kinds::Registry registry;
  for (const Wording& wording : wordings()) {
    for (const std::string& text : {webhooks(), kWhole}) {
      Site site(7, wording.switches);
      REQUIRE(apply_on(site, Wanted(text)).report.complete());
      site.files.forget("state/test.json");
      EngineProcess process(site);
      run::Remote& remote = process.engine.remote();
      const std::vector<Observed> flows = run::list_sandbox(remote, {"flow"}).at("flow");
      std::vector<std::string> ids;
      for (const Observed& flow : flows)
        ids.push_back(flow.id);
      const run::Walk walk = run::walk_flows(remote, ids, flows, {});
      CHECK_MESSAGE(walk.left_out.empty(), wording.name, ": a flow was left out");
      const run::Adoption adoption =
          run::adopt_flows("taken", {{}, {}, "dev"}, walk.found, {}, registry.catalogue());
      for (const LeftOut& left : adoption.left_out)
        CHECK_MESSAGE(false, wording.name, ": ", left.why);
      REQUIRE(adoption.pipelines.size() == flows.size());
      State state;
      for (const AdoptedPipeline& pipeline : adoption.pipelines) {
        for (const Record& record : pipeline.records)
          state.records[record.address] = record;
      }
      process.engine.store().lock({}, Millis(0));
      state.serial = process.engine.store().load().serial;
      process.engine.store().save(state);
      const Plan plan = process.engine.plan(read_resources(adoption.text));
      CHECK_MESSAGE(!plan.has_changes(), wording.name, plan_to_json(plan).dump());
      CHECK_MESSAGE(plan.drift.empty(), wording.name);
    }
  }
}
