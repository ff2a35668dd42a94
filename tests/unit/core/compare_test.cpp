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

namespace {

/// "- ADDRESS", "+ ADDRESS" or "~ ADDRESS FIELD LEFT RIGHT..." for each resource.
std::string told_of_lists(const std::vector<Resource>& left, const std::vector<Resource>& right) {
  const Catalogue rules = catalogue();
  std::string text;
  for (const ResourceDifference& each : resource_differences(rules, left, right)) {
    text += each.left == nullptr ? "+ " : each.right == nullptr ? "- " : "~ ";
    text += each.address.text();
    for (const FieldDifference& field : each.fields)
      text += " " + field.field + " " + field.left.dump() + " " + field.right.dump();
    text += "\n";
  }
  return text;
}

Resource desired(const std::string& address, const std::string& kind, const Fields& fields) {
  Resource resource;
  resource.address = addr(address);
  resource.kind = kind;
  resource.fields = fields;
  return resource;
}

}  // namespace

TEST_CASE("resource_differences: by address, what only one list has and what differs") {
  const Resource flow = desired(kFlow, "flow", {{"name", "f"}});
  const Resource other = desired(kFlow, "flow", {{"name", "g"}});
  const Resource source = desired(kSource, "sourceConnection", {{"name", "s"}});
  const Resource target = desired(kTarget, "targetConnection", {{"name", "t"}});
  CHECK(told_of_lists({}, {}).empty());
  CHECK(told_of_lists({source, flow}, {flow, source}).empty());
  CHECK(told_of_lists({source, flow}, {target, other}) ==
        "~ pipelines.a.flow name \"f\" \"g\"\n"
        "- pipelines.a.source\n"
        "+ pipelines.a.target\n");
}

TEST_CASE("resource_differences: every field of both sides counts, also those never read back") {
  CHECK(told_of_lists({desired(kSource, "sourceConnection", {{"provider_id", "p"}})},
                      {desired(kSource, "sourceConnection", {{"provider_id", "q"}})}) ==
        "~ pipelines.a.source provider_id \"p\" \"q\"\n");
  CHECK(told_of_lists({desired(kFlow, "flow", {{"state", "enabled"}})},
                      {desired(kFlow, "flow", {{"description", ""}})}) ==
        "~ pipelines.a.flow description null \"\" state \"enabled\" null\n");
}

TEST_CASE(
    "resource_differences: a version may be spelt in two ways, and rows are told one by one") {
  CHECK(told_of_lists({desired(kTarget, "targetConnection", {{"schema.version", "1"}})},
                      {desired(kTarget, "targetConnection", {{"schema.version", "1.0"}})})
            .empty());
  CHECK(told_of_lists({desired(kTarget, "targetConnection", {{"schema.version", "1"}})},
                      {desired(kTarget, "targetConnection", {})}) ==
        "~ pipelines.a.target schema.version \"1\" null\n");
  Json named = row("b");
  named["name"] = "n";
  CHECK(told_of_lists(
            {desired(kMapping, "mappingSet", {{"rows", {{"x", row("a")}, {"y", named}}}})},
            {desired(kMapping, "mappingSet", {{"rows", {{"x", row("a")}, {"y", row("b")}}}})}) ==
        "~ pipelines.a.mapping rows[y] " + named.dump() + " " + row("b").dump() + "\n");
}
