#include "http/retry.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

namespace sluice::http {

namespace {

constexpr Millis kAskedMax{120'000};

std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  for (const char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = 10 * number + (c - '0');
  }
  return number;
}

std::optional<unsigned> month_of(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<unsigned>(found - kNames.begin()) + 1;
}

std::optional<Millis> date_in(const Response& response, const char* header) {
  const auto found = response.headers.find(header);
  return found == response.headers.end() ? std::nullopt : parse_http_date(found->second);
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<Millis> parse_http_date(std::string_view text) {
  constexpr std::string_view kShape = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kShape.size()) return std::nullopt;
  for (const std::size_t at : {3U, 4U, 7U, 11U, 16U, 19U, 22U, 25U, 26U, 27U, 28U})
    if (text[at] != kShape[at]) return std::nullopt;
  const auto day = number_at(text, 5, 2);
  const auto month = month_of(text.substr(8, 3));
  const auto year = number_at(text, 12, 4);
  const auto hour = number_at(text, 17, 2);
  const auto minute = number_at(text, 20, 2);
  const auto second = number_at(text, 23, 2);
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  // A leap second is written as 60.
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

std::optional<Millis> retry_after(const Response& response, Millis server_now) {
  const auto found = response.headers.find("retry-after");
  if (found == response.headers.end()) return std::nullopt;
  const std::string& text = found->second;
  if (is_digits(text)) {
    // A number too long to be read is a long wait all the same.
    int seconds = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (read.ec != std::errc()) return kAskedMax;
    return std::min<Millis>(std::chrono::seconds(seconds), kAskedMax);
  }
  const std::optional<Millis> until = parse_http_date(text);
  const Millis now = date_in(response, "date").value_or(server_now);
  if (!until || now == Millis(0)) return std::nullopt;
  return std::clamp(*until - now, Millis(0), kAskedMax);
}

Millis retry_delay(int attempt, std::optional<Millis> asked, std::uint64_t chance) {
  assert(attempt >= 1);
  const Millis doubled{1000LL << std::min(attempt - 1, 4)};
  const Millis base = std::max(doubled, asked.value_or(Millis(0)));
  const auto quarter = static_cast<std::uint64_t>(base.count() / 4);
  return base + Millis(static_cast<std::int64_t>((quarter * (chance >> 32U)) >> 32U));
}

bool is_passing_trouble(const Outcome& outcome) {
  if (const auto* failure = std::get_if<Failure>(&outcome)) return !failure->lasting;
  static constexpr std::array kStatuses = {408, 429, 500, 502, 503, 504};
  const int status = std::get<Response>(outcome).status;
  return std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
}

}  // namespace sluice::http
