// What a plan may not do, or not without being told: lose data, break what others stand on, undo
// what is for good.

#include "support/builders.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr const char* kSchemaAt = "schemas.s";
constexpr const char* kFieldsAt = "schemas.s.fields";
constexpr const char* kProfileAt = "schemas.s.profile";
constexpr const char* kDatasetAt = "datasets.d";
constexpr const char* kAccountAt = "accounts.a";

Catalogue platform_catalogue() {
  Catalogue result = catalogue();
  FieldRule properties{"properties", FieldClass::additive, Equality::subset};
  properties.breaking_keys = {"type", "format"};
  FieldRule params{"auth.params", FieldClass::in_place, Equality::subset};
  params.fixed_entries = {"dataType"};
  params.hides_entries = true;
  const auto add = [&result](const std::string& kind, std::vector<FieldRule> fields) -> KindRules& {
    KindRules& rules = result.kinds[kind];
    rules.kind = kind;
    rules.fields = std::move(fields);
    rules.attributes = {"id"};
    return rules;
  };
  add("fieldGroup", {{"name"}, properties}).unique_names = true;
  add("schema", {{"name"}, {"field_groups", FieldClass::additive, Equality::subset}}).unique_names =
      true;
  add("schemaProfile", {{"name"}, {"schema", FieldClass::create_only}}).is_permanent = true;
  add("dataset", {{"name"}, {"schema.id", FieldClass::create_only}}).holds_data = true;
  add("identity", {{"name"}, {"primary"}}).sole_field = "primary";
  add("account", {{"name"}, params, {"secrets_version", FieldClass::recorded}});
  return result;
}

Resource resource(const char* address, const std::string& kind, Fields fields) {
  Resource result;
  result.address = addr(address);
  result.kind = kind;
  result.fields = std::move(fields);
  return result;
}

std::vector<Resource> schema_and_dataset() {
  return {resource(kFieldsAt, "fieldGroup",
                   {{"name", "S fields"},
                    {"properties", {{"a", {{"type", "string"}}}, {"b", {{"type", "string"}}}}}}),
          resource(kSchemaAt, "schema",
                   {{"name", "S"}, {"field_groups", Json::array({refer("schemas.s.fields.id")})}}),
          resource(kDatasetAt, "dataset", {{"name", "D"}, {"schema.id", refer("schemas.s.id")}})};
}

/// What the only message says to do.
std::string advice_of(const World& world) {
  Diagnostics diagnostics;
  make_plan(world.desired, world.state, world.observed, platform_catalogue(), world.options,
            diagnostics);
  REQUIRE(diagnostics.list().size() == 1);
  return diagnostics.list().front().detail;
}

/// The actions of a plan, or what forbids it.
std::string outcome(const World& world) {
  Diagnostics diagnostics;
  const auto plan = make_plan(world.desired, world.state, world.observed, platform_catalogue(),
                              world.options, diagnostics);
  std::string text;
  for (const Diagnostic& message : diagnostics.sorted())
    text += message.summary + "\n";
  if (!plan) return text;
  for (const Step& step : plan->steps) {
    if (step.action == Action::noop) continue;
    text += std::string(action_name(step.action)) + " " + step.key + "\n";
  }
  for (const Kept& kept : plan->kept)
    text += "keep " + kept.address.text() + ": " + kept.because + "\n";
  return text;
}

}  // namespace

TEST_CASE("limits: a destroy keeps what holds data, and what that stands on") {
  World world = applied(schema_and_dataset());
  world.options.mode = PlanMode::destroy;
  CHECK(outcome(world) ==
        "keep datasets.d: its data would go with it; --allow-data-loss lets it go\n"
        "keep schemas.s: datasets.d stands on it\n"
        "keep schemas.s.fields: schemas.s stands on it\n");
  world.options.allow_data_loss = true;
  CHECK(outcome(world) == "delete datasets.d\ndelete schemas.s\ndelete schemas.s.fields\n");
  world.options.allow_data_loss = false;
  world.want(kDatasetAt).allow_data_loss = true;
  CHECK(outcome(world) == "delete datasets.d\ndelete schemas.s\ndelete schemas.s.fields\n");
}

TEST_CASE("limits: a dataset that is gone already is kept by nobody") {
  World world = applied(schema_and_dataset());
  world.options.mode = PlanMode::destroy;
  world.lose(kDatasetAt);
  CHECK(outcome(world) == "forget datasets.d\ndelete schemas.s\ndelete schemas.s.fields\n");
}

TEST_CASE("limits: what is gone already is not kept for what is") {
  World world = applied(schema_and_dataset());
  world.options.mode = PlanMode::destroy;
  world.lose(kFieldsAt);
  CHECK(outcome(world) ==
        "forget schemas.s.fields\n"
        "keep datasets.d: its data would go with it; --allow-data-loss lets it go\n"
        "keep schemas.s: datasets.d stands on it\n");
}

TEST_CASE("limits: a dataset that left the spec goes only when its data may, or is let go") {
  World world = applied(schema_and_dataset());
  world.desired.pop_back();
  CHECK(outcome(world) ==
        "This plan would delete datasets.d (id:datasets.d), and its data with it\n");
  world.options.allow_data_loss = true;
  CHECK(outcome(world) == "delete datasets.d\n");
  world.options.allow_data_loss = false;
  world.options.let_go = {addr(kDatasetAt)};
  CHECK(outcome(world) == "forget datasets.d\n");
}

TEST_CASE("limits: what is let go keeps what it stands on") {
  World world = applied(schema_and_dataset());
  world.desired.clear();
  world.options.let_go = {addr(kDatasetAt)};
  CHECK(outcome(world) ==
        "This plan would delete schemas.s, and datasets.d, which is let go and stays, stands on "
        "it\n");
  World destroyed = world;
  destroyed.options.mode = PlanMode::destroy;
  destroyed.options.allow_data_loss = true;
  CHECK(outcome(destroyed) == "forget schemas.s.fields\nforget schemas.s\nforget datasets.d\n");
  world.options.let_go = {addr(kDatasetAt), addr(kSchemaAt), addr(kFieldsAt)};
  // From the bottom up, so that what stays is known for as long as something stands on it.
  CHECK(outcome(world) == "forget schemas.s.fields\nforget schemas.s\nforget datasets.d\n");
}

TEST_CASE("limits: a title is not free before the schema that has it is gone") {
  World world = applied({resource(kSchemaAt, "schema", {{"name", "S"}})});
  world.desired = {resource("schemas.t", "schema", {{"name", "S"}})};
  CHECK(outcome(world) == "schemas.t is to have the title \"S\", which schemas.s still has\n");
  CHECK(advice_of(world).find("`moved: [{from: schemas.s, to: schemas.t}]`") != std::string::npos);
  world.want("schemas.t").fields["name"] = "T";
  CHECK(outcome(world) == "delete schemas.s\ncreate schemas.t\n");
  // It is not free by being let go, by being given up, or for one that gets another title.
  world.want("schemas.t").fields["name"] = "S";
  world.options.let_go = {addr(kSchemaAt)};
  CHECK(outcome(world).find("which schemas.s still has") != std::string::npos);
  World renamed = applied({resource(kSchemaAt, "schema", {{"name", "S"}}),
                           resource("schemas.t", "schema", {{"name", "T"}})});
  renamed.want(kSchemaAt).fields["name"] = "U";
  CHECK(outcome(renamed) == "update schemas.s\n");
  renamed.want("schemas.t").fields["name"] = "S";
  CHECK(outcome(renamed) == "schemas.t is to have the title \"S\", which schemas.s still has\n");
  renamed.lose(kSchemaAt);
  CHECK(outcome(renamed).find("still has") == std::string::npos);
  // Two datasets may have one name.
  World datasets = applied({resource(kDatasetAt, "dataset", {{"name", "D"}})});
  datasets.desired = {resource("datasets.e", "dataset", {{"name", "D"}})};
  datasets.options.allow_data_loss = true;
  CHECK(outcome(datasets) == "delete datasets.d\ncreate datasets.e\n");
}

TEST_CASE("limits: a title that only a replaced schema has is not free, and one of nobody is") {
  World world = applied({resource(kSchemaAt, "schema", {{"name", "S"}})});
  leave_behind(world, kSchemaAt, "held-schema");
  world.observed.objects["held-schema"].fields["name"] = "Old";
  world.lose(kSchemaAt);
  world.state.records.at(addr(kSchemaAt)).id.clear();  // Only the replaced one is left.
  world.desired = {resource("schemas.t", "schema", {{"name", "Old"}})};
  CHECK(outcome(world) ==
        "schemas.t is to have the title \"Old\", which what was replaced of schemas.s still has\n");
  world.want("schemas.t").fields["name"] = "S";
  CHECK(outcome(world).find("create schemas.t") != std::string::npos);
}

TEST_CASE("limits: a replaced dataset is a deleted one") {
  World world = applied(schema_and_dataset());
  world.want(kDatasetAt).fields["schema.id"] = "other";
  CHECK(outcome(world).find("and its data with it") != std::string::npos);
  world.options.hold_old = true;
  CHECK(outcome(world) == "replace datasets.d\n");
}

TEST_CASE("limits: what to do about a dataset depends on whether the spec still has it") {
  World replaced = applied(schema_and_dataset());
  World left_out = replaced;
  replaced.want(kDatasetAt).fields["schema.id"] = "other";
  left_out.desired.pop_back();
  const std::string advice = advice_of(replaced);
  CHECK(advice.find("allow_data_loss: true") != std::string::npos);
  CHECK(advice.find("give the new dataset another key") != std::string::npos);
  CHECK(advice_of(left_out) ==
        "If the data may go, give --allow-data-loss. If it is to stay, managed by nobody, say so "
        "in the spec: `removed: [{address: datasets.d, destroy: false}]`.");
  World held = applied(schema_and_dataset());
  leave_behind(held, kDatasetAt, "held-dataset");
  CHECK(advice_of(held) ==
        "It was replaced and held. If the data may go, give --allow-data-loss; if it is to stay "
        "for now, --hold-old.");
  held.options.hold_old = true;
  CHECK(outcome(held).empty());
}

TEST_CASE("limits: a schema in the profile stays there") {
  std::vector<Resource> desired = schema_and_dataset();
  desired.push_back(
      resource(kProfileAt, "schemaProfile", {{"name", "P"}, {"schema", refer("schemas.s.id")}}));
  World world = applied(desired);
  world.desired.pop_back();
  CHECK(outcome(world).starts_with("schemas.s is in the profile, from which"));
  world.options.mode = PlanMode::destroy;
  world.options.allow_data_loss = true;
  CHECK(outcome(world) ==
        "delete datasets.d\n"
        "keep schemas.s: schemas.s.profile stands on it\n"
        "keep schemas.s.fields: it belongs to schemas.s\n"
        "keep schemas.s.profile: the platform never takes a schema out of the profile\n");
}

TEST_CASE("limits: what is in the profile is not replaced, not even with the old one held") {
  World world =
      applied({resource(kProfileAt, "schemaProfile", {{"name", "P"}, {"schema", "s-1"}})});
  world.want(kProfileAt).fields["schema"] = "s-2";
  const std::string refused =
      "schemas.s is in the profile, from which the platform takes no schema back: it can neither "
      "be deleted nor replaced\n";
  CHECK(outcome(world) == refused);
  world.options.hold_old = true;
  CHECK(outcome(world) == refused);
}

TEST_CASE("limits: what only one part can have is given up before another takes it") {
  const auto identity = [](const char* address, bool primary) {
    return resource(address, "identity", {{"name", address}, {"primary", primary}});
  };
  constexpr const char* kFirst = "schemas.s[\"a\"].identity";
  constexpr const char* kSecond = "schemas.s[\"b\"].identity";
  World world = applied({identity(kFirst, false), identity(kSecond, true)});
  world.want(kFirst).fields["primary"] = true;
  world.want(kSecond).fields["primary"] = false;
  CHECK(outcome(world) == "update schemas.s[\"b\"].identity\nupdate schemas.s[\"a\"].identity\n");
  world.desired.pop_back();
  CHECK(outcome(world) == "delete schemas.s[\"b\"].identity\nupdate schemas.s[\"a\"].identity\n");
}

TEST_CASE("limits: what a leftover of a replacement stands on goes after it") {
  World world = applied({resource(kFieldsAt, "fieldGroup", {{"name", "F"}}),
                         resource(kSchemaAt, "schema", {{"name", "S"}})});
  world.desired.erase(world.desired.begin());
  world.state.records.at(addr(kSchemaAt)).deposed.push_back({"old", "schema", {}, {}, {}});
  world.observed.looked_up.insert("old");
  Observed& old = world.observed.objects["old"];
  old.id = "old";
  old.fields["field_groups"] = Json::array({"theirs", world.object(kFieldsAt).id});
  CHECK(outcome(world) == "delete schemas.s~old\ndelete schemas.s.fields\n");
}

TEST_CASE("limits: fields may be added, and what others added is left alone") {
  World world = applied(schema_and_dataset());
  world.object(kFieldsAt).fields["properties"]["theirs"] = {{"type", "number"}};
  CHECK(outcome(world).empty());
  world.want(kFieldsAt).fields["properties"]["c"] = {{"type", "string"}};
  CHECK(outcome(world) == "update schemas.s.fields\n");
}

TEST_CASE("limits: a field that goes, or becomes another, breaks what is built on it") {
  World world = applied(schema_and_dataset());
  world.want(kFieldsAt).fields["properties"].erase("b");
  const std::string refused =
      "The change of properties[b] in schemas.s.fields breaks what is built on it: datasets.d\n";
  CHECK(outcome(world) == refused);
  world.want(kFieldsAt).fields["properties"]["b"] = {{"type", "integer"}};
  CHECK(outcome(world) == refused);
  world.want(kFieldsAt).fields["properties"]["b"] = {{"type", "string"}, {"title", "B"}};
  CHECK(outcome(world) == "update schemas.s.fields\n");
}

TEST_CASE("limits: a field that loses its format breaks, one that somebody gave one does not") {
  World world = applied(schema_and_dataset());
  const Json dated = {{"type", "string"}, {"format", "date"}};
  world.object(kFieldsAt).fields["properties"]["b"] = dated;
  CHECK(outcome(world).empty());
  world.want(kFieldsAt).fields["properties"]["b"]["title"] = "B";
  CHECK(outcome(world) == "update schemas.s.fields\n");
  world.state.records.at(addr(kFieldsAt)).inputs["properties"]["b"] = dated;
  CHECK(outcome(world).starts_with("The change of properties[b]"));
}

TEST_CASE("limits: what breaks may be replaced under another title") {
  World world = applied(schema_and_dataset());
  world.want(kFieldsAt).fields["properties"].erase("b");
  world.options.allow_breaking = true;
  world.options.allow_data_loss = true;
  CHECK(
      outcome(world) ==
      "schemas.s.fields must be replaced, and the new one cannot have the title \"S fields\" as "
      "long as the old one is there\n"
      "schemas.s must be replaced, and the new one cannot have the title \"S\" as long as the old "
      "one is there\n");
  world.want(kFieldsAt).fields["name"] = "S2 fields";
  world.want(kSchemaAt).fields["name"] = "S2";
  CHECK(outcome(world) ==
        "replace schemas.s.fields\n"
        "replace schemas.s\n"
        "replace datasets.d\n"
        "delete datasets.d~id:datasets.d\n"
        "delete schemas.s~id:schemas.s\n"
        "delete schemas.s.fields~id:schemas.s.fields\n");
}

TEST_CASE("limits: a secret is sent again when its version is raised, and by nothing else") {
  const Json secret = {{"$secret", "pw"}};
  World world = applied({resource(kAccountAt, "account",
                                  {{"name", "A"},
                                   {"auth.params", {{"dataType", "raw"}, {"password", secret}}},
                                   {"secrets_version", 1}})});
  Fields& seen = world.object(kAccountAt).fields;
  seen["auth.params"]["password"] = "******";
  seen.erase("secrets_version");
  CHECK(outcome(world).empty());
  world.want(kAccountAt).fields["secrets_version"] = 2;
  CHECK(outcome(world) == "update accounts.a\n");
  world.want(kAccountAt).fields["auth.params"]["dataType"] = "xdm";
  CHECK(outcome(world) == "replace accounts.a\ndelete accounts.a~id:accounts.a\n");
}

TEST_CASE("limits: a parameter that nobody tells is held against what was recorded") {
  World world = applied({resource(
      kAccountAt, "account", {{"name", "A"}, {"auth.params", {{"user", "u"}, {"key", "k"}}}})});
  world.object(kAccountAt).fields["auth.params"] = {{"user", "***"}};
  CHECK(outcome(world).empty());
  world.want(kAccountAt).fields["auth.params"]["key"] = "k2";
  CHECK(outcome(world) == "update accounts.a\n");
  world.want(kAccountAt).fields["auth.params"]["key"] = "k";
  world.object(kAccountAt).fields["auth.params"]["user"] = "somebody";
  CHECK(outcome(world) == "update accounts.a\n");
}

TEST_CASE("limits: a field can be set on create only where another one says so") {
  Catalogue catalogue = platform_catalogue();
  for (FieldRule& rule : catalogue.kinds.at("flow").fields) {
    if (rule.name == "description") rule.create_only_when = {"flow_spec.id", "streaming"};
  }
  World world = applied_pipeline();
  world.want(kFlow).fields["description"] = "Other";
  Diagnostics diagnostics;
  const auto plan =
      make_plan(world.desired, world.state, world.observed, catalogue, world.options, diagnostics);
  REQUIRE(plan);
  CHECK(count(*plan).replace == 3);
  catalogue.kinds.at("flow").fields.at(1).create_only_when->value = "batch";
  CHECK(count(*make_plan(world.desired, world.state, world.observed, catalogue, world.options,
                         diagnostics))
            .update == 1);
}
