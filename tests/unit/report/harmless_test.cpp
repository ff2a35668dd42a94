#include "report/json.hpp"
#include "report/text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using sluice::report::harmless;

TEST_CASE("harmless: escapes what a terminal or a log would obey") {
  using namespace std::string_view_literals;
  struct Row {
    std::string_view text;
    std::string_view shown;
  };
  const std::vector<Row> rows = {
      {"plain, with spaces", "plain, with spaces"},
      {"", ""},
      {"gr\xc3\xbc\xc3\x9f \xe6\xbc\xa2 \xf0\x9f\x98\x80",
       "gr\xc3\xbc\xc3\x9f \xe6\xbc\xa2 \xf0\x9f\x98\x80"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {"a\nb\r\tc", "a\\nb\\r\\tc"},
      {"nul\0end"sv, "nul\\x00end"},
      {"del\x7f", "del\\x7f"},
      {"c1 \xc2\x9b"
       "31m",
       "c1 \\xc2\\x9b31m"},
      {"\xe2\x80\xae"
       "abc",
       "\\xe2\\x80\\xaeabc"},
      {"\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9"},
      {"zero\xe2\x80\x8bwidth", "zero\\xe2\\x80\\x8bwidth"},
      {"line\xe2\x80\xa8separator", "line\\xe2\\x80\\xa8separator"},
      // Not UTF-8: a lone continuation, an overlong form, a surrogate, a cut character, too large.
      {"\x80", "\\x80"},
      {"\xc0\xaf", "\\xc0\\xaf"},
      {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"\xe2\x82", "\\xe2\\x82"},
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"\xff ok", "\\xff ok"}};
  for (const Row& row : rows) {
    CHECK(harmless(row.text) == row.shown);
    CHECK(harmless(row.shown) == row.shown);
  }
}

TEST_CASE("json_text: a document stays the same, and a terminal or a log obeys none of it") {
  using sluice::Json;
  using sluice::report::json_text;
  for (const char* text :
       {"plain", "gr\u00fc\u00df \u6f22", "\u009b31m", "\u202e\u2066abc", "\u2028 \u2029",
        "\x7f\x1b[2J\n\"\\", "\U000e0041", "##vso[task]#", "# ## [x]"}) {
    const Json document = {{"name", text}, {text, {1, text}}};
    for (const int indent : {-1, 2}) {
      std::string shown = json_text(document, indent);
      CHECK(Json::parse(shown) == document);
      std::erase(shown, '\n');
      CHECK(harmless(shown) == shown);
    }
  }
  CHECK(json_text(Json{{"a", "\u00fc\u009b"}}) == "{\n  \"a\": \"\u00fc\\u009b\"\n}");
  CHECK(json_text("\U000e0041", -1) == "\"\\udb40\\udc41\"");
  CHECK(json_text("\xff", -1) == "\"\ufffd\"");
}

TEST_CASE("harmless: breaks up the commands of CI systems") {
  CHECK(harmless("::error::x") == "\\x3a:error::x");
  CHECK(harmless("  ::error::x") == "  \\x3a:error::x");
  CHECK(harmless("a ::error::x") == "a ::error::x");
  CHECK(harmless("std::string") == "std::string");
  CHECK(harmless("a ##[error]x") == "a \\x23#[error]x");
  CHECK(harmless("##vso[task.setvariable]x") == "\\x23#vso[task.setvariable]x");
  CHECK(harmless("###[x]") == "#\\x23#[x]");
  CHECK(harmless("## heading [x]") == "## heading [x]");
}
