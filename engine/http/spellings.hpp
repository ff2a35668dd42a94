#pragma once

// How a text may be written inside another one: as it is, or with some of its characters escaped,
// as URLs, forms, JSON, programs and HTML do it.

#include <cstddef>
#include <string_view>

namespace sluice::http {

/// Where the spelling of `needle` that begins at `at` ends, the last place if there are several;
/// npos when none begins there. Each character may be written plainly, as `%2F` or `%2f`, as "+",
/// as `\u00e9`, `\/`, `\n` or `\x2f`, as `&quot;`, `&#34;` or `&#x22;`, whatever the others are. A
/// text that was escaped up to four times in the same way is found, too.
std::size_t spelling_end(std::string_view text, std::size_t at, std::string_view needle);

/// What `spelling_end` may find at a place begins with one of these bytes.
struct FirstBytes {
  static constexpr std::size_t kMax = 8;
  unsigned char bytes[kMax] = {};
  std::size_t count = 0;
};
FirstBytes first_bytes(std::string_view text, std::size_t at);

}  // namespace sluice::http
