#include "unit/kinds/requests.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::kinds;
using namespace sluice::test;

namespace {

http::Response flow_page(const std::string& href) {
  Json links = Json::object();
  if (!href.empty()) links["next"] = {{"href", href}};
  const Json body = {{"items", Json::array({{{"id", "i"}, {"name", "n"}}})}, {"_links", links}};
  return reply(body.dump());
}

/// A page of so many mapping sets.
Json set_page(std::size_t count) {
  Json data = Json::array();
  for (std::size_t i = 0; i < count; ++i)
    data.push_back({{"id", std::to_string(i)}, {"name", "n"}, {"version", 0}});
  return {{"data", data}, {"_page", {{"count", count}, {"limit", 100}}}};
}

}  // namespace

TEST_CASE("list: asks Flow Service for the names, encoded") {
  CHECK(head_of(flow().list({"a flow", "b&c=d"})) ==
        "GET " + kFlows + "?limit=100&property=name%3D%3Da%20flow,b%26c%3Dd");
  CHECK(head_of(source_connection().list({"caf\xC3\xA9 100%"})) ==
        "GET /data/foundation/flowservice/sourceConnections?limit=100"
        "&property=name%3D%3Dcaf%C3%A9%20100%25");
}

TEST_CASE("list: asks for everything when a filter cannot carry the names") {
  const std::string all = "GET " + kFlows + "?limit=100";
  CHECK(head_of(flow().list({})) == all);
  CHECK(head_of(flow().list({"a", "one, two"})) == all);
  CHECK(head_of(flow().list(std::vector<std::string>(100, "a name of no great length"))) == all);
}

TEST_CASE("parse_page: follows a link of any form and asks the same question again") {
  const http::Request first = flow().list({"n"});
  for (const std::string base : {"/flows", "/data/foundation/flowservice/flows",
                                 "https://platform.adobe.io/data/foundation/flowservice/flows"}) {
    for (const std::string link : {"?continuationToken=abc", "?limit=100&continuationToken=abc",
                                   "?continuationToken=abc&limit=5", "?continuationToken=abc#x"}) {
      const auto page = flow().parse_page(flow_page(base + link), first);
      REQUIRE(page);
      CHECK(page->objects.size() == 1);
      CHECK(page->objects[0].id == "i");
      CHECK_MESSAGE(page->next == first.target + "&continuationToken=abc", base, link);
    }
  }
}

TEST_CASE("parse_page: a token is passed on as it is, whatever is in it") {
  const http::Request first = flow().list({});
  for (const std::string token : {"eyJ0b2tlbiI6Ii1SSUQ6In0=", "a==", "a%3D%26b", "a+b", "?a?"}) {
    const auto page = flow().parse_page(flow_page("/flows?continuationToken=" + token), first);
    REQUIRE(page);
    CHECK(page->next == first.target + "&continuationToken=" + token);
  }
}

TEST_CASE("parse_page: the second page replaces the token of the first") {
  http::Request asked = flow().list({"n"});
  asked.target += "&continuationToken=one";
  const auto page = flow().parse_page(flow_page("/flows?continuationToken=two"), asked);
  REQUIRE(page);
  CHECK(page->next == flow().list({"n"}).target + "&continuationToken=two");
}

TEST_CASE("parse_page: a token that was just used would never end, and is an error") {
  http::Request asked = flow().list({});
  asked.target += "&continuationToken=one";
  CHECK_FALSE(flow().parse_page(flow_page("/flows?continuationToken=one"), asked));
}

TEST_CASE("parse_page: without a next link it is the last one") {
  const http::Request first = flow().list({});
  CHECK(flow().parse_page(flow_page(""), first)->next.empty());
  CHECK(flow().parse_page(flow_page("/flows?limit=100"), first)->next.empty());
  for (const std::string links : {"", R"(,"_links":null)", R"(,"_links":{"next":null})",
                                  R"(,"_links":{"next":{"href":5}})"}) {
    const auto page = flow().parse_page(reply(R"({"items":[])" + links + "}"), first);
    REQUIRE_MESSAGE(page, links);
    CHECK(page->objects.empty());
    CHECK(page->next.empty());
  }
  CHECK_FALSE(flow().parse_page(reply("{}"), first));
}

TEST_CASE("list: asks Data Prep from the start, by one name or for all") {
  CHECK(head_of(mapping_set().list({"a b"})) == "GET " + kSets + "?limit=100&start=0&name=a%20b");
  CHECK(head_of(mapping_set().list({"a, b"})) ==
        "GET " + kSets + "?limit=100&start=0&name=a%2C%20b");
  CHECK(head_of(mapping_set().list({})) == "GET " + kSets + "?limit=100&start=0");
  CHECK(head_of(mapping_set().list({"a", "b"})) == "GET " + kSets + "?limit=100&start=0");
}

TEST_CASE("parse_page: counts mapping sets by offset until a page is not full") {
  http::Request asked = mapping_set().list({"n"});
  const auto first = mapping_set().parse_page(reply(set_page(100).dump()), asked);
  REQUIRE(first);
  CHECK(first->objects.size() == 100);
  CHECK(first->next == kSets + "?limit=100&start=100&name=n");
  asked.target = first->next;
  CHECK(mapping_set().parse_page(reply(set_page(100).dump()), asked)->next ==
        kSets + "?limit=100&start=200&name=n");
  CHECK(mapping_set().parse_page(reply(set_page(99).dump()), asked)->next.empty());
  CHECK(mapping_set().parse_page(reply(set_page(0).dump()), asked)->next.empty());
}

TEST_CASE("parse_page: a platform that cuts pages shorter is asked for the rest") {
  const http::Request asked = mapping_set().list({});
  Json page = set_page(20);
  page["_page"]["limit"] = 20;
  CHECK(mapping_set().parse_page(reply(page.dump()), asked)->next == kSets + "?limit=100&start=20");
  page = set_page(20);
  page["_links"] = {{"next", {{"href", "/mappingSets?start=20"}}}};
  CHECK(mapping_set().parse_page(reply(page.dump()), asked)->next == kSets + "?limit=100&start=20");
  page = set_page(0);
  page["_page"]["limit"] = 0;
  CHECK(mapping_set().parse_page(reply(page.dump()), asked)->next.empty());
}

TEST_CASE("replies: what cannot be an id of the platform is none") {
  const std::vector<std::string> ids = {
      "",    "a b",  "../../x", "a\r\nX: y", "a?b=c",
      "a#b", "a%2f", "\x1b[2J", "a\"b",      std::string(513, 'x')};
  for (const std::string& id : ids) {
    CAPTURE(id);
    const Json item = {{"id", id}, {"name", "n"}, {"etag", "\"1\""}, {"version", 0}};
    CHECK_FALSE(flow().parse_written(reply(item.dump())));
    CHECK_FALSE(mapping_set().parse_written(reply(item.dump())));
    CHECK_FALSE(schema().parse_written(reply(Json{{"$id", id}, {"title", "n"}}.dump())));
    CHECK_FALSE(identity().parse_written(reply(Json{{"@id", id}}.dump())));
    CHECK_FALSE(dataset().parse_written(reply(Json::array({"@/dataSets/" + id}).dump())));
    const http::Request asked = flow().list({"n"});
    CHECK_FALSE(flow().parse_page(reply(Json{{"items", {item}}}.dump()), asked));
    CHECK_FALSE(mapping_set().parse_page(reply(Json{{"data", {item}}}.dump()), asked));
    CHECK_FALSE(dataset().parse_page(reply(Json{{id, {{"name", "n"}}}}.dump()), asked));
  }
  for (const std::string id : {"68a0000000000000000000d5", "1fa46039-8ce8-4aa3-b693-6fd50000049d"})
    CHECK(flow().parse_written(reply(Json{{"id", id}}.dump()))->id == id);
  const std::string uri = "https://ns.adobe.com/extconndev/schemas/9455_a.b~c";
  CHECK(schema().parse_written(reply(Json{{"$id", uri}}.dump()))->id == uri);
}
