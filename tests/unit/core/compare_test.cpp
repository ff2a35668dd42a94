#include "core/compare.hpp"

#include "support/builders.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// "rows[a]: null -> 1" for each difference.
std::string told(const std::string& kind, const Fields& found, const Fields& wanted) {
  std::string text;
  for (const FieldDifference& difference : differences(catalogue().rules(kind), found, wanted)) {
    text +=
        difference.field + ": " + difference.left.dump() + " -> " + difference.right.dump() + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("equal_under: what counts as the same value") {
  struct Row {
    Equality equality;
    Json left;
    Json right;
    bool equal;
  };
  const std::vector<Row> rows = {
      {Equality::exact, "a", "a", true},
      {Equality::exact, "a", "A", false},
      {Equality::exact, 0, "0", false},
      {Equality::exact, nullptr, "", false},
      {Equality::exact, nullptr, nullptr, true},
      {Equality::text, nullptr, "", true},
      {Equality::text, "", nullptr, true},
      {Equality::text, nullptr, nullptr, true},
      {Equality::text, "a", "", false},
      {Equality::text, nullptr, "a", false},
      {Equality::text, "a", "a", true},
      {Equality::text, "a ", "a", false},
      {Equality::version, "1", "1.0", true},
      {Equality::version, "1.0", "1", true},
      {Equality::version, 1, "1.0", true},
      {Equality::version, 1.0, "1", true},
      {Equality::version, "1", "2", false},
      {Equality::version, "1.1", "1", false},
      {Equality::version, "10", "1", false},
      {Equality::version, "10", "20", false},
      {Equality::version, nullptr, "1", false},
      {Equality::if_told, nullptr, "a", true},
      {Equality::if_told, "b", "a", false},
      {Equality::if_told, "a", "a", true},
      {Equality::if_told, "a", nullptr, false},
      {Equality::keyed, {{"x", row("a")}}, {{"x", row("a")}}, true},
      {Equality::keyed, {{"x", row("a")}}, {{"x", row("b")}}, false},
      {Equality::keyed, {{"x", row("a")}}, {{"y", row("a")}}, false},
      {Equality::keyed, nullptr, Json::object(), true},
      {Equality::keyed, nullptr, {{"x", row("a")}}, false},
  };
  for (const Row& r : rows) {
    const FieldRule rule{"field", FieldClass::in_place, r.equality};
    CHECK_MESSAGE(equal_under(rule, r.left, r.right) == r.equal, static_cast<int>(r.equality), " ",
                  r.left.dump(), " ", r.right.dump());
  }
}

TEST_CASE("differences: only over the fields that are wanted") {
  CHECK(told("flow", {{"name", "a"}, {"description", "by hand"}}, {{"name", "a"}}).empty());
  CHECK(told("flow", {{"name", "a"}}, {{"name", "b"}}) == "name: \"a\" -> \"b\"\n");
  CHECK(told("flow", {}, {{"name", "b"}}) == "name: null -> \"b\"\n");
}

TEST_CASE("differences: what the platform does not tell back is not compared") {
  CHECK(told("sourceConnection", {}, {{"provider_id", "x"}}).empty());
  CHECK(told("sourceConnection", {{"provider_id", "y"}}, {{"provider_id", "x"}}).empty());
  CHECK(told("flow", {}, {{"state", "disabled"}}).empty());
  CHECK(told("flow", {{"state", "enabled"}}, {{"state", "disabled"}}) ==
        "state: \"enabled\" -> \"disabled\"\n");
}

TEST_CASE("differences: a field without a rule is nobody's business") {
  CHECK(told("flow", {{"colour", "red"}}, {{"colour", "blue"}}).empty());
}

TEST_CASE("differences: rows are told one by one, also those that must go") {
  const Json found = {{"same", row("a")}, {"changed", row("b")}, {"extra", row("c")}};
  const Json wanted = {{"same", row("a")}, {"changed", row("B")}, {"new[0].x", row("d")}};
  CHECK(told("mappingSet", {{"rows", found}}, {{"rows", wanted}}) ==
        "rows[changed]: " + row("b").dump() + " -> " + row("B").dump() +
            "\n"
            "rows[extra]: " +
            row("c").dump() +
            " -> null\n"
            "rows[new[0].x]: null -> " +
            row("d").dump() + "\n");
}

TEST_CASE("differences: what the platform adds to a row is no change") {
  Json decorated = row("a");
  decorated["name"] = "given by the platform";
  CHECK(told("mappingSet", {{"rows", {{"x", decorated}}}}, {{"rows", {{"x", row("a")}}}}).empty());
  CHECK(told("mappingSet", {{"rows", {{"x", row("a")}}}}, {{"rows", {{"x", decorated}}}}) ==
        "rows[x]: " + row("a").dump() + " -> " + decorated.dump() + "\n");
}

TEST_CASE("differences: an empty text in a row is as good as none") {
  Json empty = row("a");
  empty["description"] = "";
  CHECK(told("mappingSet", {{"rows", {{"x", row("a")}}}}, {{"rows", {{"x", empty}}}}).empty());
}

TEST_CASE("differences: a reference that is not known yet differs from every value") {
  const Json reference = refer("pipelines.a.source.id");
  CHECK(told("flow", {{"source", "source-1"}}, {{"source", reference}}) ==
        "source: \"source-1\" -> " + reference.dump() + "\n");
}
