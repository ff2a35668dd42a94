#include "support/secret_search.hpp"

#include <doctest/doctest.h>

using sluice::test::SecretSearch;

TEST_CASE("secret search: finds a secret in each of its spellings, whatever is around it") {
  const SecretSearch search("emulator-secret");
  const std::string all_percents = "%65%6D%75%6c%61%74%6F%72%2d%73%65%63%72%65%74";
  struct Row {
    std::string text, found;
  };
  for (const Row& row :
       std::vector<Row>{{"client_secret=emulator-secret&", "plain"},
                        {"Basic ZW11bGF0b3I6ZW11bGF0b3Itc2VjcmV0", "base64"},  // emulator:...
                        {"Basic YTplbXVsYXRvci1zZWNyZXQ=", "base64"},          // a:...
                        {"Basic YWI6ZW11bGF0b3Itc2VjcmV0IHg=", "base64"},      // ab:... x
                        {"xZW11bGF0b3Itc2VjcmV0", "base64"},
                        {"0x656d756c61746f722d736563726574.", "hex"},
                        {"656D756C61746F722D736563726574", "hex"},
                        {"100%: emulator%2Dsecret%", "plain, percent-encoded"},
                        {all_percents, "plain, percent-encoded"},
                        {"\"\\u0065mulator\\u002Dsecret\\", "plain, JSON-escaped"},
                        {"\\\"em\\u0075lator%2dsecret\\q", "plain, percent-encoded, JSON-escaped"},
                        {"emulator-secre t, ZW11bGF0b3, 656d75, \\u0065%6D%7", ""},
                        {"", ""}}) {
    CHECK_MESSAGE(search.found_in(row.text) == row.found, row.text);
  }
}

TEST_CASE("secret search: finds what JSON and both alphabets of base64 write otherwise") {
  const SecretSearch search("canary/\"5c1d07?~~~>");
  CHECK(search.found_in("\"canary\\/\\\"5c1d07?~~~>\"") == "plain, JSON-escaped");
  CHECK(search.found_in("Y2FuYXJ5LyI1YzFkMDc/fn5+Pg==") == "base64");
  CHECK(search.found_in("Y2FuYXJ5LyI1YzFkMDc_fn5-Pg") == "base64");
  CHECK(search.found_in("Y2FuYXJ5LyI1YzFkMDc\\/fn5+Pg==") == "base64, JSON-escaped");
  CHECK(search.found_in("Y2FuYXJ5LyI1YzFkMDc%2Ffn5%2BPg%3D%3D") == "base64, percent-encoded");
}
