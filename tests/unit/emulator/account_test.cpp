// Base connections, the sources and flows of HTTP API that need one, and the runs of all flows.

#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string kAccountsPath = kFlowService + "/connections";
const std::string kRunsPath = kFlowService + "/runs";
const std::string kHttpApi = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb";
const std::string kRawFlow = "c1a19761-d2c7-4702-b9fa-fe91f0613e81";
const std::string kXdmFlow = "d8a6f005-7eaf-4153-983e-e8574508b877";

Json account_body(const std::string& data_type = "raw") {
  return {{"name", "acme-http"},
          {"connectionSpec", {{"id", kHttpApi}, {"version", "1.0"}}},
          {"auth", {{"specName", "Streaming Connection"}, {"params", {{"dataType", data_type}}}}}};
}

Json account_source(const std::string& account) {
  return {{"name", "http-source"},
          {"connectionSpec", {{"id", kHttpApi}, {"version", "1.0"}}},
          {"baseConnectionId", account}};
}

struct HttpPipeline {
  std::string account;
  Json flow;  // The body of its creation.
};

HttpPipeline make_http(Client& client, const std::string& data_type) {
  const Reply account = client.post(kAccountsPath, account_body(data_type));
  REQUIRE(account.status == 201);
  Pipeline pipeline = make_connections(client);
  const Reply source = client.post(kSources, account_source(account.body["id"]));
  REQUIRE_MESSAGE(source.status == 201, source.text);
  pipeline.source = source.body["id"];
  const std::string spec = data_type == "raw" ? kRawFlow : kXdmFlow;
  return {account.body["id"], changed(flow_body(pipeline), "replace", "/flowSpec/id", spec)};
}

std::string message_of(const Reply& reply) {
  return reply.code + " " + reply.body.value("errorMessage", "");
}

Json step_of(const std::string& op, const std::string& path, const Json& value) {
  return Json::array({{{"op", op}, {"path", path}, {"value", value}}});
}

int post_event(Client& client, const std::string& url, const std::string& flow,
               const std::string& event, const Headers& more = {}) {
  Headers headers = more;
  headers["Content-Type"] = "application/json";
  const std::string path = url.substr(url.find("/collection/"));
  return client.send({"POST", "", path + "?x-adobe-flow-id=" + flow, headers, event}).status;
}

Json runs_of(Client& client, const std::string& flow, const std::string& more = "") {
  return client.get(kRunsPath + "?property=flowId%3D%3D" + flow + more).body.at("items");
}

}  // namespace

TEST_CASE("accounts: the platform fills in what the request leaves out, and hides secrets") {
  Client client;
  const Json body = changed(account_body(), "add", "/auth/params/password", "hush");
  const Reply made = client.post(kAccountsPath, body);
  REQUIRE(made.status == 201);
  const std::string path = kAccountsPath + "/" + made.body["id"].get<std::string>();
  CHECK(made.headers.at("location") == path);
  Json params = client.item(path)["auth"]["params"];
  CHECK(params["inletUrl"] ==
        "https://dcs.adobedc.net/collection/" + params["inletId"].get<std::string>());
  params.erase("inletUrl");
  params.erase("inletId");
  CHECK(params == Json({{"dataType", "raw"},
                        {"name", "acme-http"},
                        {"sourceId", "acme-http"},
                        {"authenticationRequired", false},
                        {"password", "******"}}));
  CHECK(client.get(path + "/test").body == Json({{"result", true}}));
  CHECK(client.get(kAccountsPath + "/x/test").code == "FLOW-1439-404");
  CHECK(client.get(kAccountsPath + "?property=name==acme-http").body["items"].size() == 1);

  emulator::Switches switches;
  switches.secret_mask = "";
  Client silent(switches);
  const std::string id = silent.post(kAccountsPath, body).body["id"];
  CHECK_FALSE(silent.item(kAccountsPath + "/" + id)["auth"]["params"].contains("password"));
}

TEST_CASE("accounts: each refusal of a new one") {
  Client client;
  const Json good = account_body();
  const std::vector<Refused> cases = {
      {"no name", changed(good, "remove", "/name"), 400, "CONNECTOR-1304-400",
       "The field name is missing"},
      {"an unknown spec", changed(good, "replace", "/connectionSpec/id", "x"), 400, "FLOW-1413-400",
       "There is no connection specification x"},
      {"a webhook", changed(good, "replace", "/connectionSpec/id", kCustomerIo), 400, "FLOW-400",
       "A connectionSpec " + kCustomerIo + " takes no base connection"},
      {"no auth", changed(good, "remove", "/auth"), 400, "CONNECTOR-1304-400",
       "The field auth is missing"},
      {"another way in", changed(good, "replace", "/auth/specName", "Basic"), 400, "FLOW-400",
       "The connectionSpec has no authentication Basic"},
      {"no type of data", changed(good, "remove", "/auth/params/dataType"), 400,
       "CONNECTOR-1304-400", "The field dataType is missing"},
      {"another type of data", changed(good, "replace", "/auth/params/dataType", "csv"), 400,
       "FLOW-400", "The dataType csv is not supported"},
      {"an inlet", changed(good, "add", "/auth/params/inletUrl", "x"), 400, "FLOW-400",
       "auth.params.inletUrl is the platform's to give"}};
  for (const Refused& one : cases)
    CHECK_MESSAGE(message_of(client.post(kAccountsPath, one.body)) == one.code + " " + one.word,
                  one.what);
  CHECK(client.platform.ids("dev", "connections").empty());
}

TEST_CASE("accounts: PATCH reaches names and parameters, and nothing else") {
  Client client;
  const std::string id = client.post(kAccountsPath, account_body()).body["id"];
  const std::string path = kAccountsPath + "/" + id;
  const Json before = client.item(path);
  const Reply patched =
      client.patch(path, before["etag"], step_of("add", "/auth/params/sourceId", "other"));
  REQUIRE(patched.status == 200);
  const Json after = client.item(path);
  CHECK(after["auth"]["params"]["sourceId"] == "other");
  CHECK(after["auth"]["params"]["inletUrl"] == before["auth"]["params"]["inletUrl"]);
  const std::string etag = after["etag"];
  CHECK(client.patch(path, before["etag"], step_of("add", "/name", "x")).code == "FLOW-1404-412");
  CHECK(client.call("PATCH", path, step_of("add", "/name", "x").dump()).code == "FLOW-1403-400");
  const auto refusal = [&](const std::string& place) {
    return message_of(client.patch(path, etag, step_of("add", place, "x")));
  };
  CHECK(refusal("/connectionSpec/id") == "FLOW-1414-400 The connectionSpec cannot be updated");
  CHECK(refusal("/auth/params/inletId") ==
        "FLOW-1455-400 The path /auth/params/inletId cannot be updated");
  CHECK(refusal("/auth/specName") == "FLOW-1455-400 The path /auth/specName cannot be updated");
}

TEST_CASE("accounts: a source of HTTP API names its own, and keeps it from deletion") {
  Client client;
  const std::string id = client.post(kAccountsPath, account_body()).body["id"];
  const Json good = account_source(id);
  CHECK(message_of(client.post(kSources, changed(good, "remove", "/baseConnectionId"))) ==
        "CONNECTOR-1304-400 The field baseConnectionId is missing");
  CHECK(message_of(client.post(kSources, changed(good, "replace", "/baseConnectionId", "x"))) ==
        "FLOW-1430-400 baseConnectionId names x, which is not there");
  const std::string source = client.post(kSources, good).body["id"];
  CHECK(client.item(kSources + "/" + source)["inheritedAttributes"]["baseConnection"]["id"] == id);
  const std::string path = kAccountsPath + "/" + id;
  CHECK(message_of(client.call("DELETE", path)) ==
        "FLOW-1418-400 The base connection " + id + " is in use");
  CHECK(client.call("DELETE", kSources + "/" + source).status == 204);
  CHECK(client.call("DELETE", path).status == 204);
  CHECK(client.call("DELETE", path).code == "FLOW-1439-404");
}

TEST_CASE("accounts: a flow with one has no inlet of its own") {
  Client client;
  const HttpPipeline http = make_http(client, "raw");
  const Reply made = client.post(kFlows, http.flow);
  REQUIRE_MESSAGE(made.status == 201, made.text);
  const std::string id = made.body["id"];
  client.clock.wait(Millis(1500));
  const Json flow = client.item(kFlows + "/" + id);
  CHECK(flow["state"] == "enabled");
  CHECK_FALSE(flow.contains("options"));
  CHECK(flow["inheritedAttributes"]["sourceConnections"][0]["baseConnection"]["id"] ==
        http.account);
  const Json account = client.item(kAccountsPath + "/" + http.account);
  const std::string url = account["auth"]["params"]["inletUrl"];
  CHECK(post_event(client, url, id, "{}") == 200);
  CHECK(post_event(client, url, "x", "{}") == 400);
  client.clock.wait(Millis(10'000));
  CHECK(runs_of(client, id).empty());
  const std::string place = "/transformations/0";
  const Json step = step_of("replace", place, http.flow["transformations"][0]);
  CHECK(message_of(client.patch(kFlows + "/" + id, flow["etag"], step)) ==
        "FLOW-400 Flows of " + kRawFlow + " do not support an update of their mapping");
  REQUIRE(client
              .patch(kAccountsPath + "/" + http.account, account["etag"],
                     step_of("add", "/auth/params/authenticationRequired", true))
              .status == 200);
  CHECK(post_event(client, url, id, "{}") == 401);
  CHECK(post_event(client, url, id, "{}", {{"Authorization", "Bearer emulator-token"}}) == 200);
}

TEST_CASE("accounts: XDM flows take no mapping, and each flow its type of data") {
  Client client;
  const HttpPipeline http = make_http(client, "xdm");
  CHECK(message_of(client.post(kFlows, http.flow)) ==
        "FLOW-400 The flow specification " + kXdmFlow + " takes no transformations");
  CHECK(message_of(client.post(kFlows, changed(http.flow, "replace", "/flowSpec/id", kRawFlow))) ==
        "FLOW-400 The flow specification is not for the dataType xdm");
  const Reply made = client.post(kFlows, changed(http.flow, "remove", "/transformations"));
  REQUIRE_MESSAGE(made.status == 201, made.text);
  CHECK_FALSE(
      client.item(kFlows + "/" + made.body["id"].get<std::string>()).contains("transformations"));
}

TEST_CASE("runs: events that come together are one run, with what became of them") {
  Client client;
  const std::string flow = make_pipeline(client).flow;
  client.clock.wait(Millis(1500));
  const std::string url = client.item(kFlows + "/" + flow)["options"]["inletUrl"];
  CHECK(post_event(client, url, flow, R"({"a":1})") == 200);
  const Json under_way = runs_of(client, flow).at(0);
  CHECK(under_way["metrics"]["statusSummary"]["status"] == "inProgress");
  CHECK(post_event(client, url, flow, "[1]") == 200);
  const std::int64_t began = client.clock.wall().count();
  client.clock.wait(Millis(60'000));
  const Json run = runs_of(client, flow).at(0);
  CHECK(run["id"] == under_way["id"]);
  CHECK(client.item(kRunsPath + "/" + run["id"].get<std::string>()) == run);
  const Json& metrics = run["metrics"];
  CHECK(metrics["recordSummary"] == Json({{"inputRecordCount", 2},
                                          {"outputRecordCount", 1},
                                          {"createdRecordCount", 1},
                                          {"failedRecordCount", 1}}));
  CHECK(metrics["sizeSummary"] == Json({{"inputBytes", 10}, {"outputBytes", 7}}));
  CHECK(metrics["durationSummary"] ==
        Json({{"startedAtUTC", began}, {"completedAtUTC", began + 5000}}));
  CHECK(metrics["statusSummary"]["status"] == "success");
  CHECK(metrics["statusSummary"]["errors"] ==
        Json::array({{{"code", "MAPPER-3700-400"}, {"message", "Mapper Transform Error"}}}));
  CHECK(run["activities"][0]["statusSummary"]["extensions"]["errors"][0]["recordCount"] == 1);
  CHECK(run.contains("etag"));
  CHECK_FALSE(run.contains("version"));

  CHECK(post_event(client, url, flow, "{}") == 200);
  // What is under way survives.
  const Json saved = Json::parse(client.platform.save().dump());
  Client other;
  REQUIRE(other.platform.restore(saved));
  other.clock.wait(client.clock.wall() - other.clock.wall() + Millis(5000));
  CHECK(runs_of(other, flow,
                "&orderby=-createdAt&limit=1")[0]["metrics"]["statusSummary"]["status"] ==
        "success");
  CHECK(runs_of(other, flow, "&orderby=-createdAt&limit=1")[0]["id"] != run["id"]);
  CHECK(client.get(kRunsPath + "?limit=1").body["_links"].contains("next"));
  CHECK(runs_of(client, "x").empty());
}

TEST_CASE("runs: into a dataset that was deleted every event fails, and a disabled flow has none") {
  Client client;
  const std::string flow = make_pipeline(client).flow;
  client.clock.wait(Millis(1500));
  const std::string url = client.item(kFlows + "/" + flow)["options"]["inletUrl"];
  REQUIRE(client.call("DELETE", "/data/foundation/catalog/dataSets/" + kDataSet).status == 200);
  CHECK(client.item(kFlows + "/" + flow)["state"] == "enabled");
  CHECK(post_event(client, url, flow, "{}") == 200);
  client.clock.wait(Millis(5000));
  const Json metrics = runs_of(client, flow).at(0)["metrics"];
  CHECK(metrics["statusSummary"]["status"] == "failed");
  CHECK(metrics["statusSummary"]["errors"][0]["code"] == "CONNECTOR-2001-500");
  CHECK(metrics["recordSummary"]["failedRecordCount"] == 1);
  REQUIRE(client.call("POST", kFlows + "/" + flow + "/action?op=disable").status == 200);
  client.clock.wait(Millis(5000));
  CHECK(post_event(client, url, flow, "{}") == 200);
  client.clock.wait(Millis(5000));
  CHECK(runs_of(client, flow).size() == 1);
}

TEST_CASE("flow service: each preset's source goes into the flow of its own specification") {
  const std::vector<std::string> webhooks = {
      kCustomerIo, "6ff5654f-19d5-427d-bd3e-c0ebc802389a", "073127a3-26e3-496c-9d94-9f48fb93fba8",
      "e77fd9d2-22a8-11ed-861d-0242ac120002", "232dfabe-27aa-41c0-a7cf-9961661dc68b"};
  for (const std::string& spec : webhooks) {
    Client client;
    Pipeline pipeline = make_connections(client);
    const Json body = changed(source_body(), "replace", "/connectionSpec/id", spec);
    pipeline.source = client.post(kSources, body).body["id"];
    CHECK_MESSAGE(client.post(kFlows, flow_body(pipeline)).status == 201, spec);
    const Json wrong = changed(flow_body(pipeline), "replace", "/flowSpec/id", kXdmFlow);
    CHECK(message_of(client.post(kFlows, wrong)) ==
          "FLOW-1413-400 The flow specification " + kXdmFlow +
              " takes no source of connectionSpec " + spec);
  }
}
