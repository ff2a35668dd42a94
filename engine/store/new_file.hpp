#pragma once

// Files that are written whole, under a name that nobody reads yet.

#include "store/must.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sluice::store {

/// Makes the file, which must not be there, with `bytes` in it. They are on the disk when this
/// returns.
inline FileResult<Nothing> create_file(Files& files, const std::string& path,
                                       std::string_view bytes) {
  FileResult<std::unique_ptr<File>> opened = files.open(path, OpenMode::create_new);
  if (auto* error = std::get_if<FileError>(&opened)) return std::move(*error);
  File& file = *std::get<std::unique_ptr<File>>(opened);
  FileResult<Nothing> result = file.append(bytes);
  return is_error(result) ? result : file.sync();
}

/// The same in the place of what a dead run left there: it may be cut, or a trap, and is never
/// written over.
inline FileResult<Nothing> replace_file(Files& files, const std::string& path,
                                        std::string_view bytes) {
  FileResult<Nothing> removed = files.remove(path);
  return is_error(removed) ? removed : create_file(files, path, bytes);
}

}  // namespace sluice::store
