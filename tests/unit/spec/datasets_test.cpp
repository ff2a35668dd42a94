// Datasets of the spec itself, and targets that refer to them.

#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

/// A pipeline whose target is this, over a dataset and a schema called `events`.
std::string with_target(const std::string& target, const std::string& rest = "") {
  return spec_text({.target = target, .rest = rest}) +
         "datasets:\n  events: {schema: '${schemas.events}'}\nschemas:\n  events: {}\n";
}

}  // namespace

TEST_CASE("datasets: become resources whose fields are only what is given") {
  const Reading reading =
      read_full(kHead +
                "datasets:\n"
                "  a:\n"
                "    name: Own\n"
                "    description: d\n"
                "    schema: {id: s, version: 2}\n"
                "    profile: false\n"
                "    error_diagnostics: true\n"
                "    lifecycle: {protect: true, ignore: [description], allow_data_loss: true}\n"
                "  b: {schema: {id: s}}\n");
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  const Resource& a = reading.resource("datasets.a");
  CHECK(a.kind == "dataset");
  CHECK(a.fields == Fields{{"name", "Own"},
                           {"description", "d"},
                           {"schema.id", "s"},
                           {"schema.version", "2"},
                           {"profile", false},
                           {"error_diagnostics", true}});
  CHECK(a.protect);
  CHECK(a.allow_data_loss);
  CHECK(a.ignore == std::set<std::string>{"description"});
  CHECK(a.where == SourcePos{"a.yaml", 4, 3});
  const Resource& b = reading.resource("datasets.b");
  CHECK(b.fields == Fields{{"name", "n b"}, {"schema.id", "s"}, {"schema.version", "1"}});
  CHECK_FALSE(b.allow_data_loss);
}

TEST_CASE("datasets: a target of one takes its schema, and so does the mapping") {
  for (const char* reference : {"${datasets.events}", "${datasets.events.id}"}) {
    const Reading reading = read_full(with_target("{dataset: '" + std::string(reference) + "'}"));
    CHECK(reading.text().empty());
    REQUIRE(reading.spec);
    CHECK(reading.resource("datasets.events").fields.at("schema.id") == ref("schemas.events.id"));
    for (const char* address : {"pipelines.p.target", "pipelines.p.mapping"}) {
      CHECK(reading.resource(address).fields.at("schema.id") == ref("schemas.events.id"));
      CHECK(reading.resource(address).fields.at("schema.version") == "1");
    }
    CHECK(reading.resource("pipelines.p.target").fields.at("dataset") == ref("datasets.events.id"));
  }
  const Reading by_hand = read_full(with_target("{dataset: d, schema: '${schemas.events}'}"));
  REQUIRE(by_hand.spec);
  CHECK(by_hand.resource("pipelines.p.mapping").fields.at("schema.id") == ref("schemas.events.id"));
}

TEST_CASE("datasets: a target's own schema contradicts them, a default's gives way") {
  CHECK(read_full(with_target("{dataset: '${datasets.events}', schema: {id: s}}")).text() ==
        "6:45 The target has a `schema` besides `datasets.events` | The schema is the dataset's; "
        "leave it out here.\n");
  const Reading reading = read_full(
      with_target("{dataset: '${datasets.events}'}", "defaults: {target: {schema: {id: s}}}\n"));
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  CHECK(reading.resource("pipelines.p.target").fields.at("schema.id") == ref("schemas.events.id"));
}

TEST_CASE("datasets: mistakes are named") {
  const auto errors = [](const std::string& dataset) {
    return read_full(kHead + "datasets:\n  a: " + dataset + "\n").text();
  };
  const std::string form =
      " | Write `schema: ${schemas.KEY}`, or `schema: {id: ..., version: 1}`.\n";
  CHECK(errors("{}") == "4:3 datasets.a has no `schema`" + form);
  CHECK(errors("{schema: s}") ==
        "4:15 `schema` is a text | Write `schema: {id: ..., version: ...}`.\n");
  CHECK(errors("{schema: '${schemas.x}'}") ==
        "4:15 There is no schema `x` | Describe it in `schemas`, or give the id of one that "
        "exists.\n");
  CHECK(errors("{schema: '${datasets.a}'}") ==
        "4:15 `schema` is a text | Write `schema: {id: ..., version: ...}`.\n");
  CHECK(errors("{schema: {id: s}, profile: yes}") ==
        "4:33 `profile` is `yes`, which is neither `true` nor `false` | Write `true` or "
        "`false`.\n");
  CHECK(errors("{schema: {id: s}, lifecycle: {ignore: [profil]}}") ==
        "4:45 `profil` is not a field of `datasets.a` | Did you mean `profile`? Expected one of "
        "`name`, `description`, `schema.id`, `schema.version`, `profile`, "
        "`error_diagnostics`.\n");
  CHECK(read_full(with_target("{dataset: '${datasets.event}', schema: {id: s}}")).text() ==
        "6:23 There is no dataset `event` | Did you mean `events`? Expected one of `events`.\n");
  CHECK(read_full(with_target("{dataset: '${datasets.events.name}', schema: {id: s}}")).text() ==
        "6:23 `name` is not an attribute of a dataset | Expected one of `id`.\n");
}
