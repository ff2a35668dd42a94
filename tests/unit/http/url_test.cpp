#include "http/url.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice::http;

TEST_CASE("parse_origin: reads scheme, host and port") {
  struct Row {
    std::string text, scheme, host;
    int port;
  };
  const std::vector<Row> rows = {
      {"https://platform.adobe.io", "https", "platform.adobe.io", 0},
      {"HTTPS://Platform.Adobe.IO/", "https", "platform.adobe.io", 0},
      {"http://127.0.0.1:8080", "http", "127.0.0.1", 8080},
      {"http://[::1]:65535/", "http", "::1", 65535},
      {"https://[2001:DB8::1]", "https", "2001:db8::1", 0},
  };
  for (const Row& row : rows) {
    const auto origin = parse_origin(row.text);
    REQUIRE_MESSAGE(origin, row.text);
    CHECK(origin->scheme == row.scheme);
    CHECK(origin->host == row.host);
    CHECK(origin->port == row.port);
  }
}

TEST_CASE("parse_origin: refuses everything else") {
  for (const std::string text : {"",
                                 "platform.adobe.io",
                                 "ftp://a.b",
                                 "https:/a.b",
                                 "https://",
                                 "https:///",
                                 "https://a.b/c",
                                 "https://a.b//",
                                 "https://u@a.b",
                                 "https://u:p@a.b",
                                 "https://a.b?q",
                                 "https://a.b#f",
                                 "https://a.b:",
                                 "https://a.b:0",
                                 "https://a.b:65536",
                                 "https://a.b:+80",
                                 "https://a.b:08",
                                 "https://a.b:80:80",
                                 "https://a b",
                                 "https://a.b\n",
                                 "https://.a.b",
                                 "https://a.b.",
                                 "https://a..b",
                                 "https://0",
                                 "http://127.1",
                                 "http://0x7f.1",
                                 "https://a.2130706433",
                                 "https://127.0.0.01",
                                 "https://127.0.0.256",
                                 "http://127.evil.0.1",
                                 "https://[::1",
                                 "https://[]",
                                 "https://[a]",
                                 "https://[::1]x",
                                 "https://[::1%25lo]",
                                 "https://a\\b",
                                 "https://\xc3\xa4.io",
                                 " https://a.b"}) {
    CHECK_MESSAGE(!parse_origin(text), text);
  }
}

TEST_CASE("may_carry_credentials: https anywhere, http on this machine alone") {
  struct Row {
    std::string text;
    bool loopback, may;
  };
  const std::vector<Row> rows = {
      {"https://platform.adobe.io", false, true},
      {"http://platform.adobe.io", false, false},
      {"http://127.0.0.1:1", true, true},
      {"http://127.255.0.9", true, true},
      {"http://localhost:80", true, true},
      {"http://LOCALHOST", true, true},
      {"http://[::1]", true, true},
      {"http://127.0.0.1.evil.example", false, false},
      {"http://localhost.evil.example", false, false},
      {"http://128.0.0.1", false, false},
      {"http://0.0.0.0", false, false},
      {"http://[::]", false, false},
  };
  for (const Row& row : rows) {
    const auto origin = parse_origin(row.text);
    REQUIRE_MESSAGE(origin, row.text);
    CHECK_MESSAGE(is_loopback(*origin) == row.loopback, row.text);
    CHECK_MESSAGE(may_carry_credentials(*origin) == row.may, row.text);
  }
}

TEST_CASE("is_adobe_host: only what stands below Adobe's two domains") {
  CHECK(is_adobe_host({"https", "platform.adobe.io", 0}));
  CHECK(is_adobe_host({"https", "ims-na1.adobelogin.com", 0}));
  CHECK(!is_adobe_host({"https", "adobe.io", 0}));
  CHECK(!is_adobe_host({"https", "notadobe.io", 0}));
  CHECK(!is_adobe_host({"https", "platform.adobe.io.evil.example", 0}));
}

TEST_CASE("percent_encode: leaves only what means nothing anywhere") {
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode("a b+&=/%\xc3\xa4\n") == "a%20b%2B%26%3D%2F%25%C3%A4%0A");
}
