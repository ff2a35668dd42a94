// Other people's edits of each kind, and the changes whose order matters.

#include "core/fatal.hpp"
#include "laws/whole_spec.hpp"
#include "run/import.hpp"
#include "run/stale.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

/// Somebody's edit of one field of an object of ours.
struct Edit {
  std::string collection;
  std::string key;  ///< The object is the one with this value in this field.
  Json is;
  std::string field;
  Json theirs;
  std::string ours_from;  ///< The edit of the spec.
  std::string ours_to;
  std::string said;  ///< How the field is called.
  std::string was;
};

std::vector<Edit> edits() {
  return {
      {"schemas", "title", "Events", "description", "Theirs", "    description: First",
       "    description: Ours", "description", "First"},
      {"fieldgroups", "title", "Events fields", "title", "Theirs", "sent: {type: integer}",
       "sent: {type: integer}\n      more: {type: string}", "name", "Events fields"},
      {"descriptors", "xdm:namespace", "Email", "xdm:namespace", "Theirs", "namespace: Email",
       "namespace: Ours", "namespace", "Email"},
      {"dataSets", "name", "Events data", "description", "Theirs", "data, description: First",
       "data, description: Ours", "description", "First"},
      {"connections", "name", "Web", "name", "Theirs", "name: Web", "name: Ours", "name", "Web"}};
}

/// Answers every write to accounts, and their test, with an error that says what was sent; or
/// everything with `refusal`.
class EchoTransport final : public http::Transport {
 public:
  explicit EchoTransport(http::Transport& inner) : inner_(inner) {}

  std::string padding;
  std::string secret;
  bool only_test = false;
  std::optional<http::Response> refusal;

  void start(http::Request request, Done done) override {
    if (refusal) {
      answers_.emplace_back(*refusal, std::move(done));
      return;
    }
    const bool is_account = holds_text(request.target, "/connections");
    const bool is_test = is_account && request.target.ends_with("/test");
    const bool is_write = is_account && request.method != "GET" && !only_test;
    if (!is_test && !is_write) return inner_.start(std::move(request), std::move(done));
    const Json body = is_test ? Json{{"result", false}, {"message", padding + secret}}
                              : Json{{"errorMessage", padding + request.body}};
    answers_.emplace_back(http::Response{is_test ? 200 : 400, {}, body.dump()}, std::move(done));
  }

  void poll(Millis wait) override {
    auto answers = std::exchange(answers_, {});
    for (auto& [response, done] : answers)
      done(std::move(response));
    inner_.poll(answers.empty() ? wait : Millis(0));
  }

 private:
  http::Transport& inner_;
  std::vector<std::pair<http::Response, Done>> answers_;
};

/// The longest piece of the secret that the text holds.
std::size_t leaked(const std::string& text, const std::string& secret) {
  std::size_t size = secret.size();
  while (size > 0 && !holds_text(text, secret.substr(0, size)))
    --size;
  return size;
}

}  // namespace

TEST_CASE("law: an edit of somebody else between plan and apply is not overwritten") {
  for (const Edit& edit : edits()) {
    Site site(21);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const std::string id = id_of(site.platform, edit.collection, edit.key, edit.is);
    const auto theirs = [&] {
      REQUIRE(site.platform.edit(edit.collection, id, edit.field, edit.theirs));
    };
    const Wanted wanted(edited(kWhole, edit.ours_from, edit.ours_to));
    EngineProcess process(site);
    process.engine.before_apply = theirs;
    const Run run = apply_in(process, wanted);
    INFO(edit.collection << ": " << run.said);
    CHECK(run.report.conflict);
    CHECK(holds_text(run.said, edit.said + " was \"" + edit.was + "\" and is now \"Theirs\""));
    CHECK(site.platform.object(edit.collection, id).at(edit.field) == edit.theirs);
  }
}

TEST_CASE("law: a saved plan is refused after an edit of somebody else") {
  for (const Edit& edit : edits()) {
    Site site(22);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const std::string id = id_of(site.platform, edit.collection, edit.key, edit.is);
    EngineProcess process(site);
    Plan plan = process.engine.plan(Wanted(edited(kWhole, edit.ours_from, edit.ours_to)).resources);
    REQUIRE(site.platform.edit(edit.collection, id, edit.field, edit.theirs));
    const std::string said = refusal_of(process.engine, plan);
    CHECK_MESSAGE(holds_text(said, edit.said + " was \"" + edit.was + "\" and is now \"Theirs\""),
                  edit.collection, ": ", said);
  }
}

TEST_CASE("law: a destroy deletes nothing that somebody edited since the plan") {
  for (const Edit& edit : edits()) {
    Site site(23);
    REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
    const std::string id = id_of(site.platform, edit.collection, edit.key, edit.is);
    PlanOptions destroy;
    destroy.mode = PlanMode::destroy;
    destroy.allow_data_loss = true;
    EngineProcess process(site);
    process.engine.before_apply = [&] {
      REQUIRE(site.platform.edit(edit.collection, id, edit.field, edit.theirs));
    };
    const Run run = apply_in(process, Wanted(), destroy);
    INFO(edit.collection << ": " << run.said);
    CHECK(run.report.conflict);
    CHECK(!site.platform.object(edit.collection, id).is_null());
  }
}

TEST_CASE("law: what others add is no drift, and stays when ours changes") {
  Site site(24);
  emulator::Platform& platform = site.platform;
  REQUIRE(apply_on(site, Wanted(kInProfile)).report.complete());
  const std::string group = id_of(platform, "fieldgroups", "title", "Events fields");
  Json definitions = platform.object("fieldgroups", group).at("definitions");
  const Json::json_pointer theirs("/customFields/properties/_extconndev/properties/theirs");
  definitions[theirs] = {{"type", "string"}};
  REQUIRE(platform.edit("fieldgroups", group, "definitions", definitions));
  const std::string schema = id_of(platform, "schemas", "title", "Events");
  Json parts = platform.object("schemas", schema).at("allOf");
  parts.push_back({{"$ref", "https://ns.adobe.com/xdm/theirs"}});
  REQUIRE(platform.edit("schemas", schema, "allOf", parts));
  const std::string dataset = id_of(platform, "dataSets", "name", "Events data");
  Json tags = platform.object("dataSets", dataset).at("tags");
  tags["theirs"] = {"kept"};
  REQUIRE(platform.edit("dataSets", dataset, "tags", tags));

  PlanOptions refresh;
  refresh.mode = PlanMode::refresh_only;
  for (int turn = 0; turn < 2; ++turn) {
    const Plan plan = plan_on(site, Wanted(kInProfile));
    CHECK(!plan.has_changes());
    CHECK(plan.drift.empty());
    // What is recorded anew is ours alone, so that nobody is told to take theirs out.
    (void)apply_on(site, Wanted(kInProfile), refresh);
  }

  std::string text = edited(kInProfile, "sent: {", "more: {type: string}\n      sent: {");
  text = edited(text, "data, description: First", "data, description: Second");
  const Run run = apply_on(site, Wanted(text));
  CHECK_MESSAGE(run.report.complete(), run.said);
  CHECK(platform.object("fieldgroups", group).at("definitions").contains(theirs));
  CHECK(platform.object("dataSets", dataset).at("tags").contains("theirs"));
}

TEST_CASE("law: a secret that the platform repeats in an error is nowhere") {
  for (const int padding : {0, 150, 250, 290, 1'000'000}) {
    for (const bool only_test : {false, true}) {
      Site site(25);
      emulator::EmulatorTransport transport(site.platform, site.clock);
      EchoTransport echo(transport);
      echo.padding.assign(std::size_t(padding), 'x');
      echo.only_test = only_test;
      Engine engine(echo, site.clock, site.random, site.files);
      const Wanted wanted(kWhole, "canary-9b1c64-canary-0d7e-canary-77aa-canary-5f31");
      echo.secret = wanted.token;
      engine.redactor().learn(http::Secret(wanted.token));
      engine.options().secrets["token"] = wanted.token;
      std::string said;
      engine.options().on_event = [&](const run::ApplyEvent& event) {
        CHECK(event.detail.size() < 1000);
        said += event.detail + event.advice;
        // The journal is emptied once the state is saved.
        if (event.kind == run::ApplyEvent::Kind::failed) said += on_disk(site);
      };
      CHECK(!engine.apply(wanted.resources).complete());
      said += on_disk(site) + plan_to_json(engine.last_plan).dump();
      CHECK_MESSAGE(leaked(said, wanted.token) < 10, "padding ", padding, ": ", said);
    }
  }
}

TEST_CASE("law: a secret that a refusal of the credentials repeats is nowhere") {
  const std::string secret = "canary-9b1c64-canary-0d7e-canary-77aa-canary-5f31";
  for (const std::string code : {"invalid_client", "401013", "403003", "403025"}) {
    for (std::size_t padding = 245; padding < 305; padding += 5) {
      Site site(25);
      emulator::EmulatorTransport transport(site.platform, site.clock);
      EchoTransport echo(transport);
      http::SessionOptions session = embedded_session();
      const bool at_token = code == "invalid_client";
      session.credentials.access_token = http::Secret(at_token ? "" : secret);
      session.credentials.client_secret = http::Secret(at_token ? secret : "");
      const Json body = {
          {at_token ? "error" : "error_code", code},
          {at_token ? "error_description" : "message", std::string(padding, 'x') + secret}};
      echo.refusal = http::Response{code.starts_with("403") ? 403 : 401, {}, body.dump()};
      Engine engine(echo, site.clock, site.random, site.files, session);
      std::string said;
      try {
        (void)engine.plan(Wanted(kWhole).resources);
      } catch (const Fatal& fatal) {
        CHECK(fatal.code() == ExitCode::credentials);
        for (const Diagnostic& diagnostic : fatal.diagnostics())
          said += diagnostic.summary + diagnostic.detail;
      }
      REQUIRE(holds_text(said, code));
      CHECK_MESSAGE(leaked(said, secret) < 10, code, ", padding ", padding, ": ", said);
    }
  }
}

TEST_CASE("law: a secret that the platform tells in clear goes into no plan and no state") {
  emulator::Switches switches;
  switches.secret_mask = kToken;
  Site site(26, switches);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  std::string all = on_disk(site) + plan_to_json(plan_on(site, Wanted(kWhole))).dump();
  PlanOptions refresh;
  refresh.mode = PlanMode::refresh_only;
  all += plan_to_json(apply_on(site, Wanted(kWhole), refresh).plan).dump() + on_disk(site);
  PlanOptions destroy;
  destroy.mode = PlanMode::destroy;
  all += plan_to_json(plan_on(site, Wanted(), destroy)).dump();
  CHECK(!holds_text(all, kToken));
}

TEST_CASE("law: what was replaced and held goes with the next apply, whenever a run died") {
  PlanOptions hold;
  hold.allow_breaking = true;
  hold.hold_old = true;
  PlanOptions lose;
  lose.allow_breaking = true;
  lose.allow_data_loss = true;
  const Wanted wanted(kReplaced);
  for (const bool after : {false, true}) {
    for (int nth = after ? 2 : 1; nth < 100; nth += 2) {
      Site site(27);
      REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
      const std::string old_data = id_of(site.platform, "dataSets", "name", "Events data");
      bool died = false;
      try {
        EngineProcess process(site);
        process.dying.die_at = nth;
        process.dying.after = after;
        (void)apply_in(process, wanted, hold);
      } catch (const ProcessDied&) {
        died = true;
        site.files.restart();
        CHECK_MESSAGE(apply_on(site, wanted, hold).report.complete(), "death at ", nth);
      }
      // A run that was cut off is finished by the next one, which may delete what is old by then.
      CHECK(!site.platform.object("dataSets", old_data).is_null());
      const Run run = apply_on(site, wanted, lose);
      CHECK_MESSAGE(run.report.complete(), "death at ", nth, ": ", run.said);
      check_whole(site, wanted, "death at " + std::to_string(nth));
      if (!died) break;
    }
  }
}

TEST_CASE("law: a schema in the profile is not replaced, held or not") {
  Site site(28);
  REQUIRE(apply_on(site, Wanted(kInProfile)).report.complete());
  const std::string text = edited(edited(kInProfile, "title: Events", "title: Newer events"),
                                  "sent: {type: integer}", "sent: {type: string}");
  PlanOptions options;
  options.allow_breaking = true;
  options.allow_data_loss = true;
  CHECK_THROWS_WITH_AS((void)plan_on(site, Wanted(text), options),
                       doctest::Contains("is in the profile"), std::runtime_error);
  options.hold_old = true;
  CHECK_THROWS_WITH_AS((void)plan_on(site, Wanted(text), options),
                       doctest::Contains("is in the profile"), std::runtime_error);
}

TEST_CASE("law: a schema moves with all its parts, and can change on the way") {
  Site site(29);
  REQUIRE(apply_on(site, Wanted(kInProfile)).report.complete());
  std::string text = edited(kInProfile, "  events:\n    title", "  things:\n    title");
  text = edited(text, "${schemas.events}", "${schemas.things}");
  text += "moved: [{from: schemas.events, to: schemas.things}]\n";
  const Plan plan = plan_on(site, Wanted(text));
  CHECK(plan.moves.size() == 5);
  CHECK(count(plan).create + count(plan).update + count(plan).replace + count(plan).remove == 0);
  const std::string changed = edited(text, "namespace: Email", "namespace: Phone");
  for (const std::string& step : {changed, text}) {
    CHECK(apply_on(site, Wanted(step)).report.complete());
    check_whole(site, Wanted(step), "moved");
  }
}

TEST_CASE("law: what the spec lets go of stays, and the rest goes around it") {
  Site site(30);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  std::string text = kWhole.substr(0, kWhole.find("datasets:"));
  text += "removed: [{address: datasets.events, destroy: false}]\n";
  CHECK(apply_on(site, Wanted(text)).report.complete());
  CHECK(!plan_on(site, Wanted(text)).has_changes());
  (void)id_of(site.platform, "dataSets", "name", "Events data");
  CHECK(site.platform.ids("dev", "flows").empty());
  CHECK(site.platform.ids("dev", "connections").empty());
}

TEST_CASE("law: a schema that lost a format, a type or a group breaks what is built on it") {
  const std::string dated = edited(kWhole, "sent: {type: integer}", "sent: {type: date-time}");
  Site site(31);
  REQUIRE(apply_on(site, Wanted(dated)).report.complete());
  for (const char* type : {"string", "integer", "date"}) {
    const std::string text =
        edited(dated, "sent: {type: date-time}", "sent: {type: " + std::string(type) + "}");
    CHECK_THROWS_WITH_AS((void)plan_on(site, Wanted(text)), doctest::Contains("properties[sent]"),
                         std::runtime_error);
    PlanOptions options;
    options.allow_breaking = true;
    options.allow_data_loss = true;
    const Plan plan =
        plan_on(site, Wanted(edited(text, "title: Events", "title: Newer events")), options);
    CHECK(count(plan).replace > 3);
  }
}

TEST_CASE("law: a format that the platform adds by itself breaks nothing when a title changes") {
  Site site(32);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string group = id_of(site.platform, "fieldgroups", "title", "Events fields");
  Json definitions = site.platform.object("fieldgroups", group).at("definitions");
  definitions[Json::json_pointer("/customFields/properties/_extconndev/properties/sent/format")] =
      "int32";
  REQUIRE(site.platform.edit("fieldgroups", group, "definitions", definitions));
  const Wanted wanted(edited(kWhole, "sent: {type: integer}", "sent: {type: integer, title: T}"));
  CHECK(count(plan_on(site, wanted)).update == 1);
}

TEST_CASE("law: fields are added below objects that had none, and beside others") {
  Site site(33);
  const std::string bare =
      edited(kWhole, "sent: {", "place: {type: object, properties: {}}\n      sent: {");
  REQUIRE(apply_on(site, Wanted(bare)).report.complete());
  std::string text = edited(bare, "place: {type: object, properties: {}}",
                            "place: {type: object, properties: {city: {type: string}, at: {type: "
                            "object, properties: {lat: {type: number}}}}}");
  text = edited(text, "tags: {type: array, items: {type: string}}",
                "tags: {type: array, items: {type: string}}, list: {type: array, items: {type: "
                "object, properties: {a: {type: string}}}}");
  const Run first = apply_on(site, Wanted(text));
  CHECK_MESSAGE(first.report.complete(), first.said);
  check_whole(site, Wanted(text), "added");
  text = edited(text, "{a: {type: string}}", "{a: {type: string}, b: {type: string}}");
  const Run second = apply_on(site, Wanted(text));
  CHECK_MESSAGE(second.report.complete(), second.said);
  check_whole(site, Wanted(text), "added in a list");
}

TEST_CASE("law: a group of somebody else's can join a schema") {
  Site site(34);
  const std::string other = kWhole.substr(0, kWhole.find("datasets:"));
  REQUIRE(apply_on(site, Wanted(other)).report.complete());
  const std::string id = id_of(site.platform, "fieldgroups", "title", "Events fields");
  const std::string group = site.platform.object("fieldgroups", id).at("$id");
  site.files.forget("state/test.json");
  const std::string mine = edited(kWhole, "title: Events", "title: Mine");
  REQUIRE(apply_on(site, Wanted(mine)).report.complete());
  const Wanted joined(
      edited(mine, "title: Mine", "title: Mine\n    field_groups: [\"" + group + "\"]"));
  const Run run = apply_on(site, joined);
  CHECK_MESSAGE(run.report.complete(), run.said);
  CHECK(count(run.plan).update == 1);
  CHECK(!plan_on(site, joined).has_changes());
}

TEST_CASE("law: a parameter that the platform masks is no difference, secret or not") {
  Site site(35);
  const std::string text =
      edited(kWhole, "token: \"${var.token}\"", "token: \"${var.token}\", user: bob");
  REQUIRE(apply_on(site, Wanted(text)).report.complete());
  CHECK(!plan_on(site, Wanted(text)).has_changes());
}

TEST_CASE("law: an import takes neither others' groups nor a secret that the platform tells") {
  emulator::Switches switches;
  switches.secret_mask = kToken;
  Site site(36, switches);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  const std::string schema = id_of(site.platform, "schemas", "title", "Events");
  Json parts = site.platform.object("schemas", schema).at("allOf");
  parts.push_back({{"$ref", "https://ns.adobe.com/xdm/theirs"}});
  REQUIRE(site.platform.edit("schemas", schema, "allOf", parts));
  EngineProcess process(site);
  const kinds::Registry registry;
  State state = process.engine.store().read();
  for (const Resource& resource : Wanted(kWhole).resources) {
    if (resource.kind != "schema" && resource.kind != "account") continue;
    const Record& record = state.records.at(resource.address);
    const Record imported =
        run::import_object(process.engine.remote(), registry, resource, record.id);
    CHECK(!holds_text(Json(imported.inputs).dump(), kToken));
    CHECK(!holds_text(Json(imported.inputs).dump(), "theirs"));
    state.records.at(resource.address) = imported;
  }
  process.engine.store().lock({}, Millis(0));
  state.serial = process.engine.store().load().serial;
  process.engine.store().save(state);
  // The version of the secrets is told by nobody, so they are sent once more.
  CHECK(count(plan_on(site, Wanted(kWhole))).update == 1);
}

TEST_CASE("law: a replacement is planned with an eye on objects of its name") {
  const std::string text = kWhole.substr(0, kWhole.find("  clicks:")) +
                           "removed: [{address: pipelines.clicks, destroy: false}]\n";
  const Wanted wanted(text);
  Site site(27);
  REQUIRE(apply_on(site, Wanted(kWhole)).report.complete());
  REQUIRE(apply_on(site, wanted).report.complete());
  const Address source = *Address::parse("pipelines.hook.source");
  PlanOptions options;
  options.replace = {source};
  CHECK(plan_on(site, wanted, options).clashes.empty());

  EngineProcess process(site);
  Plan plan = process.engine.plan(wanted.resources, options);
  const std::string others =
      id_of(site.platform, "sourceConnections", "name", "whole clicks source");
  REQUIRE(site.platform.edit("sourceConnections", others, "name", "Hook source"));
  const std::vector<NameClash> expected = {{source, "sourceConnection", "Hook source", {others}}};
  CHECK(plan_on(site, wanted, options).clashes == expected);
  CHECK(plan_on(site, wanted).clashes.empty());
  run::preflight(process.engine.remote(), process.engine.store().read(), plan);
  CHECK(plan.clashes == expected);
}
