// PATCH: the etag, the operations, the paths.

#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

Json operation(const std::string& op, const std::string& path, const Json& value) {
  return {{"op", op}, {"path", path}, {"value", value}};
}

void check_patch_refused(Client& client, const std::string& path,
                         const std::vector<Refused>& cases) {
  const Json before = client.item(path);
  for (const Refused& one : cases) {
    const Reply reply = client.patch(path, before["etag"], one.body);
    CHECK_MESSAGE(reply.status == one.status, one.what, ": ", reply.text);
    CHECK_MESSAGE(reply.code == one.code, one.what, ": ", reply.text);
  }
  CHECK(client.item(path) == before);
}

struct Settled {
  Settled() : pipeline(make_pipeline(client)), path(kFlowService + "/flows/" + pipeline.flow) {
    client.clock.wait(Millis(2000));
  }
  Client client;
  Pipeline pipeline;
  std::string path;
};

}  // namespace

TEST_CASE("patch: the etag guards, quotes included") {
  Settled it;
  const std::string etag = it.client.item(it.path)["etag"];
  const Json rename = Json::array({operation("replace", "/name", "new")});
  const Reply missing = it.client.call("PATCH", it.path, rename.dump());
  CHECK(missing.status == 400);
  CHECK(missing.code == "FLOW-1403-400");
  for (const std::string& wrong : {etag.substr(1, etag.size() - 2), std::string("*"), etag + " "}) {
    Reply reply = it.client.patch(it.path, wrong, rename);
    CHECK(reply.status == 412);
    CHECK(reply.code == "FLOW-1404-412");
    CHECK(reply.body["report"]["id"] == it.pipeline.flow);
    CHECK(reply.body["report"]["type"] == "flows");
    CHECK(reply.headers.at("content-type") == "application/problem+json");
  }

  it.client.clock.wait(Millis(1000));
  const Reply done = it.client.patch(it.path, etag, rename);
  CHECK(done.status == 200);
  const Json flow = it.client.item(it.path);
  CHECK(done.body == Json({{"id", it.pipeline.flow}, {"etag", flow["etag"]}}));
  CHECK(flow["etag"] != etag);
  CHECK(flow["name"] == "new");
  CHECK(flow["updatedAt"] == it.client.clock.wall().count());
  CHECK(flow["lastOperation"]["operation"] == "update");
  // Eight hexadecimal digits, a fixed middle, the second of the write, four zeros.
  const std::string text = flow["etag"];
  CHECK(text.substr(9, 16) == "-0000-0200-0000-");
  CHECK(std::stoll(text.substr(25, 8), nullptr, 16) == it.client.clock.wall().count() / 1000);
  CHECK(text.substr(33) == "0000\"");
  // The same change again is a change all the same.
  CHECK(it.client.patch(it.path, text, rename).body["etag"] != text);
}

TEST_CASE("patch: each refusal of a flow's operations, and none leaves a trace") {
  Settled it;
  const Json step = mapping_step(it.pipeline.mapping, 1);
  const Json rename = operation("replace", "/name", "new");
  const auto one = [](const std::string& op, const std::string& path, const Json& value) {
    return Json::array({operation(op, path, value)});
  };
  const Json no_value = Json::array({{{"op", "remove"}, {"path", "/description"}}});
  const Json surplus =
      Json::array({{{"op", "add"}, {"path", "/name"}, {"value", "a"}, {"from", "/b"}}});
  check_patch_refused(
      it.client, it.path,
      {{"an object", rename, 400, "FLOW-400"},
       {"nothing to do", Json::array(), 400, "FLOW-400"},
       {"a text as operation", Json::array({"replace"}), 400, "FLOW-400"},
       {"a surplus key", surplus, 400, "FLOW-400"},
       {"no value", no_value, 400, "FLOW-1455-400"},
       {"upper case", one("REPLACE", "/name", "new"), 400, "FLOW-1434-400"},
       {"a move", one("move", "/name", "/description"), 400, "FLOW-1434-400"},
       {"a path without a slash", one("replace", "name", "new"), 400, "FLOW-1455-400"},
       {"a path that is none", one("replace", "/nowhere", "new"), 400, "FLOW-1455-400"},
       {"a path below a text", one("replace", "/name/0", "new"), 400, "FLOW-1455-400"},
       {"a name that is none", one("replace", "/name", 7), 400, "FLOW-400"},
       {"an empty name", one("add", "/name", ""), 400, "FLOW-400"},
       {"without a name", one("remove", "/name", ""), 400, "FLOW-1455-400"},
       {"labels that are not there", one("replace", "/labels", Json::array()), 400,
        "FLOW-1455-400"},
       {"labels that are none", one("add", "/labels", "core/C12"), 400, "FLOW-400"},
       {"another source", one("replace", "/sourceConnectionIds", Json::array({"x"})), 400,
        "FLOW-1455-400"},
       {"another spec", one("replace", "/flowSpec/id", "x"), 400, "FLOW-1455-400"},
       {"a state", one("replace", "/state", "disabled"), 400, "FLOW-1455-400"},
       {"a second mapping", one("replace", "/transformations/1", step), 400, "FLOW-1455-400"},
       {"one more mapping", one("add", "/transformations/0", step), 400, "FLOW-1455-400"},
       {"no mapping", one("remove", "/transformations/0", step), 400, "FLOW-1455-400"},
       {"a version that is not there", one("replace", "/transformations/0", step), 400,
        "FLOW-1412-400"},
       {"the second of two", Json::array({rename, operation("replace", "/nowhere", "x")}), 400,
        "FLOW-1455-400"}});
}

TEST_CASE("patch: a flow moves to a new version of its mapping") {
  Settled it;
  Json mapping = mapping_body();
  mapping["mappings"].push_back(mapping_row("metric", "_extconndev.metricx"));
  const std::string set = kConversion + "/mappingSets/" + it.pipeline.mapping;
  REQUIRE(it.client.call("PUT", set, mapping.dump()).body["version"] == 1);
  CHECK(it.client.item(it.path)["transformations"][0] == mapping_step(it.pipeline.mapping, 0));

  const Json step = mapping_step(it.pipeline.mapping, 1);
  const Json body = Json::array({operation("replace", "/transformations/0", step),
                                 operation("add", "/labels", Json::array({"core/C12"})),
                                 operation("remove", "/description", "")});
  REQUIRE(it.client.patch(it.path, it.client.item(it.path)["etag"], body).status == 200);
  const Json flow = it.client.item(it.path);
  CHECK(flow["transformations"] == Json::array({step}));
  CHECK(flow["labels"] == Json::array({"core/C12"}));
  CHECK_FALSE(flow.contains("description"));
}

TEST_CASE("patch: of a connection only the name and the description") {
  Settled it;
  const std::string path = kFlowService + "/targetConnections/" + it.pipeline.target;
  const auto one = [](const std::string& path_in_it, const Json& value) {
    return Json::array({operation("replace", path_in_it, value)});
  };
  check_patch_refused(it.client, path,
                      {{"the spec", one("/connectionSpec/version", "1.1"), 400, "FLOW-1414-400"},
                       {"the dataset", one("/params/dataSetId", "x"), 400, "FLOW-1455-400"},
                       {"labels", one("/labels", Json::array()), 400, "FLOW-1455-400"}});
  const Json body =
      Json::array({operation("replace", "/name", "a"), operation("add", "/description", "")});
  const Reply done = it.client.patch(path, it.client.item(path)["etag"], body);
  CHECK(done.body == Json({{"id", it.pipeline.target}, {"etag", it.client.item(path)["etag"]}}));
  CHECK(it.client.item(path)["description"] == "");
}
