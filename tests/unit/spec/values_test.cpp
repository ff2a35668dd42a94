// Variables, references and the hosts that a spec may name.

#include "spec/platform.hpp"
#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

std::string sandbox_of(const std::string& variable, const Options& options) {
  const Reading reading =
      read(kHead + "platform: {sandbox: '${var.v}'}\nvariables:\n  v: " + variable + "\n", options);
  return reading.spec ? reading.spec->platform.sandbox : reading.text();
}

}  // namespace

TEST_CASE("variables: a flag wins over the environment, and that over the default") {
  CHECK(sandbox_of("{default: d}", {}) == "d");
  CHECK(sandbox_of("{default: d}", {{}, {{"v", "e"}, {"other", "x"}}}) == "e");
  CHECK(sandbox_of("{default: d}", {{{"v", "f"}}, {{"v", "e"}}}) == "f");
  CHECK(sandbox_of("", {{{"v", "f"}}, {}}) == "f");

  const Reading reading =
      read(kHead + "variables: {v: {default: d}}\n", {{{"v", "f"}}, {{"v", "e"}}});
  REQUIRE(reading.spec);
  CHECK(reading.spec->variables.at("v").origin == Origin::flag);
}

TEST_CASE("variables: a value is a text that is not read again") {
  CHECK(sandbox_of("{default: 010}", {}) == "010");
  CHECK(sandbox_of("", {{{"v", "${var.v}$${"}}, {}}) == "${var.v}$${");
}

TEST_CASE("variables: say what is wrong with a value and where it came from") {
  CHECK(sandbox_of("{}", {}) ==
        "5:3 Variable `v` has no value | Give it one with `--var v=...` or SLUICE_VAR_v.\n");
  CHECK(sandbox_of("dev", {}) == "5:6 Variable `v` is a text | Write `v: {default: ...}`.\n");
  CHECK(sandbox_of("{default: prd, allowed: [dev, prod]}", {}) ==
        "5:16 The value `prd` of variable `v`, from its default, is not one of those allowed | Did "
        "you mean `prod`? Expected one of `dev`, `prod`.\n");
  CHECK(sandbox_of("{allowed: [dev]}", {{}, {{"v", "x"}}}) ==
        "5:3 The value `x` of variable `v`, from the environment, is not one of those allowed | "
        "Expected one of `dev`.\n");
  CHECK(sandbox_of("{pattern: '[a-z]+'}", {{{"v", "a1"}}, {}}) ==
        "5:3 The value `a1` of variable `v`, from --var, does not match the pattern `[a-z]+` | The "
        "pattern must match the whole value.\n");
  CHECK(sandbox_of("{default: a, pattern: '['}", {}) ==
        "5:28 `[` is not a pattern that can be used | A pattern is a regular expression of at most "
        "1024 bytes, without back-references.\n");
  CHECK(sandbox_of("{default: '${var.w}'}", {}) ==
        "5:16 `default` of a variable holds a reference | A variable is a text of its own; put the "
        "reference where the variable is used.\n");
  CHECK(sandbox_of("", {{{"v", "a\x1b[2J"}}, {}}) ==
        "5:3 The value `a?[2J` of variable `v`, from --var, is not plain text | It must be one "
        "line of UTF-8 text without tabs.\n");
  CHECK(sandbox_of("", {{{"v", "\xff"}}, {}}) ==
        "5:3 The value `?` of variable `v`, from --var, is not plain text | It must be one line of "
        "UTF-8 text without tabs.\n");
  CHECK(sandbox_of("", {{{"v", std::string(4097, 'a')}}, {}}) ==
        "5:3 The value `" + std::string(80, 'a') +
            "...` of variable `v`, from --var, is longer than 4096 bytes | Shorten it.\n");
}

TEST_CASE("variables: hostile patterns neither hang nor overflow") {
  const std::string value(4096, 'a');
  CHECK(sandbox_of("{pattern: '(a|a)*'}", {{{"v", value}}, {}}) == value);
  CHECK(sandbox_of("{pattern: '(a+)+'}", {{{"v", std::string(60, 'a') + "!"}}, {}})
            .find("does not match") != std::string::npos);
  const std::string deep(20000, '(');
  CHECK(sandbox_of("{pattern: '" + deep + "'}", {{{"v", "a"}}, {}})
            .find("is not a pattern that can be used") != std::string::npos);
  CHECK(sandbox_of("{pattern: '(a{1000}){1000}'}", {{{"v", "a"}}, {}})
            .find("is not a pattern that can be used") != std::string::npos);
}

TEST_CASE("variables: a flag for one that is not declared is an error") {
  const Reading reading =
      read(kHead + "variables: {sandbox: {default: d}}\n", {{{"sanbox", "x"}}, {}});
  CHECK(reading.text() ==
        "0:0 --var `sanbox` names no variable of the spec | Did you mean `sandbox`? Expected one "
        "of `sandbox`.\n");
  CHECK(read(kHead, {{{"v", "x"}}, {}}).text() ==
        "0:0 --var `v` names no variable of the spec | The spec declares no variables.\n");
}

TEST_CASE("references: each mistake is named with what is nearest") {
  struct Row {
    std::string description;
    std::string expected;
  };
  const std::string forms =
      "`${...}` holds `var.NAME`, `each.key`, `each.value` or `pipelines.KEY.PART.ATTRIBUTE` and "
      "nothing else; `$${` is a literal `${`.\n";
  const std::vector<Row> rows = {
      {"${var.v",
       "A `${` is never closed | Close it with `}`, or write `$${` for a literal `${`.\n"},
      {"${}", "`${}` is not a reference | " + forms},
      {"${ var.v }", "`${ var.v }` is not a reference | " + forms},
      {"${vars.v}", "`${vars.v}` is not a reference | Did you mean `var`? " + forms},
      {"${pipelines.p.flow}", "`${pipelines.p.flow}` is not a reference | " + forms},
      {"${${var.v}}", "`${${var.v}` is not a reference | " + forms},
      {"${var.w}", "There is no variable `w` | Did you mean `v`? Expected one of `v`.\n"},
      {"${pipelines.q.flow.id}",
       "There is no pipeline `q` | Did you mean `p`? Expected one of `p`.\n"},
      {"${pipelines.p.flw.id}",
       "`flw` is not a part of a pipeline | Did you mean `flow`? Expected one of `flow`, "
       "`mapping`, "
       "`source`, `target`.\n"},
      {"${pipelines.p.flow.inlet}",
       "`inlet` is not an attribute of a pipeline's flow | Expected one of `id`, `inlet_url`, "
       "`webhook_url`, `state`.\n"},
      {"${pipelines.p.source.ids}",
       "`ids` is not an attribute of a pipeline's source | Did you mean `id`? Expected one of "
       "`id`.\n"},
  };
  for (const Row& row : rows) {
    const Reading reading = read(spec_text({.rest = "variables: {v: {default: x}}\noutputs:\n  o: "
                                                    "{value: '" +
                                                    row.description + "'}\n"}));
    CHECK(reading.text() == "11:14 " + row.expected);
  }
}

TEST_CASE("references: a resource may use only what a plan can tell of another") {
  for (const std::string name : {"state", "inlet_url", "webhook_url"}) {
    const std::string text = "${pipelines.p.flow." + name + "}";
    const Reading reading =
        read(spec_text({.source = "{connector: customer.io, description: 'x " + text + "'}"}));
    CHECK(reading.text() == "5:51 `description` refers to `pipelines.p.flow." + name +
                                "`, which a plan cannot know | Only ids and versions may be used "
                                "here; outputs may use the rest.\n");
  }
}

TEST_CASE("references: a name must be known when the plan is made") {
  const Reading reading =
      read(spec_text({.flow = "{name: 'x ${pipelines.p.source.id}'}",
                      .rest = "platform: {sandbox: '${pipelines.p.flow.id}'}\n"}));
  CHECK(reading.text() ==
        "8:18 `name` refers to `pipelines.p.source.id`, which is not known when a plan is made | "
        "Only variables may be used here.\n"
        "9:21 `sandbox` refers to `pipelines.p.flow.id`, which is not known when a plan is made | "
        "Only variables may be used here.\n");
}

TEST_CASE("references: a loop is printed") {
  const Reading reading = read(
      spec_text({.source = "{connector: customer.io, description: '${pipelines.p.flow.id}'}"}));
  CHECK(reading.text() ==
        "8:5 Each of these needs the next: pipelines.p.flow -> pipelines.p.source -> "
        "pipelines.p.flow | A flow needs its source, target and mapping by itself; take out a "
        "reference that points back.\n");
}

TEST_CASE("is_trusted_base: takes Adobe's hosts over https and loopback, and nothing like them") {
  for (const char* url :
       {"https://platform.adobe.io", "https://ims-na1.adobelogin.com", "https://a.b.adobe.io:8443",
        "http://localhost", "http://localhost:1", "https://127.0.0.1:65535", "http://127.255.0.3",
        "http://[::1]:8080", "https://[::1]"}) {
    CHECK_MESSAGE(is_trusted_base(url), url);
  }
  for (const char* url : {"http://platform.adobe.io",
                          "https://adobe.io",
                          "https://.adobe.io",
                          "https://a..adobe.io",
                          "https://evil-adobe.io",
                          "https://adobe.io.evil.com",
                          "https://platform.adobe.io.",
                          "https://evil.com#.adobe.io",
                          "https://evil.com/.adobe.io",
                          "https://evil.com?.adobe.io",
                          "https://evil.com\\.adobe.io",
                          "https://user@platform.adobe.io",
                          "https://platform.adobe.io@evil.com",
                          "https://platform.adobe.io:443@evil.com",
                          "https://platform.adobe.io/path",
                          "https://platform.adobe.io?q",
                          "https://platform.adobe.io#",
                          "https://platform.adobe.io:",
                          "https://platform.adobe.io:0",
                          "https://platform.adobe.io:65536",
                          "https://platform.adobe.io:443]",
                          "https://evil.com]:443.adobe.io",
                          "https://%2e.adobe.io",
                          "https://evil.com\n.adobe.io",
                          "https://evil.com .adobe.io",
                          "https://evil.com\t.adobe.io",
                          "https://evil\xE3\x80\x82.adobe.io",
                          "HTTPS://platform.adobe.io",
                          "platform.adobe.io",
                          "//platform.adobe.io",
                          "file:///etc/passwd",
                          "https://",
                          "",
                          "http://127.0.0.1.evil.com",
                          "http://127.1",
                          "http://127.0.0.256",
                          "http://0127.0.0.1",
                          "http://127.0.0.010",
                          "http://128.0.0.1",
                          "http://[::1",
                          "http://[::1]x",
                          "http://[::2]",
                          "http://localhost.evil.com",
                          "ftp://localhost",
                          "http://localhost:8080:1"}) {
    CHECK_MESSAGE(!is_trusted_base(url), url);
  }
}

TEST_CASE("platform: another host is refused with the way to give it") {
  const std::string how =
      "A spec may name `https://` and a host of *.adobe.io or *.adobelogin.com, or a loopback "
      "address, without a path or a user. Any other host must come from outside: ";
  CHECK(read(kHead + "platform:\n  endpoint: https://evil.com\n  ims: '${var.v}'\n"
                     "variables: {v: {default: 'http://x.adobelogin.com'}}\n")
            .text() == "4:13 `platform.endpoint` may not be `https://evil.com` | " + how +
                           "--endpoint or AEP_ENDPOINT.\n"
                           "5:8 `platform.ims` may not be `http://x.adobelogin.com` | " +
                           how + "--ims or AEP_IMS.\n");
  CHECK(read(kHead + "platform: {sandbox: ''}\n").text() ==
        "3:21 `sandbox` is empty | Name a sandbox, or leave the line out and give it with "
        "`--sandbox` or AEP_SANDBOX.\n");
}
