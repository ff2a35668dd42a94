// Where the values of variables come from: environments, files of values, and what is secret.

#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

constexpr const char* kTwo = R"(sluice: 1
name: n
platform: {sandbox: '${var.s}'}
variables:
  s: {default: dev}
environments:
  stage: {variables: {s: stage}}
  prod: {variables: {s: prod}, protect: true, description: The one that counts}
)";

constexpr const char* kSecret = "sluice: 1\nname: n\nvariables:\n  pw: {sensitive: true}\n";

Options chosen(const std::string& name) {
  Options options;
  options.environment_name = name;
  return options;
}

Options with_file(const std::string& text) {
  Options options;
  options.var_files = {{"v.yaml", text}};
  return options;
}

/// Errors that must not give the secret `hunter2` away, not even in the line that they show.
std::string discreet(const std::string& text, const Options& options) {
  const Reading reading = read(text, options);
  for (const Diagnostic& error : reading.errors) {
    const std::string all = error.summary + error.detail + error.excerpt;
    CHECK_MESSAGE(all.find("hunter2") == std::string::npos, all);
  }
  return reading.text();
}

}  // namespace

TEST_CASE("environments: the chosen one's values win over defaults") {
  const Reading none = read(kTwo);
  REQUIRE(none.spec);
  CHECK(none.spec->platform.sandbox == "dev");
  CHECK(none.spec->environment.name.empty());
  CHECK_FALSE(none.spec->environment.protect);

  const Reading prod = read(kTwo, chosen("prod"));
  REQUIRE(prod.spec);
  CHECK(prod.spec->platform.sandbox == "prod");
  CHECK(prod.spec->environment.name == "prod");
  CHECK(prod.spec->environment.protect);
  CHECK(prod.spec->variables.at("s").origin == Origin::spec_environment);
  CHECK_FALSE(read(kTwo, chosen("stage")).spec.value().environment.protect);
}

TEST_CASE("environments: each source of a value is stronger than the one before") {
  Options options = chosen("prod");
  options.var_files = {{"1.yaml", "s: one\n"}, {"2.yaml", "s: two\n"}};
  const auto value = [&options] { return read(kTwo, options).spec.value().variables.at("s"); };
  CHECK(value().text == "two");
  CHECK(value().origin == Origin::var_file);
  options.environment = {{"s", "env"}};
  CHECK(value().text == "env");
  CHECK(value().origin == Origin::environment);
  options.flags = {{"s", "flag"}};
  CHECK(value().text == "flag");
  CHECK(value().origin == Origin::flag);
}

TEST_CASE("environments: mistakes are named, in those that are not chosen too") {
  CHECK(read(kTwo, chosen("prd")).text() ==
        "0:0 --env `prd` names no environment of the spec | Did you mean `prod`? Expected one of "
        "`prod`, `stage`.\n");
  CHECK(read(kHead, chosen("prod")).text() ==
        "0:0 --env `prod` names no environment of the spec | The spec declares no "
        "environments.\n");
  CHECK(read(kHead + "variables: {s: {default: x}}\nenvironments:\n  e: {variables: {z: y}}\n")
            .text() == "5:19 There is no variable `z` | Did you mean `s`? Expected one of `s`.\n");
  CHECK(read(kHead + "variables: {s: {default: x}}\nenvironments:\n  e: {variables: {s: [y]}}\n")
            .text() ==
        "5:22 `s` must be text and is a list | A text that begins with a bracket or a brace needs "
        "quotes.\n");
  CHECK(read(kHead + "environments:\n  e: {protected: true}\n").text() ==
        "4:7 `protected` is not a key of an environment | Did you mean `protect`? Expected one of "
        "`variables`, `protect`, `description`.\n");
}

TEST_CASE("variables: a file of values is held to the declarations, and its lines stay hidden") {
  const Reading reading = read(kTwo, with_file("z: hunter2\ns: {a: b}\n"));
  CHECK(reading.text() ==
        "1:1 There is no variable `z` | Did you mean `s`? Expected one of `s`.\n"
        "2:4 `s` must be text and is a map | A text that begins with a bracket or a brace needs "
        "quotes.\n");
  CHECK(reading.errors[0].where.file == "v.yaml");
  CHECK(reading.errors[0].excerpt.empty());
  CHECK(read(kTwo, with_file("- x\n")).text() ==
        "1:1 Expected a file of values, which is a map, and found a list | Write it as `key: "
        "value` lines, indented below its name.\n");
}

TEST_CASE("variables: a value looks like its type and stays text") {
  const auto errors = [](const std::string& variable) {
    return read(kHead + "variables:\n  v: " + variable + "\n").text();
  };
  for (const char* good : {"0", "-1.5", "1e5", "12"})
    CHECK(errors("{type: number, default: " + std::string(good) + "}").empty());
  CHECK(errors("{type: boolean, default: false}").empty());
  CHECK(errors("{type: string, default: false}").empty());
  CHECK(read(kHead + "variables: {v: {type: number, default: 1e5}}\n")
            .spec.value()
            .variables.at("v")
            .text == "1e5");
  for (const std::string bad : {"010", "x", "1.", "NaN", "' 1'"}) {
    const std::string text = bad == "' 1'" ? " 1" : bad;
    CHECK(errors("{type: number, default: " + bad + "}") ==
          "4:30 The value `" + text +
              "` of variable `v`, from its default, is not a number | Write it in decimal, such "
              "as `12` or `0.5`.\n");
  }
  CHECK(errors("{type: boolean, default: yes}") ==
        "4:31 The value `yes` of variable `v`, from its default, is not a boolean | Write `true` "
        "or `false`.\n");
  CHECK(errors("{type: bolean, default: x}") ==
        "4:13 A variable cannot be a `bolean` | Did you mean `boolean`? Expected one of `string`, "
        "`number`, `boolean`.\n");
}

TEST_CASE("variables: a sensitive one comes from where others do not see it") {
  Options options;
  options.environment = {{"pw", "hunter2"}};
  const Reading reading = read(kSecret, options);
  REQUIRE(reading.spec);
  CHECK(reading.spec->variables.at("pw").sensitive);
  CHECK(reading.spec->variables.at("pw").text == "hunter2");
  CHECK(read(kSecret, with_file("pw: hunter2\n")).spec.value().variables.at("pw").origin ==
        Origin::var_file);

  CHECK(discreet(kSecret, {{{"pw", "hunter2"}}, {}}) ==
        "0:0 --var `pw` gives the value of a sensitive variable | It would be seen in the list of "
        "processes; set SLUICE_VAR_pw or use `--var-file`.\n");
  CHECK(discreet(kSecret, {}) ==
        "4:3 Variable `pw` has no value | Give it one with SLUICE_VAR_pw or `--var-file`.\n");
  CHECK(discreet(kHead + "variables:\n  pw: {sensitive: true, default: hunter2}\n", {}) ==
        "4:25 The value of sensitive variable `pw` stands in the spec | Take it out, and give it "
        "with SLUICE_VAR_pw or `--var-file`.\n");
}

TEST_CASE("variables: no message shows a sensitive value") {
  Options options;
  options.environment = {{"pw", "hunter2"}};
  const std::string start = kHead + "variables:\n  pw: {sensitive: true, ";
  CHECK(discreet(start + "type: number}\n", options) ==
        "4:3 The value of variable `pw`, from the environment, is not a number | Write it in "
        "decimal, such as `12` or `0.5`.\n");
  CHECK(discreet(start + "allowed: [hunter3]}\n", options) ==
        "4:3 The value of variable `pw`, from the environment, is not one of those allowed | \n");
  CHECK(discreet(start + "pattern: x}\n", options) ==
        "4:3 The value of variable `pw`, from the environment, does not match the pattern `x` | "
        "The pattern must match the whole value.\n");
  CHECK(discreet(std::string(kSecret) + "platform: {sandbox: '${var.pw}'}\n", options) ==
        "5:21 Variable `pw` is sensitive and used here | A sensitive variable may be used only in "
        "an account's `auth.params`, where it stands alone.\n");
  for (const char* text : {"abc", "\xc3\xa4"}) {
    options.environment = {{"pw", text}};
    CHECK(
        discreet(kSecret, options) ==
        "4:3 The value of variable `pw`, from the environment, is shorter than 4 bytes | So short "
        "a secret stands in ordinary words, and could not be taken out of messages without them. "
        "Use a longer one, or do not call it sensitive.\n");
  }
  for (const char* text : {"", "abcd"}) {
    options.environment = {{"pw", text}};
    CHECK(discreet(kSecret, options).empty());
  }
  for (const char* text : {"pw: !hunter2\n", "pw: *hunter2\n", "pw: \"hunter2\n", "hunter2\n"})
    CHECK_FALSE(discreet(kSecret, with_file(text)).empty());
}

TEST_CASE("environments: a name must be fit for a state file of its own") {
  const auto named = [](const std::string& name, const std::string& chosen_name) {
    return read("sluice: 1\nname: n\nenvironments:\n  " + name + ": {protect: true}\n",
                chosen(chosen_name))
        .text();
  };
  CHECK(named("local", "") ==
        "4:3 An environment cannot be called `local` | The states of the embedded platform are; "
        "call it otherwise.\n");
  // The key alone is wrong; that --env fits no other is no second error.
  CHECK(named("../x", "../x") ==
        "4:3 `../x` is not a key that `environments` may have | A key is a small letter, then "
        "small letters, digits, `_` and `-`.\n");
}
