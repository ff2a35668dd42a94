#include "store/state_json.hpp"

#include "unit/store/samples.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice;
using namespace sluice::store;
using namespace sluice::test;

namespace {

// The checksum is that of `grep -v '^  "sha256"' | sha256sum`.
const std::string kGolden =
    R"({
  "applied_by": "ann@host",
  "applied_plan": "",
  "endpoint": "https://p.example",
  "environment": "",
  "format": 1,
  "lineage": "l-1",
  "min_reader": 1,
  "org": "o",
  "pending": [],
  "resources": [
    {"address":"datasets.a","depends_on":[],"deposed":[],"etag":"","facts":{})"
    R"(,"id":"1","inputs":{"name":"A"},"kind":"dataset","name":"A","protect":false},
    {"address":"datasets.b","depends_on":["datasets.a"],"deposed":[],"etag":"","facts":{})"
    R"(,"id":"2","inputs":{},"kind":"dataset","name":"B","protect":true}
  ],
  "sandbox": "dev",
  "serial": 7,
  "sha256": "a9795cd1552b942bad9d7b278f8fb88f6ea414a691fab0cafabe48d358bf2229",
  "spec": "orders",
  "tool": "sluice 0.1.0"
}
)";

State golden_state() {
  State state;
  state.lineage = "l-1";
  state.serial = 7;
  state.spec_name = "orders";
  state.place = {"https://p.example", "o", "dev"};
  state.applied_by = "ann@host";
  Record a;
  a.address = address("datasets.a");
  a.kind = "dataset";
  a.id = "1";
  a.name = "A";
  a.inputs = {{"name", "A"}};
  Record b;
  b.address = address("datasets.b");
  b.kind = "dataset";
  b.id = "2";
  b.name = "B";
  b.depends_on = {a.address};
  b.protect = true;
  state.records = {{b.address, b}, {a.address, a}};
  return state;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

/// The text with the right checksum for what it holds now.
std::string sealed(std::string text) {
  const std::size_t at = text.find("  \"sha256\"");
  const std::size_t end = text.find('\n', at) + 1;
  const std::string sum = sha256_hex(text.substr(0, at) + text.substr(end));
  return text.substr(0, at) + "  \"sha256\": \"" + sum + "\",\n" + text.substr(end);
}

std::string problem_of(const std::string& text) {
  std::string problem;
  const auto state = state_from_text(text, problem);
  CHECK(state.has_value() == problem.empty());
  return problem;
}

}  // namespace

TEST_CASE("state_to_text: keys are sorted and a resource is a line") {
  CHECK(state_to_text(golden_state(), "sluice 0.1.0") == kGolden);
}

TEST_CASE("state_from_text: gives back every field") {
  for (const State& state : {State{}, golden_state(), sample_state()}) {
    std::string problem;
    const auto again = state_from_text(state_to_text(state, "sluice 0.1.0"), problem);
    CHECK(problem == "");
    REQUIRE(again);
    CHECK(*again == state);
  }
}

TEST_CASE("state_from_text: says in a sentence what is wrong") {
  const std::string good = kGolden;
  std::string deep = R"({"a": )";
  for (int i = 0; i < 96; ++i)
    deep += '[';
  const std::string edited = "its checksum does not match its contents: it was edited or cut";
  const std::string fields = "its fields are not those of a state: ";
  struct Row {
    std::string text;
    std::string problem;
  };
  const std::vector<Row> rows = {
      {"", "it is empty"},
      {std::string(kStateSizeMax + 1, ' '), "it has 67108865 bytes, and at most 67108864 are read"},
      {std::string(8, '\0'), "it is not JSON from byte 1 on: it was edited or cut"},
      {"{\"a\": \"\xff\"}", "it is not JSON from byte 8 on: it was edited or cut"},
      {deep, "it is nested deeper than 96 levels"},
      {R"({"a": 1, "b": {"a": 1}, "a": 2})", "it holds the key \"a\" twice in one object"},
      {"[]", "it is not a state of sluice: it does not tell its format"},
      {R"({"format": "1"})", "it is not a state of sluice: it does not tell its format"},
      {R"({"format": 2})", "it was written by a newer sluice (format 2); this one reads format 1"},
      {R"({"format": 3, "tool": "sluice 9.1.0"})",
       "it was written by a newer sluice 9.1.0 (format 3); this one reads format 1"},
      {R"({"format": 1, "min_reader": 2})",
       "it was written by a newer sluice (format 2); this one reads format 1"},
      {R"({"format": 0})", "it has format 0, which there never was"},
      {R"({"format": 1})", edited},
      {replaced(good, "\"serial\": 7", "\"serial\": 8"), edited},
      {replaced(good, "  \"sandbox\"", "   \"sandbox\""), edited},
      {sealed(replaced(good, "  \"org\": \"o\",\n", "")), fields + "key 'org' not found"},
      {sealed(replaced(good, "\"serial\": 7", "\"serial\": \"7\"")),
       fields + "\"7\" is not a whole number"},
      {sealed(replaced(good, "\"serial\": 7", "\"serial\": true")),
       fields + "true is not a whole number"},
      {sealed(replaced(good, "\"serial\": 7", "\"serial\": 1e300")),
       fields + "1e+300 is not a whole number"},
      {sealed(replaced(good, "\"serial\": 7", "\"serial\": 9223372036854775808")),
       fields + "9223372036854775808 is not a whole number"},
      {sealed(replaced(good, "\"datasets.b\"", "\"datasets.a\"")),
       fields + "datasets.a is there twice"},
      {sealed(replaced(good, "\"datasets.b\"", "\"b\"")), fields + "\"b\" is not an address"},
  };
  for (const Row& row : rows)
    CHECK_MESSAGE(problem_of(row.text) == row.problem, problem_of(row.text), " / ", row.problem);
  CHECK(problem_of(sealed(good)) == "");
}

TEST_CASE("is_newer_state: only what a newer program wrote whole") {
  CHECK(is_newer_state(R"({"format": 2})"));
  CHECK(is_newer_state(R"({"format": 1, "min_reader": 2})"));
  const std::string good = kGolden;
  for (const std::string& text : {good, good.substr(0, 100), std::string(), std::string("[]"),
                                  std::string(R"({"format": 2)")})
    CHECK_FALSE(is_newer_state(text));
}

TEST_CASE("is_other_json: whole JSON with next to nothing of a state") {
  for (const char* text : {"{}", "[]", "1", R"({"format_version":3,"lineage":"a","serial":1})",
                           R"({"resources":[]})", R"({"format":"esm"})"})
    CHECK_MESSAGE(is_other_json(text), text);
  CHECK_FALSE(is_other_json(kGolden));
  for (const char* text : {"", " ", "{", "{}}", R"({"format":1,"resources":[]})"})
    CHECK_MESSAGE(!is_other_json(text), text);
  for (std::size_t size = 0; size + 1 < kGolden.size(); ++size)
    CHECK_FALSE(is_other_json(std::string_view(kGolden).substr(0, size)));
}

TEST_CASE("state_from_text: no cut and no flipped bit goes unnoticed") {
  const std::string good = kGolden;
  for (std::size_t at = 0; at < good.size(); ++at) {
    CHECK_MESSAGE(problem_of(good.substr(0, at)) != "", "cut at ", at);
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = good;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      CHECK_MESSAGE(problem_of(flipped) != "", "bit ", bit, " of byte ", at);
    }
  }
}

TEST_CASE("state_to_text: what is not UTF-8 is replaced and can be read again") {
  State state = golden_state();
  state.spec_name = "bad \xff";
  CHECK(problem_of(state_to_text(state, "sluice 0.1.0")) == "");
}
