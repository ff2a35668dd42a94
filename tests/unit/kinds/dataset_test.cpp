// Datasets of the Catalog: keyed replies, tags, one patch for all.

#include "unit/kinds/requests.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::kinds;
using namespace sluice::test;

namespace {

const std::string kDatasetsAt = "/data/foundation/catalog/dataSets";
const std::string kDatasetId = "68a0000000000000000000d5";

Fields dataset_inputs() {
  return {{"name", "events"},       {"description", "Raw"}, {"schema.id", kSchema},
          {"schema.version", "1"},  {"profile", true},      {"error_diagnostics", false},
          {"schema.profile", "p-1"}};
}

std::string told_dataset(const Json& changes = Json::object()) {
  Json item = {{"name", "events"},
               {"description", "Raw"},
               {"enableErrorDiagnostics", false},
               {"tags",
                {{"adobe/pqs/table", {"events"}},
                 {"unifiedProfile", {"enabled: true", "enabledAt:2025-08-16 03:50:44"}},
                 {"unifiedIdentity", {"enabled:true"}}}},
               {"state", "DRAFT"},
               {"version", "1.0.1"},
               {"created", 1755316210000},
               {"updated", 1755316244000},
               {"createdClient", "client-1"},
               {"updatedUser", "somebody@AdobeID"},
               {"schemaRef",
                {{"id", kSchema},
                 {"contentType", "application/vnd.adobe.xed-full-notext+json; version=1.3"}}}};
  item.update(changes);
  return Json{{kDatasetId, item}}.dump();
}

}  // namespace

TEST_CASE("dataset: what the platform writes otherwise is no difference") {
  CHECK(differing(dataset(), told_dataset(), dataset_inputs()).empty());
  CHECK(differing(dataset(), told_dataset({{"tags", Json::object()}, {"description", ""}}),
                  {{"profile", false}, {"name", "events"}})
            .empty());
  CHECK(differing(dataset(), told_dataset({{"tags", {{"unifiedProfile", {"enabled:false"}}}}}),
                  dataset_inputs()) == "profile ");
  CHECK(differing(dataset(), told_dataset({{"schemaRef", {{"id", "other"}}}}), dataset_inputs()) ==
        "schema.id ");
  CHECK(dataset().rules.field("schema.id")->field_class == FieldClass::create_only);
}

TEST_CASE("dataset: is read under its id, with the version out of the header") {
  http::Response response = reply(told_dataset());
  response.headers["e-tag"] = "1.0.1";
  const auto observed = dataset().parse(response);
  REQUIRE(observed);
  CHECK(observed->id == kDatasetId);
  CHECK(observed->etag == "1.0.1");
  CHECK(observed->updated_by == "somebody@AdobeID");
  CHECK(observed->created_at == 1755316210000);
  CHECK(dataset().says_gone(reply("{}")));
  for (const std::string body : {"{}", "[]", R"({"a":{},"b":{}})", R"({"title":"x"})", "x"})
    CHECK_FALSE_MESSAGE(dataset().parse(reply(body)), body);
}

TEST_CASE("dataset: a create sends what is set, and tags only for the profile") {
  const Json schema_ref = {{"id", kSchema},
                           {"contentType", "application/vnd.adobe.xed-full+json;version=1"}};
  const http::Request plain = dataset().create(
      {{"name", "n"}, {"schema.id", kSchema}, {"schema.version", "1"}, {"profile", false}});
  CHECK(head_of(plain) == "POST " + kDatasetsAt);
  CHECK(body_of(plain) == Json{{"name", "n"}, {"schemaRef", schema_ref}});
  const Json whole = body_of(dataset().create(dataset_inputs()));
  CHECK(whole.at("tags") ==
        Json{{"unifiedProfile", {"enabled:true"}}, {"unifiedIdentity", {"enabled:true"}}});
  CHECK(whole.at("enableErrorDiagnostics") == false);
  const auto written =
      dataset().parse_written({201, {}, R"(["@/datasets/)" + kDatasetId + R"("])"});
  REQUIRE(written);
  CHECK(written->id == kDatasetId);
  for (const std::string body :
       {"[]", "{}", "[5]", R"(["a/"])", R"(["@/dataSets/a","@/dataSets/b"])"})
    CHECK_FALSE_MESSAGE(dataset().parse_written(reply(body)), body);
}

TEST_CASE("dataset: an update is one patch, guarded by the version where it is known") {
  const std::vector<Change> changes = {{"name", "a", "b"}, {"profile", true, false}};
  const auto request = dataset().update(
      {"d", "1.0.1", Json::object(), changes, {{"name", "b"}, {"profile", false}}});
  REQUIRE(request);
  CHECK(head_of(*request) ==
        "PATCH " + kDatasetsAt + "/d Content-Type: application/json-patch+json If-Match: 1.0.1");
  CHECK(body_of(*request) ==
        Json::array(
            {{{"op", "add"}, {"path", "/name"}, {"value", "b"}},
             {{"op", "add"}, {"path", "/tags/unifiedProfile"}, {"value", {"enabled:false"}}},
             {{"op", "add"}, {"path", "/tags/unifiedIdentity"}, {"value", {"enabled:false"}}}}));
  CHECK_FALSE(dataset().update({"d", "", Json::object(), {}, {}}));
}

TEST_CASE("dataset: pages go on while they are full") {
  const Kind kind = dataset();
  const http::Request first = kind.list({"my events"});
  CHECK(first.target.find("&name=my%20events&start=0") != std::string::npos);
  CHECK(kind.list({"a", "b"}).target.find("name=a") == std::string::npos);
  Json full = Json::object();
  for (int i = 0; i < 100; ++i)
    full["id" + std::to_string(i)] = {{"name", "n"}};
  const auto page = kind.parse_page(reply(full.dump()), first);
  REQUIRE(page);
  CHECK(page->objects.size() == 100);
  CHECK(page->next.ends_with("&start=100"));
  http::Request second = first;
  second.target = page->next;
  CHECK(kind.parse_page(reply(full.dump()), second)->next.ends_with("&start=200"));
  CHECK(kind.parse_page(reply(told_dataset()), first)->next.empty());
}
