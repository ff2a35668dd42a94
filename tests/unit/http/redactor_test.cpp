#include "http/redactor.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice::http;

namespace {

struct Redaction {
  std::string text, redacted;
};

void check(const Redactor& redactor, const std::vector<Redaction>& rows) {
  for (const Redaction& row : rows)
    CHECK(redactor.redact(row.text) == row.redacted);
}

}  // namespace

TEST_CASE("redactor: hides a secret in every spelling it may come back in") {
  Redactor redactor;
  redactor.learn(Secret("a/b \"?>\xc3\xa4"));
  check(redactor, {
                      {"x a/b \"?>\xc3\xa4 y a/b \"?>\xc3\xa4", "x *** y ***"},
                      {"a%2Fb%20%22%3F%3E%C3%A4", "***"},
                      {"a%2fb%20%22%3f%3e%c3%a4", "***"},
                      {"a%2Fb+%22%3F%3E%C3%A4", "***"},
                      {"say a/b \\\"?>\\u00e4!", "say ***!"},
                      {"say a/b \\\"?>\xc3\xa4!", "say ***!"},
                      {"612f6220223f3ec3a4", "***"},
                      {"612F6220223F3EC3A4", "***"},
                      {"a/b alone is nothing", "a/b alone is nothing"},
                  });
}

TEST_CASE("redactor: finds a secret inside longer base64, whatever stands before it") {
  Redactor redactor;
  redactor.learn(Secret("hunter22"));
  // base64 of "hunter22!", "xhunter22!" and "xyhunter22!". A character that a neighbour has a share
  // in stays.
  check(redactor, {
                      {"aHVudGVyMjIh", "***Ih"},
                      {"eGh1bnRlcjIyIQ==", "eG***IQ=="},
                      {"eHlodW50ZXIyMiE=", "eHl***iE="},
                  });
}

TEST_CASE("redactor: longer secrets go first, and short ones are not learnt") {
  Redactor redactor;
  redactor.learn(Secret("hunter"));
  redactor.learn(Secret("hunter-and-more"));
  redactor.learn(Secret("abc"));
  check(redactor, {{"hunter-and-more abc hunter", "*** abc ***"}});
}

TEST_CASE("redactor: hides values by their name") {
  const Redactor redactor;
  check(
      redactor,
      {
          {R"({"access_token":"abc","expires_in":7})", R"({"access_token":"***","expires_in":7})"},
          {R"({"inletUrl" : "https://x/y", "id":"1"})", R"({"inletUrl" : "***", "id":"1"})"},
          {R"({"client_secret":"a\"b\\","c":1})", R"({"client_secret":"***","c":1})"},
          {R"({"client_secret":"cut sho)", R"({"client_secret":"***)"},
          {R"("{\"access_token\":\"a\\\"b\",\"c\":1}")", R"("{\"access_token\":\"***\",\"c\":1}")"},
          {R"({"client_secret":""})", R"({"client_secret":""})"},
          {R"({"client_secret":12345,"c":1})", R"({"client_secret":***,"c":1})"},
          {"a=1&client_secret=x%20y&b=2", "a=1&client_secret=***&b=2"},
          {"Authorization: Bearer a.b.c\r\nHost: x", "Authorization: ***\r\nHost: x"},
          {"inletUrl: https://x/y", "inletUrl: ***"},
          {R"({"secret":{"a":1}})", R"({"secret":{"a":1}})"},
          {"no access_token was fetched", "no access_token was fetched"},
          {R"({"my_access_token_":"a"})", R"({"my_access_token_":"a"})"},
          {"client_secret", "client_secret"},
          {"client_secret=", "client_secret="},
      });
}
