#include "core/value.hpp"

#include "support/builders.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Knows the ids of everything and the version of nothing.
std::optional<Json> ids_only(const Reference& reference) {
  if (reference.attribute != "id") return std::nullopt;
  return Json(reference.address.part + "-1");
}

Json join(Json parts) {
  return {{"$join", std::move(parts)}};
}

}  // namespace

TEST_CASE("Reference: an address and the name of an attribute") {
  const auto reference = Reference::parse("pipelines.a[\"x.y\"].flow.inlet_url");
  REQUIRE(reference);
  CHECK(reference->address.text() == "pipelines.a[\"x.y\"].flow");
  CHECK(reference->attribute == "inlet_url");
  CHECK(reference->text() == "pipelines.a[\"x.y\"].flow.inlet_url");
}

TEST_CASE("Reference: anything else is refused") {
  for (const std::string text : {"", "id", ".id", "pipelines.a.flow.", "pipelines.a.flow",
                                 "pipelines.a.id", "pipelines.a.flow.ID", "pipelines.a.flow.i d"}) {
    CHECK_MESSAGE(!Reference::parse(text), text);
  }
}

TEST_CASE("as_reference: only an object that holds nothing else") {
  const Json value = refer("pipelines.a.flow.id");
  REQUIRE(as_reference(value));
  CHECK(reference_value(*as_reference(value)) == value);
  const std::vector<Json> others = {Json("pipelines.a.flow.id"),
                                    Json{{"$ref", 5}},
                                    Json{{"$ref", "nonsense"}},
                                    Json(nullptr),
                                    Json{{"$ref", "pipelines.a.flow.id"}, {"more", 1}},
                                    Json::array({value})};
  for (const Json& other : others)
    CHECK_MESSAGE(!as_reference(other), other.dump());
}

TEST_CASE("references_in: finds them at any depth, in order") {
  const Json value = {{"a", join({"x ", refer("pipelines.a.flow.id")})},
                      {"b", Json::array({1, {{"c", refer("pipelines.b.source.id")}}})}};
  const std::vector<Reference> found = references_in(value);
  REQUIRE(found.size() == 2);
  CHECK(found[0].text() == "pipelines.a.flow.id");
  CHECK(found[1].text() == "pipelines.b.source.id");
  CHECK(references_in(Json("plain")).empty());
}

TEST_CASE("resolve: puts in what is known, and keeps everything else as it is") {
  const Json flow = refer("pipelines.a.flow.id");
  const Json version = refer("pipelines.a.mapping.version");
  struct Row {
    Json value;
    std::optional<Json> expected;
  };
  const std::vector<Row> rows = {
      {"text", "text"},
      {5, 5},
      {nullptr, nullptr},
      {Json::object(), Json::object()},
      {flow, "flow-1"},
      {version, std::nullopt},
      {join({"flow ", flow, "!"}), "flow flow-1!"},
      {join(Json::array()), ""},
      {join({"v", 3, true}), "v3true"},
      {join({"v", version}), std::nullopt},
      {{{"r", {{"source", flow}}}}, {{{"r", {{"source", "flow-1"}}}}}},
      {{{"r", {{"source", version}}}}, std::nullopt},
      {Json::array({flow, 1}), Json::array({"flow-1", 1})},
  };
  for (const Row& row : rows)
    CHECK_MESSAGE(resolve(row.value, ids_only) == row.expected, row.value.dump());
}

TEST_CASE("resolve: a mapping row for a destination named like a keyword stays a row") {
  const Json rows = {{"$join", row("data.x")}};
  CHECK(resolve(rows, ids_only) == rows);
  const Json other = {{"$ref", row("data.x")}};
  CHECK(resolve(other, ids_only) == other);
}

TEST_CASE("Resource: needs everything that its fields refer to, once") {
  const std::vector<Resource> parts = pipeline("a");
  CHECK(parts[0].needs().empty());
  const std::set<Address> expected = {addr("pipelines.a.source"), addr("pipelines.a.target"),
                                      addr("pipelines.a.mapping")};
  CHECK(parts[3].needs() == expected);
}
