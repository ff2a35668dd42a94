// What flows become as time passes, and what they refuse meanwhile.

#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

Json rename() {
  return Json::array({{{"op", "replace"}, {"path", "/name"}, {"value", "new"}}});
}

Client slow_client(Millis delete_delay = Millis(0)) {
  emulator::Switches switches;
  switches.enable_delay = Millis(6000);
  switches.delete_delay = delete_delay;
  return Client(switches);
}

}  // namespace

TEST_CASE("transitions: a new flow is rewritten once, when its delay has passed") {
  Client client = slow_client();
  const Pipeline pipeline = make_connections(client);
  const Reply created = client.post(kFlowService + "/flows", flow_body(pipeline));
  const std::string path = kFlows + "/" + created.body["id"].get<std::string>();
  const Json first = client.item(path);
  CHECK(first["state"] == "initializing");
  CHECK(first["etag"] == created.body["etag"]);
  CHECK(first["lastOperation"]["operation"] == "create");
  CHECK_FALSE(first.contains("options"));

  client.clock.wait(Millis(5999));
  CHECK(client.item(path) == first);
  client.clock.wait(Millis(4001));
  const Json settled = client.item(path);
  CHECK(settled["state"] == "enabled");
  CHECK(settled["etag"] != first["etag"]);
  CHECK(settled["lastOperation"]["operation"] == "enable");
  // It happened at its own time, not when somebody looked.
  CHECK(settled["updatedAt"].get<long>() == first["createdAt"].get<long>() + 6000);
  client.clock.wait(Millis(60'000));
  CHECK(client.item(path) == settled);
}

TEST_CASE("transitions: without a delay the reply already tells of the enabled flow") {
  emulator::Switches switches;
  switches.enable_delay = Millis(0);
  Client client(switches);
  const Pipeline pipeline = make_connections(client);
  const Reply created = client.post(kFlowService + "/flows", flow_body(pipeline));
  const Json flow = client.item(kFlows + "/" + created.body["id"].get<std::string>());
  CHECK(flow["state"] == "enabled");
  CHECK(flow["etag"] == created.body["etag"]);
  const std::string action =
      kFlows + "/" + created.body["id"].get<std::string>() + "/action?op=disable";
  CHECK(client.call("POST", action).status == 200);
  CHECK(client.platform.object("flows", created.body["id"])["state"] == "disabled");
}

TEST_CASE("transitions: what may be done in each state") {
  struct Case {
    std::string state;
    std::string patch;   // The code of the refusal; empty: done.
    std::string enable;  // Likewise.
    std::string disable;
    std::string erase;
  };
  const std::vector<Case> cases = {
      {"initializing", "", "FLOW-1422-400", "FLOW-1422-400", ""},
      {"enabled", "", "FLOW-1422-400", "", ""},
      {"disabled", "", "", "FLOW-1422-400", ""},
      {"updating", "FLOW-1420-400", "FLOW-1421-400", "FLOW-1421-400", "FLOW-1416-400"},
      {"delete-finalizing", "FLOW-1457-400", "FLOW-1421-400", "FLOW-1421-400", "FLOW-1458-400"},
  };
  // Takes a new flow to the state and tries one thing there.
  const auto code_of = [](const std::string& state, const auto& attempt) {
    Client client = slow_client(Millis(10'000));
    const std::string path = kFlows + "/" + make_pipeline(client).flow;
    if (state != "initializing") client.clock.wait(Millis(6000));
    if (state == "updating" || state == "disabled") {
      CHECK(client.call("POST", path + "/action?op=disable").status == 200);
    }
    if (state == "disabled") client.clock.wait(Millis(3000));
    if (state == "delete-finalizing") CHECK(client.call("DELETE", path).status == 204);
    const Json flow = client.item(path);
    CHECK(flow["state"] == state);
    const Reply reply = attempt(client, path, flow["etag"].get<std::string>());
    CHECK((reply.status < 300) == reply.code.empty());
    return reply.code;
  };
  for (const Case& one : cases) {
    CHECK(code_of(one.state, [](Client& client, const std::string& path, const std::string& etag) {
            return client.patch(path, etag, rename());
          }) == one.patch);
    const auto act = [](const std::string& op) {
      return [op](Client& client, const std::string& path, const std::string&) {
        return client.call("POST", path + "/action?op=" + op);
      };
    };
    CHECK(code_of(one.state, act("enable")) == one.enable);
    CHECK(code_of(one.state, act("disable")) == one.disable);
    CHECK(code_of(one.state, [](Client& client, const std::string& path, const std::string&) {
            return client.call("DELETE", path);
          }) == one.erase);
  }
}

TEST_CASE("transitions: a flow is switched off and on again, by an op in either case") {
  Client client = slow_client();
  const std::string path = kFlows + "/" + make_pipeline(client).flow;
  client.clock.wait(Millis(6000));
  const Json enabled = client.item(path);
  const Reply off = client.call("POST", path + "/action?op=DISABLE");
  CHECK(off.body == Json({{"id", enabled["id"]}, {"etag", client.item(path)["etag"]}}));
  client.clock.wait(Millis(2999));
  CHECK(client.item(path)["state"] == "updating");
  client.clock.wait(Millis(1));
  const Json disabled = client.item(path);
  CHECK(disabled["state"] == "disabled");
  CHECK(disabled["etag"] != off.body["etag"]);
  CHECK(disabled["lastOperation"]["operation"] == "disable");
  CHECK(client.call("POST", path + "/action?op=enable").status == 200);
  client.clock.wait(Millis(3000));
  CHECK(client.item(path)["state"] == "enabled");
  CHECK(client.item(path)["options"] == enabled["options"]);

  CHECK(client.call("POST", path + "/action?op=Enable").status == 400);
  CHECK(client.call("POST", path + "/action").status == 400);
  CHECK(client.call("POST", path + "/action?op=disable", "{}").status == 400);
  CHECK(client.call("POST", path + "/action?op=disable&x=1").code == "FLOW-1451-400");
  CHECK(client.call("POST", path + "/action?op=disable", "", {{"If-Match", "\"old\""}}).code ==
        "FLOW-1404-412");
  CHECK(client.call("POST", kFlows + "/x/action?op=disable").code == "FLOW-1439-404");
}

TEST_CASE("transitions: a flow that is deleted slowly is there until it is gone") {
  Client client = slow_client(Millis(10'000));
  const Pipeline pipeline = make_pipeline(client);
  const std::string path = kFlows + "/" + pipeline.flow;
  // Deleted before it was ever enabled: that may not come about any more.
  CHECK(client.call("DELETE", path).status == 204);
  client.clock.wait(Millis(9999));
  CHECK(client.item(path)["state"] == "delete-finalizing");
  const std::string target = kFlowService + "/targetConnections/" + pipeline.target;
  CHECK(client.call("DELETE", target).code == "FLOW-1447-400");
  client.clock.wait(Millis(1));
  CHECK(client.get(path).code == "FLOW-1439-404");
  CHECK(client.platform.ids("dev", "flows").empty());
  CHECK(client.call("DELETE", target).status == 204);
}
