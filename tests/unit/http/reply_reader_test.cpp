#include "http/reply_reader.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice::http;

namespace {

/// The value of header `a` after these lines.
std::string value_of(const std::vector<std::string>& lines) {
  ReplyReader reader("the server", 1024, 1024);
  for (const std::string& line : lines)
    REQUIRE(reader.take_header(line + "\r\n"));
  return reader.take().headers.at("a");
}

}  // namespace

TEST_CASE("ReplyReader: a header that comes again adds to its list, an empty one nothing") {
  CHECK(value_of({"A:  1 "}) == "1");
  CHECK(value_of({"A: 1", "a:2\t"}) == "1, 2");
  CHECK(value_of({"A: 1", "A:", "A: 2", "A: "}) == "1, 2");
  CHECK(value_of({"A:", "A: 2"}) == "2");
  CHECK(value_of({"A:", "A:"}).empty());
}

TEST_CASE("ReplyReader: an etag that comes again is the same one") {
  ReplyReader reader("the server", 1024, 1024);
  CHECK(reader.take_header("ETag: \"1\"\r\n"));
  CHECK(reader.take_header("etag:  \"1\"\r\n"));
  CHECK(!reader.take_header("ETag:\r\n"));
  CHECK(reader.problem() == "the reply of the server has two different etags");
}

TEST_CASE("ReplyReader: the headers of an interim answer are not those of the next") {
  CHECK(value_of({"HTTP/1.1 103 Early Hints", "A: 1", "", "HTTP/1.1 200 OK", "A: 2"}) == "2");
}
