// What is said about wrong specs: where, what was seen, what to write instead.

#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

struct Wrong {
  std::string text;
  std::string expected;
};

void check(const std::vector<Wrong>& table) {
  for (const Wrong& wrong : table) {
    const Reading reading = read(wrong.text);
    CHECK_MESSAGE(reading.text() == wrong.expected, wrong.text);
    CHECK_MESSAGE(!reading.spec, wrong.text);
  }
}

constexpr const char* kRowForm =
    "A row is `{source: a.path, destination: a.path}`, or has `expression` or `static` in place of "
    "`source`.\n";

}  // namespace

TEST_CASE("read_spec: refuses what is wrong at the top of a spec") {
  check({
      {"",
       "0:0 The spec does not say which version of the language it is in | Put `sluice: 1` at its "
       "top.\n"
       "0:0 The spec has no `name` | Put `name: ...` at its top; it names the state file.\n"},
      {"sluice: 2\nname: n\n",
       "1:9 `2` is not a version of the language that this sluice reads | It reads `sluice: 1`.\n"},
      {kHead + "pipline: {}\n",
       "3:1 `pipline` is not a key of a spec | Did you mean `pipelines`? Expected one of `sluice`, "
       "`name`, `platform`, `variables`, `environments`, `defaults`, `pipelines`, `moved`, "
       "`removed`, `outputs`.\n"},
      {"sluice: 1\nname: Big\n",
       "2:7 `Big` cannot be the name of a spec | It names the state file: a small letter, then "
       "small letters, digits and `-`, at most 63 in all.\n"},
      {"sluice: 1\nname:\n",
       "2:1 `name` has no value | Give it a text, or leave the line out. The words `null` and `~` "
       "need quotes.\n"},
      {kHead + "pipelines:\n  - x\n",
       "4:3 Expected `pipelines`, which is a map, and found a list | Write it as `key: value` "
       "lines, indented below its name.\n"},
      {kHead + "pipelines:\n  Events: {}\n",
       "4:3 `Events` is not a key that `pipelines` may have | A key is a small letter, then small "
       "letters, digits, `_` and `-`.\n"},
      {kHead + "pipelines:\n  p: {}\n",
       "4:3 Pipeline `p` has no `source` | A pipeline needs `source`, `target` and `mapping`.\n"
       "4:3 Pipeline `p` has no `target` | A pipeline needs `source`, `target` and `mapping`.\n"
       "4:3 Pipeline `p` has no `mapping` | A pipeline needs `source`, `target` and `mapping`.\n"},
  });
}

TEST_CASE("read_spec: refuses by name what only the full language has") {
  const std::string by_schema =
      "Make the schema by hand and give it by its id: `schema: {id: ..., version: 1}`.\n";
  const std::string by_dataset =
      "Make the dataset by hand and give it by its id: `dataset: 63ec...`.\n";
  const std::string no_account =
      "Only sources that need no account can be described, such as `connector: customer.io`.\n";
  check({
      {kHead + "schemas: {}\n", "3:1 `schemas` is not in this version of sluice | " + by_schema},
      {kHead + "datasets: {}\n", "3:1 `datasets` is not in this version of sluice | " + by_dataset},
      {kHead + "accounts: {}\n", "3:1 `accounts` is not in this version of sluice | " + no_account},
      {spec_text({.source = "{connector: customer.io, account: x}"}),
       "5:38 `account` is not in this version of sluice | " + no_account},
      {spec_text({.target = "{dataset: '${datasets.events}', schema: {id: s}}"}),
       "6:23 `datasets` is not in this version of sluice in `${datasets.events}` | " + by_dataset},
      {spec_text({.target = "{dataset: d, schema: {id: '${schemas.events.id}'}}"}),
       "6:39 `schemas` is not in this version of sluice in `${schemas.events.id}` | " + by_schema},
      {spec_text({.source = "{connector: customer.io, description: '${accounts.web}'}"}),
       "5:51 `accounts` is not in this version of sluice in `${accounts.web}` | " + no_account},
  });
}

TEST_CASE("read_spec: refuses wrong sources, targets and flows") {
  check({
      {spec_text({.source = "{formt: json, connector: customer.io}"}),
       "5:14 `formt` is not a key of a source | Did you mean `format`? Expected one of "
       "`connector`, `name`, `description`, `format`, `connection_spec`, `provider_id`.\n"},
      {spec_text({.source = "{connector: customerio}"}),
       "5:25 There is no connector `customerio` | Did you mean `customer.io`? Expected one of "
       "`customer.io`.\n"},
      {spec_text({.source = "{name: x}"}),
       "5:5 pipelines.p.source has no `connector` | Name a `connector`, such as `customer.io`, or "
       "give `connection_spec: {id: ..., version: ...}`.\n"},
      {spec_text({.source = "{connection_spec: {id: x}}"}),
       "5:5 pipelines.p.source has no `connection_spec.version` | Write `connection_spec: {id: "
       "..., version: ...}`.\n"},
      {spec_text({.source = "{connector: customer.io, connection_spec: {version: 1}}"}),
       "5:38 `connection_spec` has no `id` | Write `connection_spec: {id: ..., version: ...}`.\n"},
      {spec_text({.source = "{connector: customer.io, name: ''}"}),
       "5:44 `name` is empty | Left out, it is `n p source`.\n"},
      {spec_text({.source = "{connector: customer.io, name: [x]}"}),
       "5:44 `name` must be text and is a list | A text that begins with a bracket or a brace "
       "needs quotes.\n"},
      {spec_text({.source = "{connector: customer.io, name: \"a\\nb\"}"}),
       "5:44 `name` holds a control character | It must be one line, without tabs. After `|` or "
       "`>`, write `|-` or `>-`, which end without a newline.\n"},
      {spec_text({.source = "{connector: customer.io, description: \"a\\eb\"}"}),
       "5:51 `description` holds a control character | Only newlines and tabs may stand in it.\n"},
      {spec_text({.target = "{schema: {id: s}}"}),
       "6:5 pipelines.p.target has no `dataset` | Give `${datasets.KEY}`, or the "
       "id of a dataset that exists.\n"},
      {spec_text({.target = "{dataset: '', schema: {id: s}}"}),
       "6:23 `dataset` is empty | Give it a text, or leave the line out.\n"},
      {spec_text({.target = "{dataset: d}"}),
       "6:5 pipelines.p.target has no `schema` | Give the schema of the dataset: `schema: {id: "
       "..., version: 1}`.\n"},
      {spec_text({.target = "{dataset: d, schema: s}"}),
       "6:34 `schema` is a text | Write `schema: {id: ..., version: ...}`.\n"},
      {spec_text({.flow = "{state: enable}"}),
       "8:19 A flow cannot be `enable` | Did you mean `enabled`? Expected one of `enabled`, "
       "`disabled`.\n"},
      {spec_text({.flow = "[]"}),
       "8:11 Expected a flow, which is a map, and found a list | Write it as `key: value` lines, "
       "indented below its name.\n"},
      {spec_text({.rest = "    lifecycle: {protect: yes}\n"}),
       "9:26 `protect` is `yes`, which is neither `true` nor `false` | Write `true` or `false`.\n"},
      {spec_text({.rest = "    lifecycle: {ignore: [flow.descripton, x]}\n"}),
       "9:26 `flow.descripton` is not a field of a pipeline | Did you mean `flow.description`?\n"
       "9:43 `x` is not a field of a pipeline | Write PART.FIELD, such as `flow.description`.\n"},
      {spec_text({.rest = "    lifecycle: {ignore: flow.name}\n"}),
       "9:25 `ignore` must be a list of fields and is text | Write one `- ` line for each.\n"},
  });
}

TEST_CASE("read_spec: refuses wrong mappings") {
  const std::string form = kRowForm;
  check({
      {spec_text({.mapping = "[]"}), "7:14 The mapping has no rows | " + form},
      {spec_text({.mapping = "{name: m}"}),
       "7:5 pipelines.p.mapping has no `rows` | Write `{name: ..., rows: [...]}`, or only the list "
       "of rows.\n"},
      {spec_text({.mapping = "x"}),
       "7:14 The mapping must be a list of rows and is text | Write one `- ` line for each.\n"},
      {spec_text({.mapping = "[x]"}), "7:15 This is not a mapping row | " + form},
      {spec_text({.mapping = "[{destination: b}]"}),
       "7:15 A row has no `source`, `expression` or `static` | " + form},
      {spec_text({.mapping = "[{source: a}]"}), "7:15 A row has no `destination` | " + form},
      {spec_text({.mapping = "[{source: '', destination: b}]"}),
       "7:24 `source` is empty | " + form},
      {spec_text({.mapping = "[{source: a, static: c, destination: b}]"}),
       "7:27 A row has `source` and `static` | " + form},
      {spec_text({.mapping = "[{source: a, destination: b}, {static: c, destination: b}]"}),
       "7:69 The destination `b` is mapped twice | It is first mapped at a.yaml:7:40.\n"},
      {spec_text({.mapping = "[{source: a, destination: $join}]"}),
       "7:40 `$join` is not a path in a schema | Write the path of a field, such as "
       "`_tenant.email`.\n"},
      {spec_text({.mapping = "[{source: a, destnation: b}]"}),
       "7:15 A row has no `destination` | " + form +
           "7:27 `destnation` is not a key of a mapping row | Did you mean `destination`? Expected "
           "one of `source`, `expression`, `static`, `destination`, `name`, `description`.\n"},
      {spec_text({.mapping = "[{source: a, destination: '${pipelines.p.flow.id}'}]"}),
       "7:40 `destination` refers to `pipelines.p.flow.id`, which is not known when a plan is made "
       "| Only variables may be used here.\n"},
  });
}

TEST_CASE("read_spec: refuses wrong outputs") {
  check({
      {kHead + "outputs:\n  o: x\n", "4:6 Output `o` is a text | Write `o: {value: ...}`.\n"},
      {kHead + "outputs:\n  o: {}\n", "4:3 Output `o` has no `value` | Write `o: {value: ...}`.\n"},
      {kHead + "outputs:\n  o: {value: x, sensitive: 1}\n",
       "4:28 `sensitive` is `1`, which is neither `true` nor `false` | Write `true` or `false`.\n"},
      {kHead + "outputs:\n  o: {value: x, secret: true}\n",
       "4:17 `secret` is not a key of an output | Expected one of `value`, `sensitive`, "
       "`description`.\n"},
  });
}

TEST_CASE("read_spec: reports every error with its line, sorted by place") {
  const Reading reading = read(
      "sluice: 1\nname: n\nplatform: {sandbx: dev}\nvariables:\n  é: {}\n  x: {default: [], "
      "é: 1}\n");
  CHECK(reading.text() ==
        "3:12 `sandbx` is not a key of `platform` | Did you mean `sandbox`? Expected one of "
        "`endpoint`, `ims`, `sandbox`.\n"
        "5:3 `é` is not a key that `variables` may have | A key is a small letter, then small "
        "letters, digits, `_` and `-`.\n"
        "6:16 `default` must be text and is a list | A text that begins with a bracket or a brace "
        "needs quotes.\n"
        "6:20 `é` is not a key of a variable | Expected one of `type`, `default`, `allowed`, "
        "`pattern`, `sensitive`, `description`.\n");
  REQUIRE(reading.errors.size() == 4);
  CHECK(reading.errors[0].excerpt == "platform: {sandbx: dev}");
  CHECK(reading.errors[0].where == SourcePos{"a.yaml", 3, 12});
  CHECK(reading.errors[3].excerpt == "  x: {default: [], é: 1}");
}

TEST_CASE("read_spec: the names of one kind differ") {
  const std::string pipelines =
      "pipelines:\n"
      "  a: {source: {connector: customer.io, name: same}, target: &t {dataset: d, schema: {id: "
      "s}},"
      " mapping: &m [{source: a, destination: b}], flow: {name: same}}\n"
      "  b: {source: {connector: customer.io, name: same}, target: *t, mapping: *m}\n";
  check({{kHead + pipelines,
          "5:46 pipelines.a.source and pipelines.b.source have the same name `same` | The other "
          "one is at a.yaml:4:46. An object whose creation was not confirmed is found by its name, "
          "so the names of one kind must differ.\n"}});
}
