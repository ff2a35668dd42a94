#pragma once

// The arithmetic of waiting, kept pure so that a table can test it.

#include "core/seams.hpp"
#include "http/message.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT" as epoch milliseconds; nullopt for any other form.
std::optional<Millis> parse_http_date(std::string_view text);

/// What the server asked for in `Retry-After`: whole seconds, or a date against `server_now`
/// (epoch milliseconds, 0 if unknown; the reply's own `Date` is taken when there is one). nullopt
/// when it asked for nothing that can be read. At most 120 s.
std::optional<Millis> retry_after(const Response& response, Millis server_now);

/// How long to wait before attempt `attempt` + 1, counting from 1: 1, 2, 4, 8, then 16 s, or what
/// the server asked for if that is longer; with up to a quarter more as `chance` (64 random bits)
/// says, so that calls which were refused together do not come back together.
Millis retry_delay(int attempt, std::optional<Millis> asked, std::uint64_t chance);

/// Whether this answer to a read is worth another try: 408, 429, 500, 502, 503, 504, or a failure
/// that need not last.
bool is_passing_trouble(const Outcome& outcome);

}  // namespace sluice::http
