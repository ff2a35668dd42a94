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

TEST_CASE("redactor: each character may be escaped in its own way") {
  Redactor redactor;
  redactor.learn(Secret("a/b!'(*)~ =&<\">\\+%\xc3\xa9\xf0\x9f\x94\x91z"));
  const std::string tail = "%C3%A9%F0%9F%94%91z";
  check(
      redactor,
      {
          // encodeURIComponent, then URLEncoder of Java, then one that keeps the slash.
          {"<a%2Fb!'(*)~%20%3D%26%3C%22%3E%5C%2B%25" + tail + ">", "<***>"},
          {"<a%2Fb%21%27%28*%29%7E+%3D%26%3C%22%3E%5C%2B%25" + tail + ">", "<***>"},
          {"<a/b%21%27%28%2A%29~%20%3d%26%3c%22%3e%5c%2b%25" + tail + ">", "<***>"},
          {"<a%252Fb!'(*)~%2520%253D%2526%253C%2522%253E%255C%252B%2525%25C3%25A9%25F0%259F%2594"
           "%2591z>",
           "<***>"},
          // JSON as Gson writes it, as PHP does, and as it looks in a text of another JSON.
          {R"(<a/b!\u0027(*)~ \u003d\u0026\u003c\"\u003e\\+%\u00e9\ud83d\udd11z>)", "<***>"},
          {R"(<a\/b!'(*)~ =&<\">\\+%\u00E9\uD83D\uDD11z>)", "<***>"},
          {R"(<a\\/b!'(*)~ =&<\\\">\\\\+%\\u00e9\\ud83d\\udd11z>)", "<***>"},
          // HTML and XML.
          {"<a/b!&#39;(*)~ =&amp;&lt;&quot;&gt;\\+%\xc3\xa9\xf0\x9f\x94\x91z>", "<***>"},
          {"<a&#x2F;b!&apos;(*)~&#32;=&#38;&#x3c;&#34;&#x3E;&#92;&#43;&#37;&#233;&#x1F511;z>",
           "<***>"},
          {"<a/b!&amp;#39;(*)~ =&amp;amp;&amp;lt;&amp;quot;&amp;gt;\\+%\xc3\xa9\xf0\x9f\x94\x91z>",
           "<***>"},
          // What only looks like it.
          {"a%2Fb!'(*)~%20%3D%26%3C%22%3E%5C%2B%2" + tail,
           "a%2Fb!'(*)~%20%3D%26%3C%22%3E%5C%2B%2" + tail},
          {"%", "%"},
          {"%2", "%2"},
          {"\\", "\\"},
          {"\\u00", "\\u00"},
          {"\\ud83d\\", "\\ud83d\\"},
          {"&", "&"},
          {"&#", "&#"},
          {"&#x", "&#x"},
          {"&#x;", "&#x;"},
          {"&amp;#", "&amp;#"},
      });
}

TEST_CASE("redactor: each of several backslashes in a row may be written in its own way") {
  Redactor redactor;
  redactor.learn(Secret(R"(ab\\\\cd)"));
  check(redactor, {
                      {R"(<ab\\\\cd>)", "<***>"},
                      {R"(<ab\\\\\\\\cd>)", "<***>"},
                      {R"(<ab\\\u005c\x5ccd>)", "<***>"},
                      {R"(<ab\u005c\u005c\u005c\u005ccd>)", "<***>"},
                      {R"(<ab\x5c\x5c\x5c\x5ccd>)", "<***>"},
                      {R"(<ab\\%5C\cd>)", "<***>"},
                      {R"(<ab\&#92;%5c\\cd>)", "<***>"},
                      {R"(<ab\\\cd>)", R"(<ab\\\cd>)"},
                      {R"(<ab\\\)", R"(<ab\\\)"},
                  });
}

TEST_CASE("redactor: what a secret looks like in an escaped text is read as it is, too") {
  Redactor redactor;
  redactor.learn(Secret("%41&lt;\\u0042"));
  check(redactor, {{"<%41&lt;\\u0042>", "<***>"},
                   {"<%2541%26lt%3B%5Cu0042>", "<***>"},
                   {"<%41&lt;\\\\u0042>", "<***>"},
                   {"<%41&amp;lt;\\u0042>", "<***>"}});
  Redactor slashes;
  slashes.learn(Secret("\\\\\\\\"));
  CHECK(slashes.redact("<" + std::string(100, '\\') + ">") == "<***>");
}

TEST_CASE("redactor: secrets that overlap are hidden whole") {
  Redactor redactor;
  redactor.learn(Secret("first-and"));
  redactor.learn(Secret("and-second-is-longer"));
  check(redactor, {{"<first-and-second-is-longer>", "<***>"},
                   {"<first-andand-second-is-longer>", "<******>"}});
}

TEST_CASE("redactor: a large text takes no longer than its size") {
  Redactor redactor;
  redactor.learn(Secret("hunter22"));
  std::string text;
  std::string expected;
  for (int i = 0; i < 400'000; ++i) {
    text += "hunter22 ";
    expected += "*** ";
  }
  // Were the text moved at each of them, this would not end today.
  CHECK(redactor.redact(text) == expected);
  for (const char c : {'%', '\\', '&', '+', '"'}) {
    const std::string flood(4'000'000, c);
    CHECK(redactor.redact(flood) == flood);
  }
  std::string named;
  for (int i = 0; i < 200'000; ++i)
    named += "password=x&";
  CHECK(redactor.redact(named).size() == named.size() + 400'000);
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

TEST_CASE("redactor: hides the name and the password in an address") {
  const Redactor redactor;
  check(redactor,
        {
            {"no https://ana:pa@ss@host.example:1/x", "no https://***@host.example:1/x"},
            {"http://ana@[::1]", "http://***@[::1]"},
            {"\"https://a:b@c\",\"https://d:e@f\"", "\"https://***@c\",\"https://***@f\""},
            {"https://host/@ana https://host?a=b@c", "https://host/@ana https://host?a=b@c"},
            {"see https://host, or ask ana@host", "see https://host, or ask ana@host"},
            {"{\"a\":\"https://host\",\"b\":\"@\"}", "{\"a\":\"https://host\",\"b\":\"@\"}"},
            {"://@", "://@"},
            {"://", "://"},
        });
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
          {R"({"inletId":"5c","inletUrl":"https://x/5c"})",
           R"({"inletId":"***","inletUrl":"***"})"},
          {"inlet_id=5c&a=1", "inlet_id=***&a=1"},
          {R"({"secret":{"a":1}})", R"({"secret":{"a":1}})"},
          {"no access_token was fetched", "no access_token was fetched"},
          {R"({"my_access_token_":"a"})", R"({"my_access_token_":"a"})"},
          {"client_secret", "client_secret"},
          {"client_secret=", "client_secret="},
      });
}
