// Accounts: what is compared of their parameters, and how credentials are sent.

#include "unit/kinds/requests.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::kinds;
using namespace sluice::test;

namespace {

const std::string kAccounts = "/data/foundation/flowservice/connections";

Fields account_inputs() {
  return {{"name", "web"},
          {"connection_spec.id", "spec-1"},
          {"connection_spec.version", "1.0"},
          {"auth.spec", "Basic"},
          {"auth.params", {{"dataType", "raw"}, {"password", {{"$secret", "pw"}}}}},
          {"secrets_version", 1}};
}

constexpr const char* kTold = R"({"items":[{
  "id":"a-1","etag":"\"e-1\"","name":"web","state":"enabled",
  "connectionSpec":{"version":"1.0","id":"spec-1"},
  "auth":{"specName":"Basic","params":{"dataType":"raw","password":"******","sourceId":"web",
    "name":"web","inletUrl":"https://dcs.example/collection/c","inletId":"c"}}}]})";

}  // namespace

TEST_CASE("account: a masked secret and what the platform adds are no differences") {
  CHECK(differing(account(), kTold, account_inputs()).empty());
  Fields other = account_inputs();
  other["auth.params"]["dataType"] = "xdm";
  other["secrets_version"] = 2;
  CHECK(differing(account(), kTold, other) == "auth.params[dataType] ");
}

TEST_CASE("account: the inlet is an attribute and no field, which would be kept") {
  const auto observed = account().parse(reply(kTold));
  REQUIRE(observed);
  CHECK(observed->attributes.at("inlet_url") == "https://dcs.example/collection/c");
  CHECK(Json(observed->fields).dump().find("dcs.example") == std::string::npos);
  CHECK_FALSE(observed->fields.at("auth.params").contains("inletId"));
}

TEST_CASE("account: is created with its parameters as they are given") {
  Fields inputs = account_inputs();
  inputs["auth.params"]["password"] = "hunter2";
  const http::Request request = account().create(inputs);
  CHECK(head_of(request) == "POST " + kAccounts);
  CHECK(body_of(request) == Json{{"name", "web"},
                                 {"connectionSpec", {{"id", "spec-1"}, {"version", "1.0"}}},
                                 {"auth",
                                  {{"specName", "Basic"},
                                   {"params", {{"dataType", "raw"}, {"password", "hunter2"}}}}}});
}

TEST_CASE("account: a raised secrets_version sends all parameters, a name sends the name") {
  Fields after = account_inputs();
  after["auth.params"]["password"] = "new";
  const Update raised{"a-1", "\"e-1\"", Json::object(), {{"secrets_version", 1, 2}}, after};
  const auto request = account().update(raised);
  REQUIRE(request);
  CHECK(head_of(*request) == "PATCH " + kAccounts + "/a-1 If-Match: \"e-1\"");
  CHECK(body_of(*request) ==
        Json::array({{{"op", "replace"},
                      {"path", "/auth/params"},
                      {"value", {{"dataType", "raw"}, {"password", "new"}}}}}));
  const Update renamed{
      "a-1", "\"e-1\"", Json::object(), {{"name", "web", "web2"}}, {{"name", "web2"}}};
  CHECK(body_of(*account().update(renamed)) ==
        Json::array({{{"op", "replace"}, {"path", "/name"}, {"value", "web2"}}}));
}

TEST_CASE("account: the platform's test of it") {
  CHECK(head_of(account().test("a/1")) == "GET " + kAccounts + "/a%2F1/test");
  CHECK_FALSE(account().parse_test(reply(R"({"result":true})")));
  CHECK(account().parse_test(reply(R"({"result":false})")) == R"({"result":false})");
  CHECK(account().parse_test(reply("hello")) == "an answer that is no JSON");
}
