#pragma once

// Where the store cannot go on without the disk.

#include "core/fatal.hpp"
#include "store/files.hpp"

#include <string>
#include <utility>

namespace sluice::store {

inline bool is_error(const auto& result) {
  return std::holds_alternative<FileError>(result);
}

/// The value, or Fatal with "<what>: <the error>" and, as detail, what to do: `advice`, unless the
/// error itself knows.
template <class T>
T must(FileResult<T> result, const std::string& what, const std::string& advice) {
  if (const auto* error = std::get_if<FileError>(&result)) {
    throw Fatal(ExitCode::state_damaged, what + ": " + error->what,
                error->advice.empty() ? advice : error->advice);
  }
  return std::get<T>(std::move(result));
}

}  // namespace sluice::store
