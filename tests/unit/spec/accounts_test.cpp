// Accounts, and the secrets that only they may use.

#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

Options secret() {
  return {{}, {{"pw", "hunter2"}}};
}

/// A spec with this account and a sensitive variable, and what is wrong with it.
std::string account_errors(const std::string& account) {
  return read_full(kHead + "variables: {pw: {sensitive: true}}\naccounts:\n  a: " + account + "\n",
                   secret())
      .text();
}

}  // namespace

TEST_CASE("accounts: become resources, with the connector's part below") {
  const Reading good = read_full(
      kHead +
          "variables: {pw: {sensitive: true}}\n"
          "accounts:\n"
          "  web:\n"
          "    connector: http-api\n"
          "    description: d\n"
          "    auth:\n"
          "      spec: Streaming Connection\n"
          "      params: {dataType: raw, required: true, tries: 3, quoted: '3', word: \"true\", "
          "secret: '${var.pw}'}\n"
          "    secrets_version: 2\n"
          "  own: {connection_spec: {id: x, version: 3}}\n",
      secret());
  CHECK(good.text().empty());
  REQUIRE(good.spec);
  CHECK(good.resource("accounts.web").kind == "account");
  CHECK(good.resource("accounts.web").fields == Fields{{"name", "n web"},
                                                       {"description", "d"},
                                                       {"connection_spec.id", "http"},
                                                       {"connection_spec.version", "1.0"},
                                                       {"auth.spec", "Streaming Connection"},
                                                       {"auth.params",
                                                        {{"dataType", "raw"},
                                                         {"required", true},
                                                         {"tries", 3},
                                                         {"quoted", "3"},
                                                         {"word", "true"},
                                                         {"secret", {{"$secret", "pw"}}}}},
                                                       {"secrets_version", 2}});
  CHECK(good.resource("accounts.own").fields ==
        Fields{{"name", "n own"}, {"connection_spec.id", "x"}, {"connection_spec.version", "3"}});
  CHECK(good.spec->secrets == std::map<std::string, std::string>{{"pw", "hunter2"}});
}

TEST_CASE("accounts: a source refers to one") {
  const Reading reading =
      read_full(spec_text({.source = "{connector: http-api, account: '${accounts.a}'}",
                           .rest = "accounts: {a: {connector: http-api}}\n"}));
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  CHECK(reading.resource("pipelines.p.source").fields.at("account") ==
        Json{{"$ref", "accounts.a.id"}});
  CHECK(read_full(spec_text({.source = "{connector: http-api, account: '${accounts.b}'}",
                             .rest = "accounts: {a: {connector: http-api}}\n"}))
            .text() == "5:44 There is no account `b` | Did you mean `a`? Expected one of `a`.\n");
}

TEST_CASE("accounts: a connector for data that has its form already takes no mapping") {
  const Lines bare = {.source = "{connector: xdm, account: a-1}", .mapping = ""};
  const Reading reading = read_full(spec_text(bare));
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  CHECK(reading.spec->resources.size() == 3);
  CHECK_FALSE(reading.resource("pipelines.p.flow").fields.contains("mapping.id"));
  CHECK(
      read_full(spec_text({.source = "{connector: xdm, account: a-1}"})).text() ==
      "7:5 The connector `xdm` takes no `mapping` | What is sent to it has the form of the schema "
      "already; leave it out.\n");
  CHECK(read_full(spec_text({.mapping = ""})).text() ==
        "4:3 Pipeline `p` has no `mapping` | A pipeline needs `source`, `target` and `mapping`.\n");
}

TEST_CASE("accounts: a connector that takes one has one") {
  CHECK(read_full(spec_text({.source = "{connector: http-api}"})).text() ==
        "5:5 pipelines.p.source has no `account` | This connector takes one: `account: "
        "${accounts.KEY}`, or the id of one that exists.\n");
  CHECK(
      read_full(spec_text({.source = "{connector: http-api, account: 8989f5e8}"})).text().empty());
  CHECK(read_full(spec_text({.source = "{connector: customer.io}"})).text().empty());
}

TEST_CASE("accounts: an inlet is asked of who has it") {
  const auto asked = [](const std::string& account, const std::string& what) {
    return read_full(spec_text({.source = "{connector: http-api, account: " + account + "}",
                                .rest = "accounts: {a: {connector: http-api}}\n"
                                        "outputs: {o: {value: '${" +
                                        what + "}'}}\n"}))
        .text();
  };
  CHECK(asked("'${accounts.a}'", "accounts.a.id").empty());
  CHECK(asked("'${accounts.a}'", "pipelines.p.flow.id").empty());
  const std::string refused =
      "10:11 `pipelines.p.flow` has no inlet of its own, since its source logs in with an account "
      "| The inlet is the account's. ";
  CHECK(asked("'${accounts.a}'", "pipelines.p.flow.inlet_url") ==
        refused +
            "Write `${accounts.a.inlet_url}`; whoever sends to it adds "
            "`?x-adobe-flow-id=` and the id of the flow.\n");
  CHECK(asked("8989f5e8", "pipelines.p.flow.webhook_url") ==
        refused + "Put the account into the spec, and ask that one for its `inlet_url`.\n");
}

TEST_CASE("accounts: a secret stands alone, and has a version") {
  const std::string start = "{connector: http-api, secrets_version: 1, ";
  CHECK(account_errors("{connector: http-api, auth: {spec: x, params: {k: '${var.pw}'}}}") ==
        "5:3 accounts.a uses a secret and has no `secrets_version` | Write `secrets_version: 1`, "
        "and raise it when the secret changes: nothing else tells that it is to be sent again.\n");
  const std::string only =
      "Variable `pw` is sensitive and used here | A sensitive variable may be used only in an "
      "account's `auth.params`, where it stands alone.\n";
  CHECK(account_errors(start + "auth: {spec: x, params: {k: 'Bearer ${var.pw}'}}}") ==
        "5:76 " + only);
  CHECK(account_errors(start + "auth: {spec: '${var.pw}'}}") == "5:61 " + only);
  CHECK(account_errors(start + "description: '${var.pw}'}") == "5:61 " + only);
  for (const char* bad : {"0", "x", "1.5", "-1", "01", "9999999999"}) {
    CHECK(account_errors("{connector: http-api, secrets_version: " + std::string(bad) + "}") ==
          "5:45 `secrets_version` is `" + std::string(bad) +
              "` | It is a whole number from 1 on.\n");
  }
}

TEST_CASE("accounts: other mistakes are named") {
  CHECK(account_errors("{}") ==
        "5:3 accounts.a has no `connection_spec` | Name a `connector`, or give `connection_spec: "
        "{id: ..., version: ...}`.\n");
  CHECK(account_errors("{connector: customer.io}") ==
        "5:3 accounts.a has no `connection_spec` | This connector needs no account; give a "
        "`connection_spec` if one is meant all the same.\n");
  CHECK(account_errors("{connector: http-apo}") ==
        "5:18 There is no connector `http-apo` | Did you mean `http-api`? Expected one of "
        "`customer.io`, `http-api`, `xdm`.\n");
  CHECK(account_errors("{connector: http-api, auth: {params: {}}}") ==
        "5:3 accounts.a has no `auth.spec` | Write `auth: {spec: ..., params: {...}}`.\n");
  CHECK(account_errors("{connector: http-api, auth: {spec: x, params: {$a: b, c: [d]}}}") ==
        "5:53 `$a` cannot be the name of a parameter | A name does not begin with `$`.\n"
        "5:63 `c` must be text and is a list | A text that begins with a bracket or a brace needs "
        "quotes.\n");
}
