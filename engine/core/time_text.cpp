#include "core/time_text.hpp"

#include <fmt/format.h>

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

}  // namespace sluice
