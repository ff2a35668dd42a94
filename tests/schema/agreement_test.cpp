// Holds docs/spec.schema.json and the parser together by what they say of documents: those of this
// repository, small ones made for the purpose, and thousands that each have one thing changed.

#include "schema/language.hpp"

#include <array>

using namespace sluice;
using namespace sluice::test;

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> yaml_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What the other files of a folder hold, for a document that is not a whole spec.
std::string rest_of(const Json& document) {
  if (!document.is_object() || document.contains("sluice")) return {};
  std::string rest = spec::kHead;
  if (!document.contains("defaults")) {
    rest += "defaults: {source: {connector: lava}, target: {dataset: d, schema: {id: s}}}\n";
  }
  if (!document.contains("variables")) {
    rest += "variables: {sandbox: {default: dev}, token: {sensitive: true}}\n";
  }
  if (document.contains("moved")) {
    rest +=
        "pipelines: {events: {for_each: [brand-a], mapping: [{source: a, destination: _t.a}]}}\n";
  }
  return rest;
}

spec::Reading parse_completed(const std::string& text, const Json& document) {
  const std::string rest = rest_of(document);
  if (rest.empty()) return parse({{"a.yaml", text}});
  return parse({{"a.yaml", text}, {"rest.yaml", rest}});
}

/// The blocks of YAML in a page.
std::vector<std::string> examples_in(const fs::path& page) {
  constexpr std::string_view kOpen = "```yaml\n";
  const std::string text = read_text(page);
  std::vector<std::string> examples;
  for (std::size_t at = text.find(kOpen); at != std::string::npos; at = text.find(kOpen, at + 1)) {
    const std::size_t begin = at + kOpen.size();
    examples.push_back(text.substr(begin, text.find("```", begin) - begin));
  }
  return examples;
}

struct Case {
  std::string title;
  std::string text;
};

/// What both say of some documents.
struct Verdicts {
  std::vector<Case> cases;
  std::vector<std::string> schema;
  std::vector<std::string> parser;  ///< Empty when it accepts the document.
};

Verdicts verdicts_of(const std::vector<Case>& cases) {
  Verdicts result;
  result.cases = cases;
  std::vector<Json> documents;
  for (const Case& each : cases) {
    const std::optional<Json> document = editor_view(each.text);
    REQUIRE_MESSAGE(document, each.title);
    documents.push_back(*document);
    result.parser.push_back(parse_completed(each.text, *document).text());
  }
  result.schema = schema_verdicts(documents);
  return result;
}

Case pipeline(const std::string& title, const spec::Lines& lines) {
  return {title, spec::spec_text(lines)};
}

Case rest(const std::string& title, const std::string& lines) {
  return {title, spec::kHead + lines + "\n"};
}

/// Both refuse these.
std::vector<Case> bad_pipelines() {
  return {
      pipeline("no mapping", {.mapping = ""}),
      pipeline("a misspelt key", {.source = "{conector: customer.io}"}),
      pipeline("an unknown connector", {.source = "{connector: customerio}"}),
      pipeline("an account that is a map", {.source = "{connector: lava, account: {id: a}}"}),
      pipeline("an empty name", {.source = "{connector: lava, name: \"\"}"}),
      pipeline("a name of two lines", {.source = "{connector: lava, name: \"a\\nb\"}"}),
      pipeline("a name that ends a line", {.source = "{connector: lava, name: \"a\\n\"}"}),
      pipeline("a connection spec that is a text", {.source = "{connection_spec: 9647}"}),
      pipeline("a connection spec without id", {.source = "{connection_spec: {version: 1.0}}"}),
      pipeline("a schema that is a text", {.target = "{dataset: d, schema: s}"}),
      pipeline("a schema that is a dataset", {.target = "{dataset: d, schema: \"${datasets.d}\"}"}),
      pipeline("a dataset without a value", {.target = "{dataset: , schema: {id: s}}"}),
      pipeline("no rows", {.mapping = "[]"}),
      pipeline("a mapping without rows", {.mapping = "{name: m}"}),
      pipeline("a mapping of nothing", {.mapping = "~"}),
      pipeline("a row that is a text", {.mapping = "[a]"}),
      pipeline("a row without a destination", {.mapping = "[{source: a}]"}),
      pipeline("a row without an origin", {.mapping = "[{destination: b}]"}),
      pipeline("a row with two origins", {.mapping = "[{source: a, static: b, destination: c}]"}),
      pipeline("a destination that begins with $", {.mapping = "[{source: a, destination: $b}]"}),
      pipeline("another state", {.flow = "{state: paused}"}),
      pipeline("a flow that is a list", {.flow = "[]"}),
      pipeline("a text that protects", {.rest = "    lifecycle: {protect: yes}\n"}),
      pipeline("nothing to ignore", {.rest = "    lifecycle: {ignore: }\n"}),
      pipeline("data loss of a pipeline", {.rest = "    lifecycle: {allow_data_loss: true}\n"}),
      pipeline("for_each over a text", {.rest = "    for_each: a\n"}),
      pipeline("for_each over one key twice", {.rest = "    for_each: [a, a]\n"}),
      pipeline("a quote in an instance's key", {.rest = "    for_each: ['a\"b']\n"}),
      pipeline("a list in for_each", {.rest = "    for_each: {a: [b]}\n"}),
      pipeline("a word with a dot", {.rest = "    for_each: {a: {b.c: d}}\n"}),
  };
}

std::vector<Case> bad_rests() {
  return {
      {"another version", "sluice: 2\nname: n\n"},
      {"a name and no version", "name: n\n"},
      {"a list", "- sluice: 1\n"},
      {"a name with a capital", "sluice: 1\nname: Events\n"},
      {"a name that is too long", "sluice: 1\nname: " + std::string(64, 'a') + "\n"},
      rest("a section that there is not", "pipeline: {}"),
      rest("a section that is a list", "pipelines: []"),
      rest("a key with a capital", "outputs: {Url: {value: a}}"),
      rest("a host of somebody else", "platform: {endpoint: \"https://adobe.io.example.com\"}"),
      rest("http to Adobe", "platform: {ims: \"http://ims-na1.adobelogin.com\"}"),
      rest("a URL with a path", "platform: {endpoint: \"https://platform.adobe.io/data\"}"),
      rest("a variable that is a text", "variables: {v: dev}"),
      rest("a default with a reference",
           "variables: {a: {default: b}, v: {default: \"${var.a}\"}}"),
      rest("a secret in the spec", "variables: {v: {sensitive: true, default: hush}}"),
      rest("a variable of another type", "variables: {v: {type: integer, default: 1}}"),
      rest("nothing allowed", "variables: {v: {default: a, allowed: []}}"),
      rest("an environment called local", "environments: {local: {}}"),
      rest("rows of defaults", "defaults: {mapping: {rows: []}}"),
      rest("an output that is a text", "outputs: {o: a}"),
      rest("an output without a value", "outputs: {o: {sensitive: true}}"),
      rest("an account for nothing", "accounts: {a: {name: n}}"),
      rest("params without a spec", "accounts: {a: {connector: http-api, auth: {params: {}}}}"),
      rest("a secret's version 0", "accounts: {a: {connector: http-api, secrets_version: 0}}"),
      rest("a parameter that is a list",
           "accounts: {a: {connector: http-api, auth: {spec: s, params: {p: [a]}}}}"),
      rest("a dataset without a schema", "datasets: {d: {name: n}}"),
      rest("a dataset's profile that is a text", "datasets: {d: {schema: {id: s}, profile: on}}"),
      rest("a field without a type", "schemas: {s: {fields: {f: {title: t}}}}"),
      rest("a field of another type", "schemas: {s: {fields: {f: {type: text}}}}"),
      rest("a field with _ in front", "schemas: {s: {fields: {_f: {type: string}}}}"),
      rest("an object without properties", "schemas: {s: {fields: {f: {type: object}}}}"),
      rest("an array with properties",
           "schemas: {s: {fields: {f: {type: array, items: {type: string}, properties: {}}}}}"),
      rest("a text with items", "schemas: {s: {fields: {f: {type: string, items: {}}}}}"),
      rest("a date with a format", "schemas: {s: {fields: {f: {type: date, format: date}}}}"),
      rest("a minimum that is a word", "schemas: {s: {fields: {f: {type: number, minimum: a}}}}"),
      rest("an identity without a namespace",
           "schemas: {s: {fields: {f: {type: string, identity: {primary: true}}}}}"),
      rest("a move without an end", "moved: [{from: pipelines.a}]"),
      rest("a move from no address", "moved: [{from: pipeline.a, to: pipelines.b}]"),
      rest("a removal that destroys", "removed: [{address: pipelines.a, destroy: true}]"),
      rest("a removal that does not say", "removed: [{address: pipelines.a}]"),
  };
}

/// What a schema cannot say, and only the parser refuses: what refers to something else, what
/// another file may hold, and how a value that is not text was written.
std::vector<Case> only_parser() {
  return {
      {"no name", "sluice: 1\n"},
      {"a version that is written otherwise", "sluice: 1.0\nname: n\n"},
      pipeline("no source, which defaults may give", {.source = ""}),
      pipeline("no connector, which defaults may give", {.source = "{name: n}"}),
      pipeline("no schema, which the dataset may give", {.target = "{dataset: d}"}),
      pipeline("a variable that there is not", {.source = "{connector: \"${var.v}\"}"}),
      pipeline("what is no reference", {.source = "{connector: lava, name: \"${vars.v}\"}"}),
      pipeline("a reference that is not closed", {.source = "{connector: lava, name: \"${var\"}"}),
      pipeline("each without for_each", {.source = "{connector: lava, name: \"${each.key}\"}"}),
      pipeline("an URL that no plan knows",
               {.target = "{dataset: \"${pipelines.p.flow.inlet_url}\", schema: {id: s}}"}),
      pipeline("a loop", {.source = "{connector: lava, description: \"${pipelines.p.flow.id}\"}"}),
      pipeline("one destination twice",
               {.mapping = "[{source: a, destination: c}, {source: b, destination: c}]"}),
      pipeline("`True`, which is text", {.rest = "    lifecycle: {protect: True}\n"}),
      pipeline("one key twice, written in two ways", {.rest = "    for_each: [1, \"1\"]\n"}),
      rest("a value that is not allowed", "variables: {v: {default: a, allowed: [b]}}"),
      rest("a value that is no number", "variables: {v: {type: number, default: a}}"),
      rest("a pattern that is none", "variables: {v: {default: a, pattern: \"(\"}}"),
      rest("a variable without a value", "variables: {v: {}}"),
      rest("an undeclared variable", "environments: {prod: {variables: {v: a}}}"),
      rest("a port that there is not", "platform: {endpoint: \"https://a.adobe.io:70000\"}"),
      rest("a secret without a version",
           "variables: {token: {sensitive: true}}\n"
           "accounts: {a: {connector: http-api, auth: {spec: s, params: {p: \"${var.token}\"}}}}"),
      rest("a connector that needs no account", "accounts: {a: {connector: lava}}"),
      rest("an unknown field to ignore",
           "datasets: {d: {schema: {id: s}, lifecycle: {ignore: [nme]}}}"),
      rest("two primary identities",
           "schemas: {s: {fields: {a: {type: string, identity: {namespace: A, primary: true}}, "
           "b: {type: string, identity: {namespace: B, primary: true}}}}}"),
      rest("an identity in an array",
           "schemas: {s: {fields: {f: {type: array, items: {type: string, "
           "identity: {namespace: A}}}}}}"),
      rest("a word among numbers", "schemas: {s: {fields: {f: {type: number, enum: [a]}}}}"),
      rest("a move to what is not there", "moved: [{from: pipelines.a, to: pipelines.b}]"),
  };
}

/// What errors say that only the parser can find. Each stands for a rule that no schema has words
/// for: what refers to another place, and what another file may hold.
constexpr std::array kOnlyParser = {
    "The spec has no `name`",
    "The spec does not say which version",
    "has no `source`",
    "has no `target`",
    "has no `connector`",
    "`profile: true`, and its schema has not",
    "A schema without a primary identity",
    "has no `connection_spec",
    "has no `account`",
    "has no `dataset`",
    "has no `schema`",
    "There is no variable",
    "There is no pipeline",
    "There is no dataset",
    "There is no schema",
    "There is no account",
    "has no value",  // Of a variable.
    "The value `",
    "is not a pattern",
    "A `${` is never closed",
    "stands outside a `for_each`",
    "has `for_each`",
    "of `each.value`",
    "in `for_each` twice",  // As 1 and as "1".
    "in `for_each` has no text",
    "in `for_each` is a map",
    "have the same name",
    "is mapped twice",
    "is defined twice",  // In another file.
    "is still in the spec",
    "is not in the spec",
    "is moved or removed twice",
    "cannot become",
    "is not a field of `",
    "two primary identities",
    "and has `identity`",
    "which is not a number",
    "uses a secret and has no",
    "is sensitive and used here",
    "besides",
};

bool is_only_parsers(const std::string& errors) {
  return std::any_of(kOnlyParser.begin(), kOnlyParser.end(), [&errors](const char* words) {
    return errors.find(words) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("schema: accepts and refuses the specs of this repository as the parser does") {
  std::vector<Case> cases;
  for (const char* folder : {"specs", "tests"}) {
    for (const fs::path& file : yaml_files(kRoot / folder)) {
      const std::string text = read_text(file);
      // A file of values is no spec, and what is not YAML has no view.
      const bool is_values = file.filename() == "values.yaml" || file.filename() == "secrets.yaml";
      if (is_values || !editor_view(text)) continue;
      cases.push_back({fs::relative(file, kRoot).string(), text});
    }
  }
  for (const char* page : {"docs/spec.md", "README.md"}) {
    for (const std::string& example : examples_in(kRoot / page))
      cases.push_back({std::string(page) + ":\n" + example, example});
  }
  CHECK(cases.size() > 15);
  const Verdicts verdicts = verdicts_of(cases);
  for (std::size_t at = 0; at < cases.size(); ++at) {
    const bool agree = verdicts.schema[at].empty()
                           ? verdicts.parser[at].empty() || is_only_parsers(verdicts.parser[at])
                           : !verdicts.parser[at].empty();
    CHECK_MESSAGE(agree, cases[at].title, "\nschema: ", verdicts.schema[at],
                  "\nparser: ", verdicts.parser[at]);
  }
}

TEST_CASE("schema: refuses what the parser refuses, but for what no schema can say") {
  std::vector<Case> cases = bad_pipelines();
  for (const Case& each : bad_rests())
    cases.push_back(each);
  const std::size_t refused_by_both = cases.size();
  for (const Case& each : only_parser())
    cases.push_back(each);
  const Verdicts verdicts = verdicts_of(cases);
  for (std::size_t at = 0; at < cases.size(); ++at) {
    CHECK_MESSAGE(!verdicts.parser[at].empty(), cases[at].title, ": the parser accepts it");
    CHECK_MESSAGE(verdicts.schema[at].empty() == (at >= refused_by_both), cases[at].title, ": ",
                  verdicts.schema[at]);
  }
}

namespace {

/// One thing changed in a document.
struct Mutant {
  std::string change;
  Json document;
};

void collect_places(const Json& value, const Json::json_pointer& at,
                    std::vector<Json::json_pointer>& places) {
  places.push_back(at);
  if (!value.is_structured()) return;
  for (const auto& [key, item] : value.items()) {
    if (value.is_array()) {
      collect_places(item, at / std::stoul(key), places);
    } else {
      collect_places(item, at / key, places);
    }
  }
}

void erase(Json& document, const Json::json_pointer& place) {
  Json& parent = document.at(place.parent_pointer());
  if (parent.is_array()) {
    parent.erase(std::stoul(place.back()));
  } else {
    parent.erase(place.back());
  }
}

std::vector<Mutant> mutants_of(const Json& document) {
  const std::vector<Json> replacements = {
      nullptr,        "",           "qqq",         "a\nb",         7,
      -1.5,           true,         Json::array(), Json::object(), Json::array({"qqq"}),
      {{"qqq", "a"}}, {{"id", "a"}}};
  std::vector<Json::json_pointer> places;
  collect_places(document, Json::json_pointer(), places);
  std::vector<Mutant> mutants;
  const auto add = [&](const Json::json_pointer& place, const std::string& what, Json changed) {
    mutants.push_back({place.to_string() + " " + what, std::move(changed)});
  };
  for (const Json::json_pointer& place : places) {
    for (const Json& replacement : replacements) {
      Json changed = document;
      changed.at(place) = replacement;
      add(place, "is " + replacement.dump(), std::move(changed));
    }
    if (document.at(place).is_object()) {
      Json changed = document;
      changed.at(place)["qqq"] = "a";
      add(place, "has another key", std::move(changed));
    }
    if (document.at(place).is_array() && !document.at(place).empty()) {
      Json changed = document;
      changed.at(place).push_back(changed.at(place).front());
      add(place, "has its first item twice", std::move(changed));
    }
    if (!place.empty()) {
      Json changed = document;
      erase(changed, place);
      add(place, "is left out", std::move(changed));
    }
  }
  return mutants;
}

/// Whether the changed value is one that a reference puts in at another place, where it may be
/// wrong.
bool is_put_in_elsewhere(const std::string& change) {
  return change.find("/for_each/") != std::string::npos ||
         change.find("/variables/") != std::string::npos;
}

}  // namespace

TEST_CASE("schema: says of each thing that can be changed in a spec what the parser says") {
  std::vector<Mutant> mutants;
  for (const fs::path& file : yaml_files(kRoot / "tests" / "schema" / "specs")) {
    for (Mutant& mutant : mutants_of(editor_view(read_text(file)).value())) {
      mutant.change = file.filename().string() + mutant.change;
      mutants.push_back(std::move(mutant));
    }
  }
  CHECK(mutants.size() > 3000);
  std::vector<Json> documents;
  for (const Mutant& mutant : mutants)
    documents.push_back(mutant.document);
  const std::vector<std::string> of_schema = schema_verdicts(documents);
  int refused_by_both = 0;
  for (std::size_t at = 0; at < mutants.size(); ++at) {
    const Json& document = mutants[at].document;
    const std::string of_parser = parse_completed(document.dump(1), document).text();
    if (!of_schema[at].empty() && !of_parser.empty()) ++refused_by_both;
    CHECK_MESSAGE((of_schema[at].empty() || !of_parser.empty()), mutants[at].change,
                  ": only the schema refuses it: ", of_schema[at]);
    const bool explained = is_put_in_elsewhere(mutants[at].change) || is_only_parsers(of_parser);
    CHECK_MESSAGE((of_parser.empty() || !of_schema[at].empty() || explained), mutants[at].change,
                  ": only the parser refuses it: ", of_parser);
  }
  CHECK(refused_by_both > 1500);
}
