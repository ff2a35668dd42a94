#include "core/time_text.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace sluice {

std::string utc_text(Millis since_epoch) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const auto days = std::chrono::floor<std::chrono::days>(whole);
  const std::chrono::year_month_day date{std::chrono::sys_days(days)};
  const std::chrono::hh_mm_ss time{whole - days};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::optional<Millis> from_utc_text(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2d:%2d:%2dZ", &year, &month, &day, &hours, &minutes,
                  &seconds) != 6) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  const Millis result = std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(hours) +
                        std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
  // What is read must be written the same again.
  if (result < Millis(0) || utc_text(result) != text) return std::nullopt;
  return result;
}

std::string span_text(Millis span) {
  using std::chrono::duration_cast;
  if (span < std::chrono::minutes(1)) {
    return fmt::format("{} s", duration_cast<std::chrono::seconds>(span).count());
  }
  if (span < std::chrono::hours(1)) {
    return fmt::format("{} min", duration_cast<std::chrono::minutes>(span).count());
  }
  if (span < std::chrono::hours(48)) {
    return fmt::format("{} h", duration_cast<std::chrono::hours>(span).count());
  }
  return fmt::format("{} days", duration_cast<std::chrono::days>(span).count());
}

}  // namespace sluice
