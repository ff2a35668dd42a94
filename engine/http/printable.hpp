#pragma once

// Makes text from the network fit for a message: a server must not be able to steer a terminal or
// to break a line of a log.

#include <string>
#include <string_view>

namespace sluice::http {

/// `text` in one line of at most `bytes_max` bytes: runs of blanks and control characters become
/// one space, and what is not UTF-8 becomes question marks.
std::string printable(std::string_view text, std::size_t bytes_max);

}  // namespace sluice::http
