#pragma once

// The state document: JSON, keys sorted, one resource or intent a line. Its line "sha256" is over
// all other lines, so that `grep -v '^  "sha256"' FILE | sha256sum` tells the same.

#include "core/resource.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::store {

constexpr std::uint64_t kStateSizeMax = 64ULL << 20U;
/// More than a reply's 64 levels and those of the state around what was taken from it.
constexpr std::size_t kStateDepthMax = 96;

/// Never throws: what is not UTF-8 is replaced.
std::string state_to_text(const State& state, std::string_view tool);

/// Checks size, UTF-8, depth, duplicate keys, format, checksum, fields, in this order. nullopt with
/// `problem` set to what is said of it ("it is empty") when any of them is not right.
std::optional<State> state_from_text(std::string_view text, std::string& problem);

/// Whether `state_from_text` refuses the text since a newer program wrote it.
bool is_newer_state(std::string_view text);

/// Whether the text is whole JSON that never was a state: it has next to nothing of what every
/// state has. False for what is cut, damaged or empty, which may have been anything.
bool is_other_json(std::string_view text);

/// A record and an intent as JSON, in the terms of both the state and the journal.
Json record_to_json(const Record& record);
Record record_from_json(Json json);  ///< Throws Json::exception on a wrong shape.
Json intent_to_json(const PendingIntent& intent);
PendingIntent intent_from_json(Json json);  ///< Throws Json::exception on a wrong shape.

/// Throws Json::exception on anything else: the library would make a number of a flag, and of a
/// fraction or a number that is too large whatever comes out.
std::int64_t whole_number_from(const Json& json);

/// In lower-case hex.
std::string sha256_hex(std::string_view bytes);
/// Of the pieces, one behind the other.
std::string sha256_hex(std::initializer_list<std::string_view> pieces);

}  // namespace sluice::store
