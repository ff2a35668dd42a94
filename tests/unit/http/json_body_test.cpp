#include "http/json_body.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;
using namespace sluice::http;

namespace {

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

TEST_CASE("parse_json: reads every kind of value") {
  const auto value =
      parse_json(R"({"a":[1,-2,2.5,true,null,"x",{"b":{}}],"c":18446744073709551615})");
  REQUIRE(value);
  CHECK(*value == Json{{"a", {1, -2, 2.5, true, nullptr, "x", Json{{"b", Json::object()}}}},
                       {"c", 18446744073709551615ULL}});
  CHECK(parse_json(" 7 ") == Json(7));
}

TEST_CASE("parse_json: refuses what is not one whole document") {
  for (const std::string text :
       {"", " ", "{", "[1,]", "{}{}", "{\"a\":1}x", "nul", "'a'", "<html>", "{\"a\" 1}", "1e999"}) {
    CHECK_MESSAGE(!parse_json(text), text);
  }
  CHECK(!parse_json(std::string("{}\0{}", 5)));
}

TEST_CASE("parse_json: refuses a key that comes twice, at any level") {
  CHECK(!parse_json(R"({"a":1,"a":1})"));
  CHECK(!parse_json(R"([{"x":{"a":1,"b":2,"a":3}}])"));
  CHECK(parse_json(R"({"a":{"a":1},"b":{"a":2}})"));
}

TEST_CASE("parse_json: takes 64 levels and not 65") {
  CHECK(parse_json(nested(64)));
  CHECK(!parse_json(nested(65)));
  CHECK(!parse_json(std::string(5'000'000, '[')));
}

TEST_CASE("parse_json: refuses invalid UTF-8") {
  CHECK(!parse_json("\"\xff\""));
  CHECK(!parse_json("\"\xc3\""));
  CHECK(!parse_json("\"\xed\xa0\x80\""));
  CHECK(!parse_json("\"\\ud800\""));
  CHECK(parse_json("\"\xc3\xa4\"") == Json("\xc3\xa4"));
}

TEST_CASE("parse_json: refuses more than a million values") {
  std::string text = "[0";
  for (int i = 0; i < 1'000'000; ++i)
    text += ",0";
  CHECK(!parse_json(text + "]"));
}
