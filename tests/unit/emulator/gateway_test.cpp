// Who may come in: the token endpoint, the gateway, the sandbox, and what lies at which path.

#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string kForm =
    "grant_type=client_credentials&client_id=emulator&client_secret=emulator-secret"
    "&scope=openid%2Csession";
const std::string kFormType = "application/x-www-form-urlencoded";

Reply ask_for_token(Client& client, const std::string& form, const std::string& query = "",
                    const std::string& type = kFormType) {
  return client.send({"POST", "", "/ims/token/v3" + query, {{"Content-Type", type}}, form});
}

}  // namespace

TEST_CASE("gateway: each missing or wrong header has its own code, checked in order") {
  struct Case {
    std::string path;
    Headers headers;
    int status;
    std::string code;
  };
  const std::string flows = kFlowService + "/flows";
  Headers empty_but_sandbox = {{"x-sandbox-name", "dev"}};
  Headers no_key = standard_headers_but("x-api-key");
  no_key.erase("x-gw-ims-org-id");
  Headers no_org = standard_headers_but("x-gw-ims-org-id");
  no_org.erase("x-sandbox-name");
  Headers with_id = standard_headers();
  with_id["x-sandbox-id"] = "1bd86660-0000-0000-0000-000000000000";
  const Headers no_sandbox = standard_headers_but("x-sandbox-name");
  const Headers odd_sandbox = standard_headers_but("x-sandbox-name", "Dev");
  const std::string schema = "/data/foundation/schemaregistry/stats";
  const std::string sets = kConversion + "/mappingSets?limit=1&start=0";
  const std::vector<Case> cases = {
      {flows, empty_but_sandbox, 403, "403010"},
      {flows, standard_headers_but("Authorization", "Bearer nonsense"), 401, "401013"},
      {flows, standard_headers_but("Authorization", "emulator-token"), 401, "401013"},
      {flows, no_key, 403, "403000"},
      {flows, standard_headers_but("x-api-key", "other"), 403, "403003"},
      {flows, no_org, 400, "400003"},
      {flows, standard_headers_but("x-gw-ims-org-id", "OTHER@AdobeOrg"), 403, "403025"},
      {flows, no_sandbox, 400, "FLOW-2105-400"},
      {flows, odd_sandbox, 404, "FLOW-2100-404"},
      {flows, with_id, 400, "FLOW-2110-400"},
      {kFlowService + "/nowhere", no_sandbox, 400, "FLOW-2105-400"},
      {schema, no_sandbox, 400, "XDM-400"},
      {schema, odd_sandbox, 404, "XDM-404"},
      {sets, odd_sandbox, 404, "uri"},
      {kFlowService + "/nowhere", standard_headers(), 404, "FLOW-404"},
      {kFlowService + "/flows/", standard_headers(), 404, "FLOW-404"},
      {kFlowService + "/flows?property=name%3D%3Da%zz", standard_headers(), 400, "FLOW-400"},
      {"/nowhere", standard_headers(), 404, "uri"},
      {"/nowhere", {}, 403, "403010"},
      {flows, standard_headers(), 200, ""},
  };
  for (const Case& one : cases) {
    Client client;
    const Reply reply = client.send({"GET", "", one.path, one.headers, ""});
    CHECK_MESSAGE(reply.status == one.status, one.path, " ", one.code, ": ", reply.text);
    CHECK_MESSAGE(reply.code == one.code, one.path, ": ", reply.text);
  }
}

TEST_CASE("gateway: header names count in any case, and a wrong method is refused") {
  Client client;
  const Headers headers = {{"AUTHORIZATION", "Bearer emulator-token"},
                           {"X-Api-Key", "emulator"},
                           {"X-GW-IMS-Org-Id", "EMULATOR@AdobeOrg"},
                           {"X-Sandbox-Name", "dev"}};
  CHECK(client.send({"GET", "", kFlowService + "/flows", headers, ""}).status == 200);
  CHECK(client.call("PUT", kFlowService + "/flows").status == 405);
  CHECK(client.call("PATCH", kConversion + "/mappingSets/1").status == 405);
  CHECK(client.call("GET", "/ims/token/v3").status == 405);
}

TEST_CASE("gateway: each refusal of the token endpoint") {
  struct Case {
    std::string form;
    std::string query;
    std::string type;
    int status;
    std::string code;
  };
  const std::string no_scope = kForm.substr(0, kForm.find("&scope"));
  const std::vector<Case> cases = {
      {"", "?" + kForm, kFormType, 400, "invalid_request"},
      {kForm, "?client_secret=x", kFormType, 400, "invalid_request"},
      {R"({"grant_type":"client_credentials"})", "", "application/json", 400, "invalid_request"},
      {no_scope, "", kFormType, 400, "invalid_request"},
      {kForm + "&client_id=emulator", "", kFormType, 400, "invalid_request"},
      {"x" + kForm, "", kFormType, 400, "invalid_request"},
      {"grant_type=password" + kForm.substr(29), "", kFormType, 400, "unsupported_grant_type"},
      {"grant_type=client_credentials&client_id=who&client_secret=emulator-secret&scope=a", "",
       kFormType, 401, "invalid_client"},
      {"grant_type=client_credentials&client_id=emulator&client_secret=wrong&scope=a", "",
       kFormType, 401, "invalid_client"},
  };
  for (const Case& one : cases) {
    Client client;
    const Reply reply = ask_for_token(client, one.form, one.query, one.type);
    CHECK_MESSAGE(reply.status == one.status, one.form, one.query, ": ", reply.text);
    CHECK_MESSAGE(reply.code == one.code, one.form, one.query, ": ", reply.text);
  }
}

TEST_CASE("gateway: a token is good for as long as it says") {
  emulator::Switches switches;
  switches.token_life = Millis(60'000);
  Client client(switches);
  const Reply token = ask_for_token(client, kForm);
  REQUIRE(token.status == 200);
  CHECK(token.body["token_type"] == "bearer");
  CHECK(token.body["expires_in"] == 60);
  const std::string text = token.body["access_token"];
  const http::Request request = {"GET", "", kFlowService + "/flows",
                                 standard_headers_but("Authorization", "Bearer " + text), ""};
  client.clock.wait(Millis(59'999));
  CHECK(client.send(request).status == 200);
  client.clock.wait(Millis(1));
  CHECK(client.send(request).code == "401013");
  CHECK(ask_for_token(client, kForm).body["access_token"] != text);
}

TEST_CASE("gateway: replies say when they were made and what they hold") {
  Client client;
  // The simulated clock starts at 1760000000 seconds, a Thursday.
  const Reply reply = client.get(kFlowService + "/flows");
  CHECK(reply.headers.at("date") == "Thu, 09 Oct 2025 08:53:20 GMT");
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(client.get(kFlowService + "/flows/x").headers.at("content-type") ==
        "application/problem+json");
}

TEST_CASE("gateway: sandboxes are told of, and hold their objects apart") {
  Client client;
  const std::string sandboxes = "/data/foundation/sandbox-management/sandboxes/";
  CHECK(client.get(sandboxes + "dev").body["state"] == "active");
  CHECK(client.get(sandboxes + "nowhere").status == 404);

  const Pipeline pipeline = make_pipeline(client);
  const std::string path = kFlowService + "/flows/" + pipeline.flow;
  const Headers prod = {{"x-sandbox-name", "prod"}};
  CHECK(client.call("GET", path).status == 200);
  CHECK(client.call("GET", path, "", prod).code == "FLOW-1439-404");
  CHECK(client.platform.ids("dev", "flows") == std::vector<std::string>{pipeline.flow});
  CHECK(client.platform.ids("prod", "flows").empty());
}

TEST_CASE("gateway: schemas and datasets can be read, by the rules of their services") {
  Client client;
  const std::string registry = "/data/foundation/schemaregistry";
  const std::string hash = kSchema.substr(kSchema.rfind('/') + 1);
  const std::string by_alt_id = registry + "/tenant/schemas/_extconndev.schemas." + hash;
  const std::string by_id = registry +
                            "/tenant/schemas/https%3A%2F%2Fns.adobe.com%2Fextconndev"
                            "%2Fschemas%2F" +
                            hash;
  const Headers accept = {{"Accept", "application/vnd.adobe.xed+json; version=1"}};
  CHECK(client.get(registry + "/stats").body["tenantId"] == "extconndev");
  CHECK(client.call("GET", by_alt_id, "", accept).body["$id"] == kSchema);
  CHECK(client.call("GET", by_id, "", accept).body["$id"] == kSchema);
  CHECK(client.call("GET", by_id + "x", "", accept).code == "XDM-1010-404");
  CHECK(client.get(by_id).code == "XDM-1006-400");
  const auto code_for = [&client, &by_id](const std::string& value) {
    return client.call("GET", by_id, "", {{"Accept", value}}).code;
  };
  CHECK(code_for("application/vnd.adobe.xed+json") == "XDM-1007-400");
  CHECK(code_for("application/json; version=1") == "XDM-1008-400");
  CHECK(client.post(registry + "/tenant/classes", {{"title", "x"}}).status == 501);

  const std::string data_sets = "/data/foundation/catalog/dataSets";
  CHECK(client.get(data_sets + "/" + kDataSet).body[kDataSet]["schemaRef"]["id"] == kSchema);
  CHECK(client.get(data_sets + "/" + kDataSet + "?properties=name").body[kDataSet] ==
        Json({{"name", "Customer.io events"}}));
  CHECK(client.get(data_sets + "/0").status == 404);
  CHECK(client.get(data_sets + "?name=Customer.io%20events").body.contains(kDataSet));
  CHECK(client.get(data_sets + "?name=other").body == Json::object());
  CHECK(client.get(data_sets + "?limit=0").status == 400);
  CHECK(client.get(data_sets + "?limit=101").status == 400);
  CHECK(client.call("PUT", data_sets + "/" + kDataSet, "{}").status == 501);
}
