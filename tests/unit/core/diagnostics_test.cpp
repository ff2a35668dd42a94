#include "core/diagnostics.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

TEST_CASE("nearest: a likely misspelling, or nothing") {
  const std::vector<std::string> known = {"source", "target", "mapping", "flow", "id"};
  struct Row {
    std::string word;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {"source", "source"}, {"sorce", "source"},   {"soruce", "source"},
      {"Target", "target"}, {"maping", "mapping"}, {"mappings", "mapping"},
      {"flwo", "flow"},     {"flo", "flow"},       {"xyz", ""},
      {"destination", ""},  {"ids", "id"},         {"tgt", ""},
      {"wolf", ""},         {"di", "id"},          {"lfow", "flow"},
      {"lfwo", ""},
  };
  for (const Row& row : rows)
    CHECK_MESSAGE(nearest(row.word, known) == row.expected, row.word);
  CHECK(nearest("source", {}).empty());
}

TEST_CASE("nearest: of two equally near words the first counts") {
  CHECK(nearest("cat", {"car", "cab"}) == "car");
  CHECK(nearest("cat", {"cab", "car"}) == "cab");
}

TEST_CASE("Diagnostics: a warning is no error") {
  Diagnostics diagnostics;
  diagnostics.warning({}, "Looks odd");
  CHECK_FALSE(diagnostics.has_errors());
  diagnostics.error({}, "Is wrong", "Mend it.");
  CHECK(diagnostics.has_errors());
  CHECK(diagnostics.list().size() == 2);
}

TEST_CASE("Diagnostics: sorted by file, line and column, then by arrival") {
  Diagnostics diagnostics;
  diagnostics.error({"b.yaml", 1, 1}, "five");
  diagnostics.error({"a.yaml", 10, 1}, "four");
  diagnostics.warning({"a.yaml", 9, 2}, "two");
  diagnostics.error({"a.yaml", 9, 2}, "three");
  diagnostics.error({"a.yaml", 9, 1}, "one");
  std::string order;
  for (const Diagnostic& diagnostic : diagnostics.sorted())
    order += diagnostic.summary + " ";
  CHECK(order == "one two three four five ");
}
