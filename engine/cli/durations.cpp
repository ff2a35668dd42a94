#include "cli/durations.hpp"

#include <charconv>

namespace sluice::cli {

namespace {

constexpr double kNumberMax = 1e6;

}  // namespace

std::optional<double> seconds_from(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const double factor = unit == "ms" ? 0.001 : unit == "m" ? 60 : 1;
  const bool known = unit.empty() || unit == "s" || unit == "ms" || unit == "m";
  // In this order, since "nan" is a number that is neither less nor more than another.
  const bool fits = number >= 0 && number <= kNumberMax;
  if (error != std::errc() || !known || !fits) return std::nullopt;
  return number * factor;
}

}  // namespace sluice::cli
