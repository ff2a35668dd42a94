// Texts that are made to hurt: floods, loops, depth, and what the YAML library would let pass.

#include "spec/yaml_tree.hpp"
#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

std::string repeat(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i)
    result += text;
  return result;
}

/// The first error, as "line:column summary".
std::string first(const std::string& text) {
  const Reading reading = read(text);
  if (reading.errors.empty()) return "none";
  const std::string all = reading.text();
  return all.substr(0, all.find(" | "));
}

}  // namespace

TEST_CASE("yaml: nesting of every kind stops at the limit") {
  const std::string deep = "Nested deeper than 32 levels";
  CHECK(first(repeat("[\n", 100000)).ends_with(deep));
  for (const char* opener : {"[", "{", "- ", "? "})
    CHECK_MESSAGE(first(repeat(opener, 100000)).ends_with(deep), opener);
  for (const char* opener : {"{a: ", "[a: ", "[[a, ", "{? ", "{[", "- ? "}) {
    CHECK_MESSAGE(first(repeat(opener, 2000)).ends_with(deep), opener);
  }
  std::string lines;
  for (int i = 0; i < 1000; ++i)
    lines += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK(first(lines) == "33:33 " + deep);
}

TEST_CASE("yaml: 32 levels pass and 33 do not") {
  const std::string head = "sluice: 1\nname: n\nx: ";
  // The root is the first level.
  CHECK(first(head + repeat("[", 31) + repeat("]", 31)) == "3:1 `x` is not a key of a spec");
  CHECK(first(head + repeat("[", 32) + repeat("]", 32)) == "3:35 Nested deeper than 32 levels");
}

TEST_CASE("yaml: aliases cannot multiply without end") {
  CHECK(first("a: &a [*a]\n") == "1:8 This alias stands inside what it stands for");
  CHECK(first("x: &x {y: {z: *x}}\n") == "1:15 This alias stands inside what it stands for");
  CHECK(first("a: &a b\nl:\n" + repeat("- *a\n", 1001)) == "1003:3 More than 1000 aliases");
  CHECK(first("a: &a b\nl:\n" + repeat("- *a\n", 1000)) ==
        "0:0 The spec does not say which version of the language it is in");

  std::string laughs = "a0: &a0 x\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1) + ", ";
    laughs +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeat(alias, 9) + "]\n";
  }
  CHECK(first(laughs).ends_with(
      "The spec has more than 4000000 values or 64 MiB of text, with its aliases written out"));

  const std::string heavy = "a: &a [" + repeat("'" + std::string(65536, 'x') + "', ", 20) + "]\n";
  CHECK(first(heavy + "l:\n" + repeat("- *a\n", 60)).ends_with("with its aliases written out"));

  std::string chain = "a0: &a0 [[[[[[[[[[x]]]]]]]]]]\n";
  for (int i = 1; i < 9; ++i) {
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [[[[*a" +
             std::to_string(i - 1) + "]]]]\n";
  }
  CHECK(first(chain) == "7:13 Nested deeper than 32 levels");
}

TEST_CASE("yaml: sizes are bounded") {
  CHECK(first("name: " + std::string(65537, 'a') + "\n") ==
        "1:7 A text of 65537 bytes is longer than 64 KiB");
  CHECK(first("# " + std::string(Limits::kTextBytes, 'a')) == "1:1 The spec is larger than 64 MiB");
}

TEST_CASE("yaml: a line of a megabyte is read") {
  std::string keys;
  for (int i = 0; i < 120'000; ++i)
    keys += (i == 0 ? "'\u00e4" : ", '\u00e4") + std::to_string(i) + "'";
  const std::string text = kHead + "x: [" + keys + "]\nyy: [" + keys + ", &a b, *c]\n";
  // Were each place counted from the start of its line, this would not end today.
  CHECK(first(text).ends_with(" This alias stands for nothing"));
  CHECK(first(text).starts_with("4:"));
  CHECK(read(text).errors.back().where.column > 1'000'000);
}

TEST_CASE("spec: instances cannot multiply without end") {
  std::string keys;
  std::string rows;
  for (int i = 0; i < 3000; ++i) {
    keys += (i == 0 ? "k" : ", k") + std::to_string(i);
    rows += (i == 0 ? "{source: a" : ", {source: a") + std::to_string(i) + ", destination: b" +
            std::to_string(i) + "}";
  }
  const std::string for_each = "    for_each: [" + keys + "]\n";
  CHECK(first(spec_text({.mapping = "[" + rows + "]", .rest = for_each})) ==
        "4:3 With pipeline `p`, the spec has more than 4000000 values or 64 MiB of text in all of "
        "its instances");
  CHECK(first(spec_text({.rest = for_each})) == "none");
  const std::string text(60'000, 'x');
  CHECK(
      first(spec_text({.mapping = "[{static: '" + text + "', destination: b}]", .rest = for_each}))
          .starts_with("4:3 With pipeline `p`, the spec has more than"));
}

TEST_CASE("spec: references cannot make texts without end") {
  const std::string long_text(4000, 'x');
  const std::string head = kHead + "variables: {v: {default: '" + long_text + "'}}\ndatasets:\n";
  const auto dataset = [](const std::string& key) {
    return "  " + key + ": {schema: {id: s}, description: '" + repeat("${var.v}", 8000) + "'}\n";
  };
  CHECK(first(head + dataset("a") + dataset("b")) == "none");
  CHECK(first(head + dataset("a") + dataset("b") + dataset("c") + dataset("d")) ==
        "7:37 With its references filled in, the spec has more than 64 MiB of text");
}

TEST_CASE("spec: the number of objects is bounded") {
  const auto with = [](int instances, const std::string& rest) {
    std::string keys;
    for (int i = 0; i < instances; ++i)
      keys += (i == 0 ? "k" : ", k") + std::to_string(i);
    return spec_text({.rest = "    for_each: [" + keys + "]\n" + rest});
  };
  CHECK(first(with(25'000, "")) == "none");
  const std::string too_many = "the spec has more than 100000 objects";
  CHECK(first(with(25'000, "datasets: {d: {schema: {id: s}}}\n")).ends_with(too_many));
  CHECK(first(with(25'001, "")).ends_with(too_many));
  CHECK(first(with(200'000, "")).ends_with(too_many));
}

TEST_CASE("yaml: the files of a spec share the limits") {
  const Source most = {"a.yaml", std::string(Limits::kTextBytes, '#')};
  const Reading reading = read_files({most, {"b.yaml", ""}, {"c.yaml", "#"}});
  REQUIRE_FALSE(reading.errors.empty());
  CHECK(reading.errors[0].summary == "The spec is larger than 64 MiB");
  CHECK(reading.errors[0].where == SourcePos{"c.yaml", 1, 1});
}

TEST_CASE("yaml: what the library would let pass is refused") {
  struct Row {
    std::string text;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {"a: b\n---\nc: d\n", "2:1 A second document begins here"},
      {"a: b\n...\nc\n", "3:1 A second document begins here"},
      {"{a: b}\nc: d\n", "2:1 A second document begins here"},
      {"a: \"b\nc: d\n", "1:4 The quote that opens here is never closed"},
      {"a: &x 'b\nc: ''d''\n", "1:7 The quote that opens here is never closed"},
      {"a: *b\nb: &b c\n", "1:4 This alias stands for nothing"},
      {"a: &b c\nd: {e: &b [*b]}\n", "2:12 This alias stands inside what it stands for"},
      {"a: b\na: c\n", "2:1 `a` is defined twice"},
      {"x: {a: b, \"a\": c}\n", "1:11 `a` is defined twice"},
      {"x: {<<: a}\n", "1:9 `<<` merges something that is not a map"},
      {"x: {<<: [{a: b}, [c]]}\n", "1:18 `<<` merges something that is not a map"},
      {"x: {<<: {a: b}, <<: {c: d}}\n", "1:17 `<<` is defined twice"},
      {"x: &x {<<: *x}\n", "1:12 This alias stands inside what it stands for"},
      {"x: {[a]: b}\n", "1:5 A key must be text"},
      {"? {a: b}\n: c\n", "1:3 A key must be text"},
      {"~: b\n", "1:1 A key must be text"},
      {"a: !secret b\n", "1:4 The tag `!secret` means nothing here"},
      {"a: !!binary b\n", "1:4 The tag `tag:yaml.org,2002:binary` means nothing here"},
      {"a: !!seq b\n", "1:4 The tag `tag:yaml.org,2002:seq` means nothing here"},
      {"a: \xff\n", "1:4 This is not UTF-8 text"},
      {"a: \xC0\xAF\n", "1:4 This is not UTF-8 text"},
      {"a: \xED\xA0\x80\n", "1:4 This is not UTF-8 text"},
      {"a: \xF4\x90\x80\x80\n", "1:4 This is not UTF-8 text"},
      {"a: \xE2\x82", "1:4 This is not UTF-8 text"},
      {"\xFF\xFE"
       "a\n",
       "1:1 This is not UTF-8 text"},
      {"a: b\n\x04\nc: d\n", "2:1 The control character 0x04 may not stand in a spec"},
      {std::string("a\0: b", 5), "1:2 The control character 0x00 may not stand in a spec"},
      {"a: b\rc: d\n", "1:5 The control character 0x0d may not stand in a spec"},
      {"a: b\xC2\x85\n", "1:5 The control character 0xc2 may not stand in a spec"},
      {"\xEF\xBB\xBF\xEF\xBB\xBF"
       "a: b\n",
       "1:1 A character that cannot be seen stands here: a line separator, a paragraph separator "
       "or "
       "a byte order mark"},
      {"é: b\na: \"b\u2028c\"\n",
       "2:6 A character that cannot be seen stands here: a line separator, a paragraph separator "
       "or "
       "a byte order mark"},
      {"a: b\né: c\uFFFF\n", "2:5 This is not YAML: control characters are not allowed"},
  };
  for (const Row& row : rows) {
    const std::string found = "\n" + read(row.text).text();
    CHECK_MESSAGE(found.find("\n" + row.expected + " | ") != std::string::npos, row.text, found);
  }
}

TEST_CASE("yaml: what is no YAML is said with advice, and the line if it can be shown") {
  CHECK(
      read("a:\n\tb: c\n").text() ==
      "2:1 This is not YAML: found character that cannot start any token | YAML takes no tabs for "
      "indentation: use spaces.\n");
  CHECK(read("o: {value: ${var.x}}\n").text() ==
        "1:13 This is not YAML: did not find expected ',' or '}' | Inside braces or brackets, "
        "`${...}` needs quotes around it.\n");
  CHECK(read("a: b\nc\nd: e\n").text() ==
        "2:1 This is not YAML: a key without a colon | Write `key: value`; a text of several lines "
        "needs quotes, or `|` before it.\n");
  CHECK(
      read("a: b: c\n").text() ==
      "1:5 This is not YAML: mapping values are not allowed in this context | A value begins here "
      "where none can stand. A text with `: ` in it needs quotes; else look at the indentation of "
      "this line and the one before it, and for a bracket left open.\n");
  CHECK(read("a: [b\n").text() ==
        "2:1 This is not YAML: did not find expected ',' or ']' while parsing a flow sequence | It "
        "begins at a.yaml:1:4. Look at this line and the one before it: indentation, quotes, "
        "brackets.\n");
  const Reading reading = read("ok: fine\nbad: \x1b[2J\n");
  REQUIRE(reading.errors.size() == 1);
  CHECK(reading.errors[0].excerpt.empty());
}

TEST_CASE("yaml: other odd texts end in errors, not in a crash") {
  for (const char* text : {"*",
                           "&",
                           "!",
                           "%",
                           "@",
                           "`",
                           "|",
                           ">",
                           "'",
                           "\"",
                           ":",
                           "?",
                           "-",
                           "- -",
                           "!<",
                           "&a &b c",
                           "*a *b",
                           "%YAML 9.9\n---\n",
                           "%TAG ! !\n",
                           "[]]",
                           "{}}",
                           "a: |9\n b\n",
                           "a: \"\\ud800\"\n",
                           "a: \"\\xZZ\"\n",
                           "a: b: c",
                           "- a\nb: c\n",
                           "text",
                           "[a]",
                           "*a : b"}) {
    CHECK_MESSAGE(!read(text).errors.empty(), text);
  }
  for (const char* piece :
       {"]", "[]", ":", "'", "&a ", "!a ", "%", "---\n", "- *a\n", "#\n", "\t"}) {
    CHECK_MESSAGE(!read(repeat(piece, 100000)).errors.empty(), piece);
  }
}

TEST_CASE("read_spec: thousands of errors are cut off") {
  std::string text = "sluice: 1\nname: n\n";
  for (int i = 0; i < 5000; ++i)
    text += "x" + std::to_string(i) + ": y\n";
  const Reading reading = read(text);
  REQUIRE(reading.errors.size() == 1000);
  CHECK(reading.errors[0].summary == "There are 1000 errors or more, too many to list");
}
