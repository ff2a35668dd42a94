#pragma once

// What a lock's file says, and what a person is told of it.

#include "core/fatal.hpp"
#include "store/state_store.hpp"

#include <string>
#include <string_view>

namespace sluice::store {

/// One line of JSON.
std::string holder_to_text(const LockHolder& holder);

/// All empty when `text` is not what a run wrote: the file is no more than a note.
LockHolder holder_from_text(std::string_view text);

/// `now` is the wall clock's.
Fatal locked_error(const std::string& state_path, const LockHolder& holder, Millis now);

}  // namespace sluice::store
