#pragma once

// The state document: JSON, keys sorted, one resource a line, its SHA-256 inside.

#include "core/resource.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::store {

std::string state_to_text(const State& state, std::string_view tool);

/// Checks size, UTF-8, depth, duplicate keys, format, checksum, fields, in this order. nullopt with
/// `problem` set to one sentence when any of them is not right; an empty text is a problem too.
std::optional<State> state_from_text(std::string_view text, std::string& problem);

/// A record and an intent as JSON, in the terms of both the state and the journal.
Json record_to_json(const Record& record);
Record record_from_json(const Json& json);  ///< Throws Json::exception on a wrong shape.
Json intent_to_json(const PendingIntent& intent);
PendingIntent intent_from_json(const Json& json);  ///< Throws Json::exception on a wrong shape.

/// In lower-case hex.
std::string sha256_hex(std::string_view bytes);

}  // namespace sluice::store
