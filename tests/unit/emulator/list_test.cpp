// Flow Service's lists: filters, order, pages.

#include "unit/emulator/client.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

void make_sources(Client& client, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    REQUIRE(client.post(kSources, changed(source_body(), "replace", "/name", name)).status == 201);
    client.clock.wait(Millis(10));
  }
}

std::string names_in(const Json& page) {
  std::string names;
  for (const Json& item : page["items"])
    names += (names.empty() ? "" : " ") + item["name"].get<std::string>();
  return names;
}

std::string listed(Client& client, const std::string& query) {
  const Reply reply = client.get(kSources + "?" + query);
  return reply.status == 200 ? names_in(reply.body) : reply.code;
}

}  // namespace

TEST_CASE("lists: filters choose by equality, by any of several, and by all together") {
  struct Case {
    std::string query;
    std::string names;
  };
  const std::vector<Case> cases = {
      {"property=name%3D%3Da", "a"},
      {"property=name==a", "a"},
      {"property=name==a,c", "a c"},
      {"property=name!=a", "b c d%20e"},
      {"property=name!=a,b", "c d%20e"},
      {"property=name~%5E%5Bab%5D%24", "a b"},
      {"property=name==a&property=state==enabled", "a"},
      {"property=name==a&property=state==disabled", ""},
      {"property=connectionSpec.id==" + kCustomerIo, "a b c d%20e"},
      {"property=connectionSpec==x", ""},
      {"property=nowhere==a", ""},
      {"property=nowhere!=a", ""},
      {"property=name==d%2520e", "d%20e"},
      {"property=name==d%20e", ""},
      {"property=createdAt==1760000000000", "a"},
      {"property=name%3Ea", "FLOW-400"},
      {"property=name", "FLOW-400"},
      {"property===a", "FLOW-400"},
      {"property=name~%5B", "FLOW-400"},
  };
  Client client;
  make_sources(client, {"a", "b", "c", "d%20e"});
  for (const Case& one : cases) {
    const std::string found = listed(client, one.query);
    CHECK_MESSAGE(found == one.names, one.query, ": ", found);
  }
}

TEST_CASE("lists: filters reach into arrays, and a space is a space") {
  Client client;
  const Pipeline pipeline = make_pipeline(client);
  const auto count = [&client](const std::string& filter) {
    return client.get(kFlowService + "/flows?property=" + filter).body["items"].size();
  };
  CHECK(count("sourceConnectionIds%5B%5D==" + pipeline.source) == 1);
  CHECK(count("sourceConnectionIds%5B%5D==" + pipeline.target) == 0);
  CHECK(count("sourceConnectionIds==" + pipeline.source) == 0);
  CHECK(count("description==Customer.io%20to%20the%20lake") == 1);
  CHECK(count("description==Customer.io+to+the+lake") == 1);
  CHECK(count("description==Customer.io%2Bto%2Bthe%2Blake") == 0);
}

TEST_CASE("lists: order by a field, up or down") {
  Client client;
  make_sources(client, {"b", "c", "a"});
  CHECK(listed(client, "") == "b c a");
  CHECK(listed(client, "orderby=name") == "a b c");
  CHECK(listed(client, "orderby=%2Bname") == "a b c");
  CHECK(listed(client, "orderby=-name") == "c b a");
  CHECK(listed(client, "orderby=-createdAt") == "a c b");
  CHECK(listed(client, "orderby=name,id") == "FLOW-1432-400");
  CHECK(listed(client, "orderby=") == "FLOW-1432-400");
}

TEST_CASE("lists: what a query may not hold") {
  Client client;
  make_sources(client, {"a", "b"});
  CHECK(listed(client, "name=a") == "FLOW-1451-400");
  CHECK(listed(client, "limit=1&limit=1") == "FLOW-1451-400");
  CHECK(listed(client, "limit=1&count=true") == "FLOW-1401-400");
  CHECK(listed(client, "limit=1&count=false") == "FLOW-1401-400");
  CHECK(listed(client, "limit=0") == "FLOW-400");
  CHECK(listed(client, "limit=-1") == "FLOW-400");
  CHECK(listed(client, "limit=many") == "FLOW-400");
  CHECK(listed(client, "count=yes") == "FLOW-400");
  CHECK(listed(client, "continuationToken=abc") == "FLOW-400");
  CHECK(listed(client, "continuationToken=") == "FLOW-400");
  CHECK(client.get(kSources + "?count=true").body == Json({{"count", 2}}));
  CHECK(client.get(kSources + "?count=true&property=name==a").body == Json({{"count", 1}}));
  const std::string id = client.platform.ids("dev", "sourceConnections")[0];
  CHECK(client.get(kSources + "/" + id + "?limit=1").code == "FLOW-1451-400");
}

TEST_CASE("lists: pages are linked by tokens that need escaping, and lose nothing") {
  for (const std::string order : {"", "&orderby=-name", "&orderby=state"}) {
    Client client;
    make_sources(client, {"a", "b", "c", "d", "e"});
    const std::string query = kSources + "?limit=2" + order;
    std::string target = query;
    std::string pages;
    for (int page = 1; page <= 3; ++page) {
      const Json body = client.get(target).body;
      pages += names_in(body) + ";";
      if (page == 3) {
        CHECK(body["_links"] == Json::object());
        break;
      }
      const std::string href = body["_links"]["next"]["href"];
      const std::string start = "/sourceConnections?continuationToken=";
      REQUIRE(href.starts_with(start));
      const std::string token = href.substr(start.size());
      CHECK(token.find("%3D") != std::string::npos);
      CHECK(token.find("%25") != std::string::npos);
      CHECK(token.find('=') == std::string::npos);
      target = query + "&continuationToken=" + token;
    }
    CHECK(pages == (order == "&orderby=-name" ? "e d;c b;a;" : "a b;c d;e;"));
  }
}

TEST_CASE("lists: a page goes on where the last one ended, whatever is gone meanwhile") {
  Client client;
  make_sources(client, {"a", "b", "c"});
  const Json first = client.get(kSources + "?limit=1").body;
  REQUIRE(client.platform.erase("sourceConnections", first["items"][0]["id"]));
  const std::string href = first["_links"]["next"]["href"];
  CHECK(names_in(client.get(kFlowService + href).body) == "b c");
}

TEST_CASE("lists: a page holds at most what the switch says, and twenty by default") {
  emulator::Switches switches;
  switches.page_size_max = 22;
  Client client(switches);
  make_sources(client, std::vector<std::string>(25, "a"));
  CHECK(client.get(kSources).body["items"].size() == 20);
  CHECK(client.get(kSources + "?limit=100").body["items"].size() == 22);
  CHECK(client.get(kSources + "?limit=25").body["_links"].contains("next"));
}
