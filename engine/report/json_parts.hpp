#pragma once

// Values of a document that are null where there is nothing to tell.

#include "core/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::report {

inline Json or_null(std::string_view text) {
  return text.empty() ? Json() : Json(std::string(text));
}

inline Json number_or_null(std::int64_t number) {
  return number == 0 ? Json() : Json(number);
}

}  // namespace sluice::report
