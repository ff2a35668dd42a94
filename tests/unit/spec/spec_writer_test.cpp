// What is written reads back as what it was written from, whatever the texts are.

#include "spec/spec_writer.hpp"

#include "support/sim_clock.hpp"
#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace sluice;
using namespace sluice::spec;

namespace {

NewSpec spec_of(const Reading& reading) {
  return {reading.spec->name, reading.spec->platform, reading.spec->resources};
}

/// "address field: value" of every field, and what is ignored or protected, a line each.
std::string story(const std::vector<Resource>& resources) {
  std::string text;
  for (const Resource& resource : resources) {
    text += resource.address.text() + " " + resource.kind + (resource.protect ? " protected" : "");
    for (const std::string& field : resource.ignore)
      text += " ignores " + field;
    text += "\n";
    for (const auto& [field, value] : resource.fields)
      text += "  " + field + ": " + value.dump() + "\n";
  }
  return text;
}

/// Writes what was read, reads it again, and gives what came back.
std::string again(const Reading& reading, std::string* written = nullptr) {
  const std::string text = spec_text(spec_of(reading), test_catalogue());
  if (written != nullptr) *written = text;
  const Reading back = read(text);
  if (!back.spec) return "does not read: " + back.text() + text;
  CHECK(back.spec->name == reading.spec->name);
  CHECK(back.spec->platform.sandbox == reading.spec->platform.sandbox);
  CHECK(back.spec->platform.endpoint == reading.spec->platform.endpoint);
  CHECK(back.spec->platform.ims == reading.spec->platform.ims);
  return story(back.spec->resources);
}

/// Pieces that mean something in YAML or in the language, and some that mean nothing.
constexpr std::array kPieces = {"a",
                                "Z9",
                                "_",
                                " ",
                                "  ",
                                ":",
                                ": ",
                                " #",
                                "#",
                                "- ",
                                "-",
                                "?",
                                "[",
                                "]",
                                "{",
                                "}",
                                ",",
                                "&a",
                                "*a",
                                "!",
                                "!!str",
                                "|",
                                ">",
                                "'",
                                "\"",
                                "\\",
                                "\\n",
                                "%",
                                "@",
                                "`",
                                "~",
                                "null",
                                "true",
                                "no",
                                "1e5",
                                "0x1f",
                                "1.0",
                                "<<",
                                "=",
                                "$",
                                "${",
                                "$${",
                                "${var.x}",
                                "}",
                                "...",
                                "---",
                                "\xC3\xA9",
                                "\xE2\x80\xA8",
                                "\xEF\xBB\xBF",
                                "\xF0\x9F\x8C\x8A",
                                "\xE2\x80\xAE",
                                "12:30"};

std::string hostile(Random& random) {
  std::string text;
  const std::uint64_t pieces = 1 + random.next() % 5;
  for (std::uint64_t i = 0; i < pieces; ++i)
    text += kPieces.at(random.next() % kPieces.size());
  return text;
}

Fields hostile_fields(Random& random, std::initializer_list<const char*> names) {
  Fields fields;
  for (const char* name : names)
    fields[name] = hostile(random);
  return fields;
}

/// A pipeline whose every text is hostile; what the reader fills in is filled in.
std::vector<Resource> hostile_pipeline(Random& random) {
  const auto part = [](const char* name, const char* kind, Fields fields) {
    Resource resource;
    resource.address = {"pipelines", "no", "", name};
    resource.kind = kind;
    resource.fields = std::move(fields);
    return resource;
  };
  Fields target =
      hostile_fields(random, {"name", "description", "format", "dataset", "schema.id",
                              "schema.version", "connection_spec.id", "connection_spec.version"});
  Json row = {{"type", random.next() % 2 == 0 ? "expression" : "attribute"},
              {"source", hostile(random)},
              {"name", hostile(random)},
              {"description", hostile(random) + "\n\t" + hostile(random)}};
  Fields mapping = {{"name", hostile(random)},
                    {"rows", {{"x" + hostile(random), row}}},
                    {"schema.id", target.at("schema.id")},
                    {"schema.version", target.at("schema.version")}};
  Fields flow =
      hostile_fields(random, {"name", "description", "flow_spec.id", "flow_spec.version"});
  flow["source"] = ref("pipelines.no.source.id");
  flow["target"] = ref("pipelines.no.target.id");
  flow["mapping.id"] = ref("pipelines.no.mapping.id");
  flow["mapping.version"] = ref("pipelines.no.mapping.version");
  if (random.next() % 2 == 0) flow["state"] = "disabled";
  return {part("flow", "flow", flow), part("mapping", "mappingSet", mapping),
          part("source", "sourceConnection",
               hostile_fields(random, {"name", "description", "format", "provider_id",
                                       "connection_spec.id", "connection_spec.version"})),
          part("target", "targetConnection", target)};
}

}  // namespace

TEST_CASE("spec_text: it is what a person would have written") {
  const Reading reading = read(
      "sluice: 1\nname: taken\nplatform: {sandbox: dev}\npipelines:\n  events:\n"
      "    source: {connector: customer.io, name: Events in}\n"
      "    target: {name: Events out, dataset: 63ec80, schema: {id: 'https://ns/s', version: 1}}\n"
      "    mapping: {name: Rows, rows: [{source: a, destination: _t.a}, "
      "{expression: 'lower(b)', destination: _t.b, name: B}]}\n"
      "    flow: {name: Events, state: disabled}\n");
  REQUIRE(reading.spec);
  CHECK(spec_text(spec_of(reading), test_catalogue()) ==
        R"(sluice: 1
name: taken

platform:
  sandbox: dev

pipelines:
  events:
    source:
      connector: customer.io
      name: Events in
    target:
      name: Events out
      dataset: "63ec80"
      schema: {id: "https://ns/s", version: 1}
    mapping:
      name: Rows
      rows:
        - {source: a, destination: _t.a}
        - {expression: lower(b), destination: _t.b, name: B}
    flow:
      name: Events
      state: disabled
)");
}

TEST_CASE("spec_text: what differs from the connector is given in full, and the rest left to it") {
  const auto written = [](const std::string& source, const std::string& target,
                          const std::string& flow) {
    Lines lines;
    lines.source = source;
    lines.target = target;
    lines.flow = flow;
    const Reading reading = read(spec_text(lines));
    REQUIRE(reading.spec);
    std::string text;
    CHECK(again(reading, &text) == story(reading.spec->resources));
    return text;
  };
  const std::string target = "{dataset: d, schema: {id: s}}";
  const std::string other = written(
      "{connector: customer.io, connection_spec: {id: cio, "
      "version: '2.0'}}",
      target, "{}");
  CHECK(other.find("connector: customer.io") != std::string::npos);
  CHECK(other.find("connection_spec: {id: cio, version: 2.0}") != std::string::npos);
  CHECK(other.find("provider_id") == std::string::npos);
  // Another specification of the flow: no connector fits, and the source is given in full.
  const std::string full =
      written("{connector: customer.io}", target, "{flow_spec: {id: batch, version: '1.0'}}");
  CHECK(full.find("connector") == std::string::npos);
  CHECK(full.find("connection_spec: {id: cio, version: 1.0}") != std::string::npos);
  CHECK(full.find("provider_id: provider") != std::string::npos);
  CHECK(full.find("flow_spec: {id: batch, version: 1.0}") != std::string::npos);
  // Another lake, another format.
  const std::string lake = written(
      "{connector: customer.io}",
      "{dataset: d, schema: {id: s}, format: parquet_xdm, connection_spec: {id: l, version: 1}}",
      "{}");
  CHECK(lake.find("format: parquet_xdm") != std::string::npos);
  CHECK(lake.find("connection_spec: {id: l, version: 1}") != std::string::npos);
}

TEST_CASE("spec_text: the place is said as far as it is known") {
  Lines lines;
  lines.rest =
      "platform: {endpoint: 'https://platform-stage.adobe.io', ims: 'http://127.0.0.1:1', "
      "sandbox: dev}\n";
  const Reading reading = read(spec_text(lines));
  REQUIRE(reading.spec);
  CHECK(again(reading) == story(reading.spec->resources));
}

TEST_CASE("spec_text: protection and what people may change are kept") {
  Lines lines;
  lines.rest = "    lifecycle: {protect: true, ignore: [flow.description, target.format]}\n";
  const Reading reading = read(spec_text(lines));
  REQUIRE(reading.spec);
  CHECK(again(reading) == story(reading.spec->resources));
}

TEST_CASE("spec_text: no text is taken for anything but itself") {
  test::SeededRandom random{11};
  for (int i = 0; i < 3000; ++i) {
    NewSpec spec{"n", {{}, {}, hostile(random)}, hostile_pipeline(random)};
    const std::string text = spec_text(spec, test_catalogue());
    const Reading back = read(text);
    INFO(text);
    INFO(back.text());
    REQUIRE(back.spec);
    REQUIRE(back.spec->platform.sandbox == spec.platform.sandbox);
    REQUIRE(story(back.spec->resources) == story(spec.resources));
  }
}

TEST_CASE("fitting_preset: both specifications must be the connector's") {
  const Catalogue catalogue = test_catalogue();
  const Fields source = {{"connection_spec.id", "cio"}};
  CHECK(fitting_preset(source, {{"flow_spec.id", "streaming"}}, catalogue).name == "customer.io");
  CHECK(fitting_preset(source, {{"flow_spec.id", "batch"}}, catalogue).name.empty());
  CHECK(fitting_preset({}, {{"flow_spec.id", "streaming"}}, catalogue).name.empty());
}

TEST_CASE("environments_in: their names, whatever else is wrong") {
  const std::vector<std::string> both = {"dev", "prod"};
  CHECK(environments_in({"a.yaml", "name: n\nenvironments: {dev: {}, prod: 5}\nx: y\n"}) == both);
  CHECK(environments_in({"a.yaml", "environments: [dev]\n"}).empty());
  CHECK(environments_in({"a.yaml", "name: n\n"}).empty());
}

TEST_CASE("name_in: the name at the top, and nothing where there is none") {
  CHECK(name_in({"a.yaml", "sluice: 1\nname: n\n"}) == "n");
  CHECK(name_in({"a.yaml", "pipelines: {name: x}\n"}).empty());
  CHECK(name_in({"a.yaml", "name: [\n"}).empty());
  CHECK(name_in({"a.yaml", ""}).empty());
}
