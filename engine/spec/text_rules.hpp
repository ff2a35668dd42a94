#pragma once

// What text a spec may hold: valid UTF-8 without control characters. A terminal or an HTTP header
// that is shown such a character does something else than print it.

#include <string>
#include <string_view>

namespace sluice::spec {

/// True for the bytes of a UTF-8 character behind its first.
bool is_continuation(char c);

/// The offset of the first byte that is not part of well-formed UTF-8; npos when there is none.
std::size_t find_invalid_utf8(std::string_view text);

/// Which control characters pass.
enum class Breaks {
  refused,        ///< None.
  allowed,        ///< Newline and tab.
  also_carriage,  ///< As above, and a carriage return before a newline: the text of a file.
};

/// The offset of the first control character of UTF-8 text; npos when there is none.
std::size_t find_control(std::string_view text, Breaks breaks);

/// True for a number as JSON writes it: `12`, `-0.5`, `1e5`, but not `010`.
bool is_number(std::string_view text);

/// `text` in backticks for a message: control characters are replaced and a long text is cut.
std::string shown(std::string_view text);

}  // namespace sluice::spec
