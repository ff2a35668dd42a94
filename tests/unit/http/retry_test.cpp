#include "http/retry.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::http;

namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

// 1994-11-06 08:49:37 is 784,111,777 s after the epoch, by RFC 7231's example and any calendar.
constexpr Millis kNow{784'111'777'000};
const std::string kNowText = "Sun, 06 Nov 1994 08:49:37 GMT";

std::optional<Millis> asked(const std::string& text, Millis now = kNow) {
  return retry_after(Response{429, {{"retry-after", text}}, ""}, now);
}

}  // namespace

TEST_CASE("retry_delay: grows to sixteen seconds and stays there") {
  const std::vector<int> seconds = {1, 2, 4, 8, 16, 16, 16};
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const int attempt = static_cast<int>(i) + 1;
    CHECK(retry_delay(attempt, std::nullopt, 0) == Millis(1000 * seconds[i]));
    CHECK(retry_delay(attempt, std::nullopt, kMost) == Millis(1250 * seconds[i] - 1));
  }
  CHECK(retry_delay(1'000'000, std::nullopt, 0) == Millis(16'000));
  CHECK(retry_delay(1, std::nullopt, 1ULL << 63U) == Millis(1125));
}

TEST_CASE("retry_delay: is never shorter than what the server asked for") {
  CHECK(retry_delay(1, Millis(38'000), 0) == Millis(38'000));
  CHECK(retry_delay(1, Millis(40'000), 1ULL << 63U) == Millis(45'000));
  CHECK(retry_delay(5, Millis(2'000), 0) == Millis(16'000));
}

TEST_CASE("retry_after: reads seconds") {
  CHECK(asked("0") == Millis(0));
  CHECK(asked("38") == Millis(38'000));
  CHECK(asked("120") == Millis(120'000));
  CHECK(asked("121") == Millis(120'000));
  CHECK(asked("99999999999999999999") == Millis(120'000));
}

TEST_CASE("retry_after: reads a date against the server's own clock") {
  CHECK(asked("Sun, 06 Nov 1994 08:50:07 GMT") == Millis(30'000));
  CHECK(asked("Sun, 06 Nov 1994 08:49:00 GMT") == Millis(0));
  CHECK(asked("Mon, 07 Nov 1994 08:49:37 GMT") == Millis(120'000));
  CHECK(asked("Sun, 06 Nov 1994 08:50:07 GMT", Millis(0)) == std::nullopt);
  const Response own{
      429, {{"retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"}, {"date", kNowText}}, ""};
  CHECK(retry_after(own, Millis(1)) == Millis(30'000));
}

TEST_CASE("retry_after: takes what it cannot read for nothing") {
  for (const std::string text : {"", "soon", "-1", "1.5", "+3", "1 ", "06 Nov 1994"})
    CHECK_MESSAGE(asked(text) == std::nullopt, text);
  CHECK(retry_after(Response{429, {}, ""}, kNow) == std::nullopt);
}

TEST_CASE("parse_http_date: takes the one form that servers send") {
  CHECK(parse_http_date(kNowText) == kNow);
  CHECK(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT") == Millis(0));
  CHECK(parse_http_date("Thu, 29 Feb 2024 00:00:01 GMT") == Millis(1'709'164'801'000));
  for (const std::string text :
       {"Thu, 30 Feb 2024 00:00:00 GMT", "Thu, 29 Feb 2024 24:00:00 GMT",
        "Thu, 29 Foo 2024 00:00:00 GMT", "Thu, 29 Feb 2024 00:00:00 UTC",
        "Thu, 2x Feb 2024 00:00:00 GMT", "Thursday, 29-Feb-24 00:00:00 GMT", ""}) {
    CHECK_MESSAGE(!parse_http_date(text), text);
  }
}

TEST_CASE("is_passing_trouble: overload and lost connections pass, refusals do not") {
  const std::map<int, bool> statuses = {{200, false}, {304, false}, {400, false}, {401, false},
                                        {403, false}, {404, false}, {408, true},  {409, false},
                                        {412, false}, {429, true},  {500, true},  {501, false},
                                        {502, true},  {503, true},  {504, true}};
  for (const auto& [status, passing] : statuses)
    CHECK_MESSAGE(is_passing_trouble(Response{status, {}, ""}) == passing, status);
  CHECK(is_passing_trouble(Failure{"lost", true}));
  CHECK(is_passing_trouble(Failure{"refused", false}));
  CHECK(!is_passing_trouble(Failure{"certificate", false, true}));
}
