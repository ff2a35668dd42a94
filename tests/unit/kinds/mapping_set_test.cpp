#include "unit/kinds/requests.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::kinds;
using namespace sluice::test;

namespace {

Fields set_inputs() {
  return {{"name", "cio"},
          {"schema.id", kSchema},
          {"schema.version", "1"},
          {"rows",
           {{"_extconndev.cio_id", {{"type", "attribute"}, {"source", "data.identifiers.cio_id"}}},
            {"_extconndev.timestampx",
             {{"type", "expression"}, {"source", "to_integer(timestamp)"}}}}}};
}

/// A reply with these rows and these further members.
std::string told_set(const std::string& rows, const std::string& more = R"j("name":"cio",)j") {
  return R"j({"id":"59c0","version":1,"createdDate":1755316230000,"modifiedDate":1755320000000,
    "createdBy":"a","modifiedBy":"b","supportVersion":"1.1",)j" +
         more + R"j(
    "outputSchema":{"id":"cf0a","version":0,"jsonSchema":{"type":"object"},"schemaRef":{"id":")j" +
         kSchema + R"j(","contentType":"application/vnd.adobe.xed-full+json; version=1.0"}},
    "mappings":[)j" +
         rows + R"j(],"status":"DRAFT","strictMapping":false,"tags":[],
    "xdmVersion":"application/vnd.adobe.xed-full+json;version=1","xdmSchema":"x"})j";
}

const std::string kModern = R"j({"id":"1bb1","version":0,"createdDate":1,"createdBy":"T",
  "sourceType":"text/x.schema-path","source":"data.identifiers.cio_id",
  "destination":"_extconndev.cio_id","identity":false,"primaryIdentity":false,"matchScore":0.0,
  "functionVersion":1,"sourceAttribute":"data.identifiers.cio_id",
  "destinationXdmPath":"_extconndev.cio_id"})j";
const std::string kExpression =
    R"j({"sourceType":"text/x.aep-xl","source":"to_integer(timestamp)",
                  "destination" : "_extconndev.timestampx"
})j";

}  // namespace

TEST_CASE("mappingSet: is created in the newer dialect, with its rows in order") {
  Fields fields = set_inputs();
  fields["rows"]["_extconndev.email"] = {{"type", "attribute"},
                                         {"source", "data.identifiers.email"},
                                         {"name", "e-mail"},
                                         {"description", "of the customer"}};
  const http::Request request = mapping_set().create(fields);
  CHECK(head_of(request) == "POST " + kSets);
  CHECK(body_of(request) == Json::parse(R"j({
    "name": "cio",
    "outputSchema": {"schemaRef": {"id": ")j" +
                                        kSchema + R"j(",
      "contentType": "application/vnd.adobe.xed-full+json;version=1"}},
    "mappings": [
      {"sourceType": "ATTRIBUTE", "source": "data.identifiers.cio_id",
       "destination": "_extconndev.cio_id"},
      {"sourceType": "ATTRIBUTE", "source": "data.identifiers.email",
       "destination": "_extconndev.email", "name": "e-mail", "description": "of the customer"},
      {"sourceType": "EXPRESSION", "source": "to_integer(timestamp)",
       "destination": "_extconndev.timestampx"
}]
})j"));
}

TEST_CASE("mappingSet: is read by id, newest or as of a version, and deleted") {
  const Kind kind = mapping_set();
  CHECK(kind.guard == Guard::version);
  CHECK(kind.may_lack_delete);
  CHECK(head_of(kind.read("59c0")) == "GET " + kSets + "/59c0");
  CHECK(head_of(kind.read_version("59c0", 12)) == "GET " + kSets + "/59c0?version=12");
  CHECK(head_of(kind.remove("59c0")) == "DELETE " + kSets + "/59c0");
}

TEST_CASE("mappingSet: an update puts the whole set, without an etag") {
  Update update{"59c0", "", {{"version", 1}}, {}, set_inputs()};
  CHECK_FALSE(mapping_set().update(update));
  update.changes = {{"rows[_extconndev.cio_id]", nullptr, Json::object(), Cause::spec, false}};
  const auto request = mapping_set().update(update);
  REQUIRE(request);
  CHECK(head_of(*request) == "PUT " + kSets + "/59c0");
  CHECK(body_of(*request) == body_of(mapping_set().create(set_inputs())));
}

TEST_CASE("mappingSet: a reply in any dialect says what was asked for") {
  const std::vector<std::string> rows = {
      kModern + "," + kExpression,
      kExpression + "," + kModern,
      R"j({"sourceAttribute":"data.identifiers.cio_id","destinationXdmPath":"_extconndev.cio_id"},
         {"sourceType":"EXPRESSION","sourceExpression":"to_integer(timestamp)",
          "destinationXdmPath":"_extconndev.timestampx"})j",
      R"j({"sourceType":"Attribute","source":"data.identifiers.cio_id","name":"","description":null,
          "destination":"_extconndev.cio_id"},
         {"sourceType":"text/x.xdm-expression","source":"to_integer(timestamp)",
          "destination":"_extconndev.timestampx","name":"given by the platform"})j",
  };
  for (const std::string& each : rows)
    CHECK_MESSAGE(differing(mapping_set(), told_set(each), set_inputs()).empty(), each);
  CHECK(differing(mapping_set(), told_set(rows[0], ""), set_inputs()).empty());
}

TEST_CASE("mappingSet: what really differs is a difference") {
  CHECK(differing(mapping_set(), told_set(kModern), set_inputs()) ==
        "rows[_extconndev.timestampx] ");
  CHECK(differing(mapping_set(), told_set(kModern + "," + kExpression, R"j("name":"other",)j"),
                  set_inputs()) == "name ");
  const std::string as_text = R"j({"sourceType":"ATTRIBUTE","source":"to_integer(timestamp)",
                    "destination" : "_extconndev.timestampx"
})j";
  CHECK(differing(mapping_set(), told_set(kModern + "," + as_text), set_inputs()) ==
        "rows[_extconndev.timestampx] ");
  Fields other = set_inputs();
  other["schema.id"] = "x";
  other["schema.version"] = "2";
  CHECK(differing(mapping_set(), told_set(kModern + "," + kExpression), other) ==
        "schema.id schema.version ");
}

TEST_CASE("mappingSet: a second row for the same destination is not overlooked") {
  const std::string again =
      R"j({"sourceType":"ATTRIBUTE","source":"other","destination":"_extconndev.cio_id"})j";
  const std::string fields =
      differing(mapping_set(), told_set(kModern + "," + kExpression + "," + again), set_inputs());
  CHECK(fields == "rows[_extconndev.cio_id (again)] ");
}

TEST_CASE("mappingSet: version, author and dates are read; there is no etag") {
  const auto observed = mapping_set().parse(reply(told_set(kModern)));
  REQUIRE(observed);
  CHECK(observed->id == "59c0");
  CHECK(observed->etag.empty());
  CHECK(observed->facts == Json{{"version", 1}});
  CHECK(observed->updated_by == "b");
  CHECK(observed->updated_at == 1755320000000);
  CHECK(observed->created_at == 1755316230000);
}

TEST_CASE("mappingSet: the version may come as text") {
  const auto observed =
      mapping_set().parse(reply(R"j({"id":"59c0","version":"7","mappings":[]})j"));
  REQUIRE(observed);
  CHECK(observed->facts.at("version") == 7);
}

TEST_CASE("mappingSet: a create and an update tell id and version") {
  const auto written = mapping_set().parse_written(
      reply(R"j({"id":"59c0","version":0,"createdDate":1676627988129})j"));
  REQUIRE(written);
  CHECK(written->id == "59c0");
  CHECK(written->facts == Json{{"version", 0}});
  CHECK(mapping_set().parse_written(reply(told_set(kModern)))->facts == Json{{"version", 1}});
}

TEST_CASE("mappingSet: a reply that is not what was agreed is told_set as such") {
  for (const std::string body : {"", "[]", "{}", R"j({"id":"x"})j", R"j({"mappings":[]})j",
                                 R"j({"id":"x","mappings":{}})j", R"j({"id":5,"mappings":[]})j"}) {
    CHECK_MESSAGE(!mapping_set().parse(reply(body)), body);
  }
  for (const std::string body : {"", "[]", "{}", R"j({"id":"x"})j", R"j({"version":1})j"})
    CHECK_MESSAGE(!mapping_set().parse_written(reply(body)), body);
  for (const std::string body : {"", "[]", "{}", R"j({"data":{}})j"})
    CHECK_MESSAGE(!mapping_set().parse_page(reply(body), mapping_set().list({})), body);
}

TEST_CASE("mappingSet: one of the oldest dialect tells of its schema at the top") {
  const auto observed = mapping_set().parse(
      reply(R"j({"id":"59c0","version":0,"createdBy":"T","xdmSchema":")j" + kSchema +
            R"j(","xdmVersion":"1.0",
           "mappings":[{"destinationXdmPath":"_t.a","sourceAttribute":"a"}]})j"));
  REQUIRE(observed);
  CHECK(observed->fields.at("schema.id") == kSchema);
  CHECK(observed->fields.at("schema.version") == "1.0");
  CHECK(observed->created_by == "T");
}
