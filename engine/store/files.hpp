#pragma once

// The seam to the disk: the few file operations that keeping a state safe takes, each one system
// call or so, so that a test can fail, cut or kill at every one of them. The real ones are
// `PosixFiles`. All failures are values; what they mean is the store's to say.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::store {

/// Why an operation failed: the errno, a sentence that names the path, and what to do about it
/// where the error itself tells, be the file whatever it may.
struct FileError {
  int code = 0;
  std::string what;
  std::string advice = {};
};

template <class T>
using FileResult = std::variant<T, FileError>;
struct Nothing {};

/// An open file. Closing it loses nothing that was synced; it gives up a lock.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  /// All of `bytes` at the end of the file, or an error.
  virtual FileResult<Nothing> append(std::string_view bytes) = 0;
  /// The file's data is on the disk when this returns.
  virtual FileResult<Nothing> sync() = 0;
  /// Cuts the file to `size` bytes.
  virtual FileResult<Nothing> truncate(std::uint64_t size) = 0;
  /// Sets space aside, so that `size` bytes can be written later.
  virtual FileResult<Nothing> reserve(std::uint64_t size) = 0;
  /// An exclusive lock of the open file, without waiting; false when another holds it.
  virtual FileResult<bool> try_lock() = 0;
  /// Whether another open file holds the lock now. Takes none itself, so that one who only asks
  /// never stands in the way of one who wants it.
  virtual FileResult<bool> is_locked_elsewhere() = 0;
  /// Whether the path that it was opened by still leads to this file. False when somebody removed
  /// the name, or put another file there.
  virtual FileResult<bool> is_in_place() = 0;
};

enum class OpenMode {
  create_new,      ///< Fails when the file exists.
  append,          ///< Creates it when it does not exist.
  read_and_write,  ///< Creates it when it does not exist; for a lock file.
};

/// Links are never followed in the last component, and files are made with mode 0600. One that is
/// there is opened only when it has no other name and is this user's or root's.
class Files {
 public:
  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  virtual ~Files() = default;

  /// nullopt inside a good result when there is no such file.
  virtual FileResult<std::optional<std::string>> read(const std::string& path,
                                                      std::uint64_t size_max) = 0;
  /// No more than the first `size` bytes, of a file of any size.
  virtual FileResult<std::optional<std::string>> read_start(const std::string& path,
                                                            std::uint64_t size) = 0;
  virtual FileResult<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  /// Atomic within a folder.
  virtual FileResult<Nothing> rename(const std::string& from, const std::string& to) = 0;
  /// Not an error when there is no such file.
  virtual FileResult<Nothing> remove(const std::string& path) = 0;
  /// Renames, creations and removals in the folder are on the disk when this returns.
  virtual FileResult<Nothing> sync_folder(const std::string& path) = 0;
  /// Makes the folder, with its parents, unless it is there. What it made is on the disk when this
  /// returns.
  virtual FileResult<Nothing> make_folder(const std::string& path) = 0;
  /// Names in the folder, sorted; empty when there is no such folder.
  virtual FileResult<std::vector<std::string>> list(const std::string& path) = 0;
  /// Where the file itself is, when `path` leads there by links; an error when there is none.
  virtual FileResult<std::string> real_path(const std::string& path) = 0;
  /// False, too, where nobody can tell.
  virtual bool is_folder(const std::string& path) = 0;
};

/// The folder that `path` is in; "." for a bare name.
inline std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace sluice::store
