#pragma once

// The pieces that the texts are put together from: values, rows, colours, line breaks. Everything
// that comes out of here has passed `harmless`. Nobody outside of report/ includes this.

#include "core/json.hpp"
#include "core/resource.hpp"
#include "report/text.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::report {

/// The texts are made for this many columns; only a single long value goes beyond.
inline constexpr std::size_t kColumns = 80;

enum class Tone { bold, green, yellow, red, magenta };
std::string painted(std::string_view text, Tone tone, const Style& style);

/// The harmless form of the character at `at`, which moves behind it. A tab is "\t" in two
/// characters.
std::string shown_character(std::string_view text, std::size_t& at);

/// How many columns harmless text takes, wide characters counted as one.
std::size_t width(std::string_view text);

/// Strings in quotes, references as "(known after apply: ...)", the rest as JSON. Cut after 200
/// characters.
std::string value_text(const Json& value);

/// Two values side by side. When they are long and begin alike, both are cut so that the place
/// where they part is in sight.
struct TwoTexts {
  std::string left;
  std::string right;
};
TwoTexts two_values(const Json& left, const Json& right);

/// Where a mapping row's value comes from: `data.email`, `lower(data.email) (expression)`.
std::string row_text(const Json& row);
TwoTexts two_rows(const Json& left, const Json& right);

/// "source connection" for "sourceConnection".
std::string noun(std::string_view kind);

/// "1 field", "2 fields"; `noun` is one that takes an s.
std::string counted(std::size_t count, std::string_view noun);

/// "a", "a and b", "a, b and c".
std::string joined(const std::vector<std::string>& words);

/// Prose in lines of at most `kColumns`; each but the first is indented by `indent`, where the
/// first is taken to begin as well. Ends with a line end.
std::string wrapped(std::string_view prose, std::size_t indent);

/// "2026-01-02 03:04:05 UTC"; empty for 0 and for times that no calendar holds.
std::string utc_text(std::int64_t epoch_ms);

/// "sandbox dev of <org>" and, on a line of its own, "(<endpoint>, spec <name>, environment <e>)".
std::string place_text(const Place& place, std::string_view spec, std::string_view environment);

}  // namespace sluice::report
