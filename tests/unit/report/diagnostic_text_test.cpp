#include "report/text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;
using report::diagnostic_text;

namespace {

Diagnostic at(int line, int column, std::string excerpt) {
  return {Severity::error, {"specs/x.yaml", line, column}, "Unknown key", "", std::move(excerpt)};
}

}  // namespace

TEST_CASE("diagnostic_text: place, excerpt, caret, advice") {
  Diagnostic diagnostic = at(12, 5, "    descripton: x");
  diagnostic.summary = "Unknown key `descripton` in a flow";
  diagnostic.detail = "Did you mean `description`?";
  CHECK(diagnostic_text(diagnostic, {}) ==
        "specs/x.yaml:12:5: error: Unknown key `descripton` in a flow\n"
        "   12 |     descripton: x\n"
        "      |     ^\n"
        "  Did you mean `description`?\n");
}

TEST_CASE("diagnostic_text: leaves out what it does not know") {
  const Diagnostic bare = {Severity::warning, {}, "The state is old", "", ""};
  CHECK(diagnostic_text(bare, {}) == "warning: The state is old\n");
  const Diagnostic in_file = {Severity::error, {"specs/x.yaml", 0, 0}, "It is empty", "", "x"};
  CHECK(diagnostic_text(in_file, {}) == "specs/x.yaml: error: It is empty\n");
  CHECK(diagnostic_text(at(3, 0, "a: b"), {}) ==
        "specs/x.yaml:3: error: Unknown key\n    3 | a: b\n");
}

TEST_CASE("diagnostic_text: the caret stands under its character") {
  // Behind a tab, behind characters of several bytes, behind what is escaped, at the line's end.
  CHECK(diagnostic_text(at(1, 2, "\tkey:"), {}).ends_with("    1 | \tkey:\n      | \t^\n"));
  CHECK(diagnostic_text(at(1, 5, "\xc3\xbc\xc3\xbc:"), {})
            .ends_with("    1 | \xc3\xbc\xc3\xbc:\n      |   ^\n"));
  CHECK(diagnostic_text(at(1, 2, "\x1b:"), {}).ends_with("    1 | \\x1b:\n      |     ^\n"));
  CHECK(diagnostic_text(at(1, 5, "key:"), {}).ends_with("    1 | key:\n      |     ^\n"));
  CHECK(diagnostic_text(at(1, 1, "key: "), {}).ends_with("    1 | key:\n      | ^\n"));
}

TEST_CASE("diagnostic_text: of a long line, the part around the caret is shown") {
  const std::string a(1000, 'a');
  const std::string b(1000, 'b');
  CHECK(diagnostic_text(at(1, 1001, a + b), {})
            .ends_with("    1 | ..." + a.substr(0, 80) + b.substr(0, 80) + "...\n      | " +
                       std::string(83, ' ') + "^\n"));
  CHECK(diagnostic_text(at(1, 1, a), {}).ends_with(" | " + a.substr(0, 160) + "...\n      | ^\n"));
  CHECK(diagnostic_text(at(1, 1000, a), {})
            .ends_with(" | ..." + a.substr(0, 160) + "\n      | " + std::string(162, ' ') + "^\n"));
}

TEST_CASE("diagnostic_text: others' text stays on its line and colourless") {
  Diagnostic diagnostic = at(1, 1, "\x1b[31m");
  diagnostic.summary = "Unknown key `a\n::error::`";
  diagnostic.detail = "::warning::";
  CHECK(diagnostic_text(diagnostic, {}) ==
        "specs/x.yaml:1:1: error: Unknown key `a\\n::error::`\n"
        "    1 | \\x1b[31m\n"
        "      | ^\n"
        "  \\x3a:warning::\n");
}

TEST_CASE("diagnostic_text: only the words and the caret are coloured") {
  CHECK(
      diagnostic_text(at(1, 1, "a"), {true}) ==
      "specs/x.yaml:1:1: \x1b[31merror:\x1b[0m Unknown key\n    1 | a\n      | \x1b[31m^\x1b[0m\n");
}

TEST_CASE("diagnostics_text: in the order of the places, parted by empty lines") {
  Diagnostics diagnostics;
  diagnostics.error({"b.yaml", 2, 1}, "Second");
  diagnostics.warning({"a.yaml", 9, 1}, "First");
  CHECK(report::diagnostics_text(diagnostics, {}) ==
        "a.yaml:9:1: warning: First\n\nb.yaml:2:1: error: Second\n");
  CHECK(report::diagnostics_text(Diagnostics(), {}).empty());
}
