#pragma once

// Where a state goes that must not take its file's place: a file of its own beside it, for people
// to put the two together.

#include "store/files.hpp"

#include <string>
#include <string_view>

namespace sluice::store {

/// Writes `text` as `<state>.rescue.json`, or under the first number that is free
/// (`<state>.rescue-2.json`): a rescue file of other content is never written over. It is on the
/// disk as a whole when this returns its path, and not at all under that name before.
FileResult<std::string> write_rescue(Files& files, const std::string& state_path,
                                     std::string_view text);

/// Whether `path` is a rescue file of some state.
bool is_rescue(std::string_view path);

/// Whether `path` is one of the state's rescue files.
bool is_rescue_of(std::string_view path, const std::string& state_path);

}  // namespace sluice::store
