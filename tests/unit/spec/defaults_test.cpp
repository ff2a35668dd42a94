// What `defaults:` puts below the pipelines' own entries.

#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

constexpr const char* kDefaults = R"(defaults:
  source: {connector: customer.io, format: csv}
  target: {dataset: d, schema: {id: s, version: 3}}
  flow: {state: disabled}
  lifecycle: {protect: true, ignore: [flow.description]}
)";

}  // namespace

TEST_CASE("defaults: a pipeline's entry wins key by key") {
  const Reading reading = read(kHead + kDefaults +
                               "pipelines:\n"
                               "  a: {mapping: [{source: x, destination: y}]}\n"
                               "  b:\n"
                               "    source: {format: json, name: Own}\n"
                               "    target: {schema: {id: s2}}\n"
                               "    mapping: [{source: x, destination: y}]\n"
                               "    flow: {description: Own}\n"
                               "    lifecycle: {protect: false}\n");
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  const Fields& a = reading.resource("pipelines.a.source").fields;
  CHECK(a.at("format") == "csv");
  CHECK(a.at("name") == "n a source");
  CHECK(a.at("connection_spec.id") == "cio");
  CHECK(reading.resource("pipelines.a.source").where == SourcePos{"a.yaml", 9, 3});
  CHECK(reading.resource("pipelines.a.target").fields.at("schema.version") == "3");
  CHECK(reading.resource("pipelines.a.flow").fields.at("state") == "disabled");
  CHECK(reading.resource("pipelines.a.flow").protect);

  CHECK(reading.resource("pipelines.b.source").fields.at("format") == "json");
  // `schema` is one key: nothing of the default's is left.
  CHECK(reading.resource("pipelines.b.target").fields.at("schema.version") == "1");
  CHECK(reading.resource("pipelines.b.target").fields.at("dataset") == "d");
  CHECK(reading.resource("pipelines.b.flow").fields.at("state") == "disabled");
  CHECK_FALSE(reading.resource("pipelines.b.flow").protect);
  CHECK(reading.resource("pipelines.b.flow").ignore == std::set<std::string>{"description"});
}

TEST_CASE("defaults: name a mapping set that is only a list of rows") {
  const Reading reading = read(spec_text({.rest = "defaults: {mapping: {name: Rows}}\n"}));
  REQUIRE(reading.spec);
  CHECK(reading.resource("pipelines.p.mapping").fields.at("name") == "Rows");
}

TEST_CASE("defaults: hold no rows, no unknown keys, and are wrong only once") {
  CHECK(read(kHead + "defaults: {mapping: {rows: []}}\n").text() ==
        "3:22 `rows` is not a key of `mapping` of `defaults` | Expected one of `name`.\n");
  CHECK(read(kHead + "defaults: {flw: {}}\n").text() ==
        "3:12 `flw` is not a key of `defaults` | Did you mean `flow`? Expected one of `source`, "
        "`target`, `mapping`, `flow`, `lifecycle`.\n");
  CHECK(read(kHead +
             "defaults: {flow: {state: on}}\npipelines:\n"
             "  a: &a {source: {connector: customer.io}, target: {dataset: d, schema: {id: s}}, "
             "mapping: [{source: x, destination: y}]}\n  b: *a\n")
            .text() == "3:26 A flow cannot be `on` | Expected one of `enabled`, `disabled`.\n");
  CHECK(read(kHead + kDefaults + "pipelines:\n  a: {source: {}}\n").text() ==
        "9:3 Pipeline `a` has no `mapping` | A pipeline needs `source`, `target` and "
        "`mapping`.\n");
}

TEST_CASE("defaults: two files may share them and not define one twice") {
  const Reading reading = read_files({{"1.yaml", kHead + "defaults: {source: {format: x}}\n"},
                                      {"2.yaml", "defaults: {flow: {}, source: {}}\n"}});
  CHECK(reading.text() ==
        "1:22 `defaults.source` is defined twice | It is first defined at 1.yaml:3:12.\n");
}
