#include "report/takeover.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::report;

namespace {

const Place kPlace = {"https://e", "org", "dev"};

Record record(const std::string& part, const std::string& id, Fields inputs) {
  Record result;
  result.address = {"pipelines", "events", "", part};
  result.id = id;
  result.name = part + " name";
  result.inputs = std::move(inputs);
  return result;
}

AdoptedPipeline pipeline() {
  AdoptedPipeline result{"events", {}, {}};
  Record mapping = record("mapping", "m1", {{"rows", {{"_t.a", Json::object()}}}});
  mapping.facts = {{"version", 3}};
  result.records = {
      record("flow", "f1", {{"name", "flow name"}, {"state", "disabled"}}), mapping,
      record("source", "s1", {{"name", "source name"}}),
      record("target", "t1", {{"name", "target name"}, {"dataset", "d1"}, {"schema.id", "x1"}})};
  return result;
}

Observed object(const std::string& id, const std::string& name) {
  Observed result;
  result.id = id;
  if (!name.empty()) result.fields["name"] = name;
  result.created_by = "ana@example.com";
  result.created_at = 1'700'000'000'000;
  return result;
}

Observed flow() {
  Observed result = object("f1", "Flow \x1b[31m one");
  result.attributes = {{"state", "enabled"},
                       {"source_ids", {"s1", "s2"}},
                       {"target_ids", Json::array()},
                       {"inlet_url", "https://dcs/secret"}};
  result.fields["mapping.id"] = "m1";
  result.fields["mapping.version"] = 2;
  return result;
}

}  // namespace

TEST_CASE("adoption_text: each object with its id, and a name only where the platform has one") {
  CHECK(adoption_text(kPlace, {pipeline()}, {}, {}) ==
        "Found in sandbox dev of org (https://e):\n\n"
        "  pipelines.events\n"
        "      flow: f1 \"flow name\", disabled\n"
        "      mapping: m1, version 3, 1 row\n"
        "      source: s1 \"source name\"\n"
        "      target: t1 \"target name\"\n"
        "      dataset: d1, by its id\n"
        "      schema: x1, by its id\n"
        "\n");
}

TEST_CASE("adoption_text: notes and what is left out are said, and nothing reaches the terminal") {
  AdoptedPipeline noted = pipeline();
  noted.notes = {"The source has params."};
  const std::string text = adoption_text(
      kPlace, {noted}, {{"f2", "Bad\x1b[31m", "it is a draft; publish it first"}}, {});
  CHECK(text.find("      Note: The source has params.\n") != std::string::npos);
  CHECK(text.find("Left as it is: flow f2 \"Bad\\x1b[31m\": it is a draft; publish it first.\n") !=
        std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(adoption_text(kPlace, {}, {}, {}).empty());
}

TEST_CASE("discovery_text: flows with what they are made of, then what no flow uses, then counts") {
  Discovery discovery{{"https://e", "org", "dev"},
                      {{"flow", {flow()}},
                       {"mappingSet", {}},
                       {"sourceConnection", {object("s9", "")}},
                       {"dataset", {object("d9", "Events")}}},
                      {}};
  CHECK(discovery_text(discovery, {}) ==
        "Not managed by any state here, in sandbox dev of org (https://e):\n"
        "\n"
        "flows:\n"
        "\n"
        "  f1 \"Flow \\x1b[31m one\", enabled\n"
        "      source: s1, s2\n"
        "      target: none\n"
        "      mapping: m1, version 2\n"
        "      made 2023-11-14 22:13:20 UTC by ana@example.com\n"
        "\n"
        "source connections that no flow uses:\n"
        "\n"
        "  s9 (no name)\n"
        "      made 2023-11-14 22:13:20 UTC by ana@example.com\n"
        "\n"
        "datasets:\n"
        "\n"
        "  d9 \"Events\"\n"
        "      made 2023-11-14 22:13:20 UTC by ana@example.com\n"
        "\n"
        "1 flow, 0 unused mapping sets, 1 unused source connection, 1 dataset.\n");
  discovery.objects = {{"flow", {}}};
  CHECK(discovery_text(discovery, {}) ==
        "Everything in sandbox dev of org (https://e) is managed by a state here.\n");
}

TEST_CASE("discovery_document: what is not told is null, and no inlet is in it") {
  const Json document = discovery_document({kPlace,
                                            {{"flow", {flow()}},
                                             {"sourceConnection", {object("s9", "")}},
                                             {"schema", {object("x9", "Events")}}},
                                            {"dataset"}});
  CHECK(document.at("format_version") == 1);
  CHECK(document.at("sandbox") == "dev");
  const Json& found = document.at("flows").at(0);
  CHECK(found.at("mapping_version") == 2);
  CHECK(found.at("source_ids") == Json({"s1", "s2"}));
  CHECK(found.at("updated_by").is_null());
  const Json& unused = document.at("unused").at(0);
  CHECK(unused.at("kind") == "sourceConnection");
  CHECK(unused.at("name").is_null());
  CHECK(unused.at("created_at") == 1'700'000'000'000);
  CHECK(document.at("unused").size() == 1);
  CHECK(document.at("others").at(0).at("kind") == "schema");
  CHECK(document.at("others").at(0).at("name") == "Events");
  CHECK(document.at("not_listed") == Json({"dataset"}));
  CHECK(document.dump().find("secret") == std::string::npos);
}
