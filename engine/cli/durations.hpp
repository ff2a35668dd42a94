#pragma once

#include <optional>
#include <string_view>

namespace sluice::cli {

/// "90", "90s", "2m" or "500ms" in seconds; nullopt when it is no such time.
std::optional<double> seconds_from(std::string_view text);

/// How to write one, for whoever wrote something else.
inline constexpr const char* kTimeExamples = "a time such as 0s, 90s or 2m";

}  // namespace sluice::cli
