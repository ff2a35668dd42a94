// Pipelines that stand for several instances.

#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

std::string with(const std::string& for_each, const std::string& description = "x") {
  return spec_text(
      {.flow = "{description: '" + description + "'}", .rest = "    for_each: " + for_each + "\n"});
}

}  // namespace

TEST_CASE("for_each: a list gives an instance for each text") {
  const Reading reading = read(with("[brand-a, 'b}. ]']", "${each.key}/${each.value}"));
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  CHECK(reading.spec->resources.size() == 8);
  const Resource& flow = reading.resource("pipelines.p[\"brand-a\"].flow");
  CHECK(flow.address == Address{"pipelines", "p", "brand-a", "flow"});
  CHECK(flow.fields.at("name") == "n p brand-a flow");
  CHECK(flow.fields.at("description") == "brand-a/brand-a");
  CHECK(flow.fields.at("source") == ref("pipelines.p[\"brand-a\"].source.id"));
  CHECK(flow.fields.at("mapping.version") == ref("pipelines.p[\"brand-a\"].mapping.version"));
  const Resource& odd = reading.resource("pipelines.p[\"b}. ]\"].flow");
  CHECK(odd.fields.at("target") == ref("pipelines.p[\"b}. ]\"].target.id"));
  CHECK(odd.needs().size() == 3);
}

TEST_CASE("for_each: a map gives each instance its texts") {
  const Reading reading =
      read(kHead +
           "variables: {v: {default: var}}\n"
           "pipelines:\n"
           "  p:\n"
           "    for_each:\n"
           "      a: {dataset: d1, deep: {er: '${var.v}'}}\n"
           "      b: {dataset: d2, deep: {er: two}}\n"
           "    source: {connector: customer.io, description: '${each.value.deep.er}'}\n"
           "    target: {dataset: '${each.value.dataset}', schema: {id: s}}\n"
           "    mapping: [{source: a, destination: 'x.${each.key}'}]\n"
           "  q:\n"
           "    for_each: {k: text}\n"
           "    source: {connector: customer.io, description: '${each.value}'}\n"
           "    target: {dataset: d, schema: {id: s}}\n"
           "    mapping: [{source: a, destination: b}]\n");
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  CHECK(reading.resource("pipelines.p[\"a\"].source").fields.at("description") == "var");
  CHECK(reading.resource("pipelines.p[\"b\"].source").fields.at("description") == "two");
  CHECK(reading.resource("pipelines.p[\"b\"].target").fields.at("dataset") == "d2");
  CHECK(reading.resource("pipelines.p[\"a\"].mapping").fields.at("rows").contains("x.a"));
  CHECK(reading.resource("pipelines.q[\"k\"].source").fields.at("description") == "text");
}

TEST_CASE("for_each: references name an instance, and inside a pipeline mean its own") {
  const Reading reading = read(with("[a, b]", "${pipelines.p.source.id}") +
                               "outputs:\n  o: {value: '${pipelines.p[\"b\"].flow.inlet_url}'}\n");
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  CHECK(reading.spec->outputs.at("o").value == ref("pipelines.p[\"b\"].flow.inlet_url"));
  CHECK(reading.resource("pipelines.p[\"a\"].flow").fields.at("description") ==
        ref("pipelines.p[\"a\"].source.id"));
}

TEST_CASE("for_each: an empty list makes nothing") {
  const Reading reading = read(with("[]"));
  REQUIRE(reading.spec);
  CHECK(reading.spec->resources.empty());
}

TEST_CASE("for_each: wrong keys and values are named") {
  const std::string where =
      " | It stands in addresses, such as `pipelines.events[\"brand-a\"].flow`.\n";
  CHECK(read(with("['', 'a\"b']")).text() == "9:16 The key `` of `for_each` is empty" + where +
                                                 "9:20 The key `a\"b` of `for_each` holds a "
                                                 "quote" +
                                                 where);
  const std::string most(128, 'a');
  CHECK(read(with("[" + most + "]")).spec);
  CHECK(read(with("[" + most + "a]")).text() == "9:16 The key `" + std::string(80, 'a') +
                                                    "...` of `for_each` is longer than 128 "
                                                    "bytes" +
                                                    where);
  CHECK(read(with("{\"a\\tb\": x}")).text() ==
        "9:16 The key `a?b` of `for_each` holds a control character" + where);
  CHECK(read(with("[a, b, a]")).text() ==
        "9:22 The key `a` is in `for_each` twice | It is first at a.yaml:9:16.\n");
  CHECK(read(with("x")).text() ==
        "9:15 `for_each` is neither a list nor a map | Write `for_each: [a, b]`, or a map whose "
        "values are texts or maps of texts.\n");
  CHECK(read(with("{a: [x]}")).text() ==
        "9:19 `a` must be text and is a list | A text that begins with a bracket or a brace needs "
        "quotes.\n");
  CHECK(read(with("{a: {b.c: x}}")).text() ==
        "9:20 `b.c` cannot be a word of `each.value` | A word has no dots, braces or quotes.\n");
  CHECK(read(with("['${pipelines.p.flow.id}']")).text().find("has `for_each`") ==
        std::string::npos);
}

TEST_CASE("for_each: wrong uses of each and of instances are named, once for all instances") {
  CHECK(read(spec_text({.flow = "{description: '${each.key}'}"})).text() ==
        "8:25 `${each.key}` stands outside a `for_each` | Only a pipeline with `for_each`, and "
        "`defaults` that such a pipeline uses, may use `each`.\n");
  CHECK(read(with("[a, b]", "${each.name}")).text() ==
        "8:25 `${each.name}` is not a reference | Of `each` there are `each.key`, `each.value` and "
        "`each.value.PATH`.\n");
  CHECK(read(with("{a: {region: x}}", "${each.value.regio}")).text() ==
        "8:25 The value of `a` in `for_each` has no text `regio` | Did you mean `region`? "
        "Expected one of `region`.\n");
  CHECK(read(with("{a: {region: x}}", "${each.value}")).text() ==
        "8:25 The value of `a` in `for_each` is a map | Name one of its texts, such as "
        "`each.value.PATH`.\n");
  CHECK(read(with("[a, b]", "x") + "outputs:\n  o: {value: '${pipelines.p.flow.id}'}\n").text() ==
        "11:14 Pipeline `p` has `for_each` | Say which instance: `pipelines.p[\"a\"]`.\n");
  CHECK(read(with("[abc, b]", "${pipelines.p[\"abd\"].source.id}")).text() ==
        "8:25 Pipeline `p` has no instance `abd` | Did you mean `abc`? Expected one of `abc`, "
        "`b`.\n");
  CHECK(read(spec_text({.flow = "{description: '${pipelines.p[\"a\"].source.id}'}"})).text() ==
        "8:25 Pipeline `p` has no `for_each` | Refer to it as `pipelines.p`.\n");
}
