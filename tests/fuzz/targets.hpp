#pragma once

// The fuzz targets. Each takes one input and ends the process when something that must always hold
// does not. With `twin` it looks at a copy of the engine's function that has a defect, which the
// fuzzer must find.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::fuzz {

/// The fuzzer keeps the input on which the process ended.
inline void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "Does not hold: %s\n", what.c_str());
  std::abort();
}

/// The parts between the separators, one at least.
std::vector<std::string> split(std::string_view text, char separator);

/// Well-formed UTF-8 without control characters, which a terminal would obey.
bool is_clean(const std::string& text);

void spec(std::string_view input, bool twin);
void state(std::string_view input, bool twin);
void journal(std::string_view input, bool twin);
void plan(std::string_view input, bool twin);
void reply(std::string_view input, bool twin);
void redactor(std::string_view input, bool twin);
void url(std::string_view input, bool twin);

}  // namespace sluice::fuzz
