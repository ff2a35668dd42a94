// What a good spec becomes: every field, its place, and the defaults.

#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

// Each line that a test names by number is marked.
constexpr const char* kFull = R"(sluice: 1
name: demo
platform:
  endpoint: https://platform-nld2.adobe.io/
  ims: http://127.0.0.1:8080
  sandbox: ${var.sandbox}
variables:
  sandbox: {default: dev, allowed: [dev, prod]}
  tenant: {default: acme, pattern: "[a-z]+", description: Ours}
pipelines:
  web:
    source:
      connection_spec: {id: own, version: 2.0}
      provider_id: 007
      format: yes
      description: ${pipelines.base.flow.id}
    target:
      dataset: 1e5
      schema: {id: "https://ns/${var.tenant}/1", version: 3}
      connection_spec: {id: lake2}
    mapping:
      - {source: a, destination: "_${var.tenant}.a", name: n, description: d}
      - {expression: to_integer(b), destination: b}
      - {static: '', destination: c}
    flow:
      state: disabled
      flow_spec: {id: fs, version: 9}
      description: |
        For ${var.tenant} after ${pipelines.base.flow.id}
        costs $5, not $${x}
    lifecycle: {protect: true, ignore: [flow.description, mapping.rows, target.schema.id]}
  base:
    source: {connector: customer.io}
    target: {dataset: d, schema: {id: s}}
    mapping: {name: Base, rows: [{source: a, destination: b}]}
outputs:
  url: {value: "${pipelines.web.flow.inlet_url}", sensitive: true, description: Where}
  note: {value: "in ${var.sandbox}"}
)";

}  // namespace

TEST_CASE("read_spec: reads the top of a spec") {
  const Reading reading = read(kFull);
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  const Spec& spec = *reading.spec;
  CHECK(spec.name == "demo");
  CHECK(spec.platform.endpoint == "https://platform-nld2.adobe.io");
  CHECK(spec.platform.ims == "http://127.0.0.1:8080");
  CHECK(spec.platform.sandbox == "dev");
  REQUIRE(spec.variables.size() == 2);
  CHECK(spec.variables.at("sandbox").text == "dev");
  CHECK(spec.variables.at("tenant").origin == Origin::by_default);
  REQUIRE(spec.outputs.size() == 2);
  CHECK(spec.outputs.at("url").value == ref("pipelines.web.flow.inlet_url"));
  CHECK(spec.outputs.at("url").sensitive);
  CHECK(spec.outputs.at("url").description == "Where");
  CHECK(spec.outputs.at("url").where == SourcePos{"a.yaml", 37, 3});
  CHECK(spec.outputs.at("note").value == "in dev");
  CHECK_FALSE(spec.outputs.at("note").sensitive);
}

TEST_CASE("read_spec: what a pipeline says is what its resources hold, as text") {
  const Reading reading = read(kFull);
  REQUIRE(reading.spec);
  CHECK(reading.resource("pipelines.web.source").kind == "sourceConnection");
  CHECK(reading.resource("pipelines.web.source").fields ==
        Fields{{"name", "demo web source"},
               {"connection_spec.id", "own"},
               {"connection_spec.version", "2.0"},
               {"provider_id", "007"},
               {"format", "yes"},
               {"description", ref("pipelines.base.flow.id")}});
  CHECK(reading.resource("pipelines.web.target").kind == "targetConnection");
  CHECK(reading.resource("pipelines.web.target").fields ==
        Fields{{"name", "demo web target"},
               {"dataset", "1e5"},
               {"schema.id", "https://ns/acme/1"},
               {"schema.version", "3"},
               {"connection_spec.id", "lake2"},
               {"connection_spec.version", "1.0"},
               {"format", "json"}});
  CHECK(reading.resource("pipelines.web.mapping").kind == "mappingSet");
  CHECK(reading.resource("pipelines.web.mapping").fields ==
        Fields{{"name", "demo web mapping"},
               {"schema.id", "https://ns/acme/1"},
               {"schema.version", "3"},
               {"rows",
                {{"_acme.a",
                  {{"type", "attribute"}, {"source", "a"}, {"name", "n"}, {"description", "d"}}},
                 {"b", {{"type", "expression"}, {"source", "to_integer(b)"}}},
                 {"c", {{"type", "static"}, {"source", ""}}}}}});
  const Json description = {
      {"$join", {"For acme after ", ref("pipelines.base.flow.id"), "\ncosts $5, not ${x}\n"}}};
  CHECK(reading.resource("pipelines.web.flow").kind == "flow");
  CHECK(reading.resource("pipelines.web.flow").fields ==
        Fields{{"name", "demo web flow"},
               {"description", description},
               {"state", "disabled"},
               {"flow_spec.id", "fs"},
               {"flow_spec.version", "9"},
               {"source", ref("pipelines.web.source.id")},
               {"target", ref("pipelines.web.target.id")},
               {"mapping.id", ref("pipelines.web.mapping.id")},
               {"mapping.version", ref("pipelines.web.mapping.version")}});
}

TEST_CASE("read_spec: what is left out is no field, but for names and the connector's part") {
  const Reading reading = read(kFull);
  REQUIRE(reading.spec);
  CHECK(reading.resource("pipelines.base.source").fields ==
        Fields{{"name", "demo base source"},
               {"connection_spec.id", "cio"},
               {"connection_spec.version", "1.0"},
               {"provider_id", "provider"},
               {"format", "json"}});
  CHECK(reading.resource("pipelines.base.target").fields.at("schema.version") == "1");
  CHECK(reading.resource("pipelines.base.mapping").fields.at("name") == "Base");
  const Fields& flow = reading.resource("pipelines.base.flow").fields;
  CHECK(flow.at("name") == "demo base flow");
  CHECK(flow.at("flow_spec.id") == "streaming");
  CHECK_FALSE(flow.contains("state"));
  CHECK_FALSE(flow.contains("description"));
}

TEST_CASE("read_spec: resources come by address, each with its place") {
  const Reading reading = read(kFull);
  REQUIRE(reading.spec);
  std::vector<std::string> addresses;
  for (const Resource& resource : reading.spec->resources)
    addresses.push_back(resource.address.text());
  CHECK(addresses == std::vector<std::string>{"pipelines.base.flow", "pipelines.base.mapping",
                                              "pipelines.base.source", "pipelines.base.target",
                                              "pipelines.web.flow", "pipelines.web.mapping",
                                              "pipelines.web.source", "pipelines.web.target"});
  const Resource& source = reading.resource("pipelines.web.source");
  CHECK(source.where == SourcePos{"a.yaml", 12, 5});
  // A flow that is left out stands where its pipeline does.
  CHECK(reading.resource("pipelines.base.flow").where == SourcePos{"a.yaml", 32, 3});
}

TEST_CASE("read_spec: the lifecycle of a pipeline goes to its parts") {
  const Reading reading = read(kFull);
  REQUIRE(reading.spec);
  for (const Resource& resource : reading.spec->resources)
    CHECK(resource.protect == (resource.address.key == "web"));
  using Set = std::set<std::string>;
  CHECK(reading.resource("pipelines.web.flow").ignore == Set{"description"});
  CHECK(reading.resource("pipelines.web.mapping").ignore == Set{"rows"});
  CHECK(reading.resource("pipelines.web.target").ignore == Set{"schema.id"});
  CHECK(reading.resource("pipelines.web.source").ignore.empty());
}

TEST_CASE("read_spec: anchors and aliases repeat a value") {
  const Reading reading = read(
      "sluice: 1\nname: n\npipelines:\n"
      "  a: &a {source: {connector: customer.io}, target: {dataset: d, schema: {id: s}},"
      " mapping: [{source: x, destination: y}]}\n"
      "  b: *a\n");
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  CHECK(reading.resource("pipelines.b.target").fields.at("dataset") == "d");
  CHECK(reading.resource("pipelines.b.target").fields.at("name") == "n b target");
}

TEST_CASE("read_spec: a merge key puts entries below a map's own, the first of a list on top") {
  const Reading reading =
      read(kHead +
           "defaults: {flow: &x {state: disabled, description: x}, target: &y {format: y}}\n"
           "pipelines:\n"
           "  p:\n"
           "    source: {connector: customer.io}\n"
           "    target: {<<: [{dataset: one}, {dataset: two, schema: {id: s}}]}\n"
           "    mapping: [{source: a, destination: b}]\n"
           "    flow: {name: Own, state: enabled, <<: *x}\n");
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  const Resource& target = reading.resource("pipelines.p.target");
  CHECK(target.fields.at("dataset") == "one");
  CHECK(target.fields.at("schema.id") == "s");
  const Resource& flow = reading.resource("pipelines.p.flow");
  CHECK(flow.fields.at("name") == "Own");
  CHECK(flow.fields.at("state") == "enabled");
  CHECK(flow.fields.at("description") == "x");
}

TEST_CASE("read_spec: a spec without pipelines is one, and so are a byte order mark and CRLF") {
  CHECK(read("sluice: 1\nname: n\n").spec);
  CHECK(read("sluice: 1\nname: n\npipelines:\noutputs:\n").spec);
  const Reading reading = read("\xEF\xBB\xBFsluice: 1\r\nname: n\r\nx: y\r\n");
  REQUIRE(reading.errors.size() == 1);
  CHECK(reading.errors[0].where == SourcePos{"a.yaml", 3, 1});
  CHECK(reading.errors[0].excerpt == "x: y");
}

TEST_CASE("read_spec: several files make up one spec") {
  const std::string pipeline =
      "{source: {connector: customer.io}, target: {dataset: d, schema: {id: s}}, mapping: "
      "[{source: x, destination: y}], flow: {description: '${pipelines.a.flow.id}'}}\n";
  const Reading reading =
      read_files({{"1.yaml",
                   "sluice: 1\nname: n\nplatform: {sandbox: '${var.s}'}\npipelines:\n  a: {source: "
                   "{connector: customer.io}, target: {dataset: d, schema: {id: s}}, mapping: "
                   "[{source: x, destination: y}]}\n"},
                  {"2.yaml", "# Nothing.\n"},
                  {"3.yaml",
                   "sluice: 1\nvariables: {s: {default: dev}}\nplatform: {ims: http://localhost}\n"
                   "pipelines:\n  b: " +
                       pipeline}});
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  CHECK(reading.spec->resources.size() == 8);
  CHECK(reading.spec->platform.sandbox == "dev");
  CHECK(reading.spec->platform.ims == "http://localhost");
  CHECK(reading.resource("pipelines.b.source").where == SourcePos{"3.yaml", 5, 7});
}

TEST_CASE("read_spec: what two files define names both places") {
  const std::string text =
      "sluice: 1\nname: n\nplatform: {sandbox: dev}\nvariables: {v: {default: x}}\n"
      "outputs: {o: {value: x}}\n";
  const Reading reading = read_files({{"1.yaml", text}, {"2.yaml", text}});
  CHECK(reading.text() ==
        "2:1 `name` is defined twice | It is first defined at 1.yaml:2:1.\n"
        "3:12 `platform.sandbox` is defined twice | It is first defined at 1.yaml:3:12.\n"
        "4:13 `variables.v` is defined twice | It is first defined at 1.yaml:4:13.\n"
        "5:11 `outputs.o` is defined twice | It is first defined at 1.yaml:5:11.\n");
  for (const Diagnostic& error : reading.errors)
    CHECK(error.where.file == "2.yaml");
}

TEST_CASE("read_spec: a file that cannot be read does not make the others look wrong") {
  const Reading reading = read_files({{"1.yaml", "sluice: 1\nname: [\n"},
                                      {"2.yaml", "platform: {sandbox: '${var.s}', endpont: x}\n"}});
  REQUIRE(reading.errors.size() == 2);
  CHECK(reading.errors[0].where.file == "1.yaml");
  CHECK(reading.errors[1].summary == "`endpont` is not a key of `platform`");
}
