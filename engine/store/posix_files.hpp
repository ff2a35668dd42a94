#pragma once

// The real disk.

#include "store/files.hpp"

namespace sluice::store {

/// O_CLOEXEC and O_NOFOLLOW everywhere, EINTR tried again, open-file-description locks. Reading
/// refuses what is not a regular file.
class PosixFiles final : public Files {
 public:
  FileResult<std::optional<std::string>> read(const std::string& path,
                                              std::uint64_t size_max) override;
  FileResult<std::optional<std::string>> read_start(const std::string& path,
                                                    std::uint64_t size) override;
  FileResult<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  FileResult<Nothing> rename(const std::string& from, const std::string& to) override;
  FileResult<Nothing> remove(const std::string& path) override;
  FileResult<Nothing> sync_folder(const std::string& path) override;
  FileResult<Nothing> make_folder(const std::string& path) override;
  FileResult<std::vector<std::string>> list(const std::string& path) override;
  FileResult<std::string> real_path(const std::string& path) override;
  bool is_folder(const std::string& path) override;
};

}  // namespace sluice::store
