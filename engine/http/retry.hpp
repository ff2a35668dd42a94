#pragma once

// The arithmetic of waiting, kept pure so that a table can test it.

#include "core/seams.hpp"
#include "http/message.hpp"

#include <optional>

namespace sluice::http {

/// What the server asked for in `Retry-After`: whole seconds, or a date against `server_now`
/// (epoch milliseconds; the reply's own `Date` is taken when there is one). nullopt when it asked
/// for nothing that can be read. At most 120 s.
std::optional<Millis> retry_after(const Response& response, Millis server_now);

/// How long to wait before attempt `attempt` + 1, counting from 1: 1, 2, 4, 8, then 16 s, with up
/// to a quarter more as `chance` (64 random bits) says; never less than what the server asked for.
Millis retry_delay(int attempt, std::optional<Millis> asked, std::uint64_t chance);

/// Whether this answer to a read is worth another try.
bool is_passing_trouble(const Outcome& outcome);

}  // namespace sluice::http
