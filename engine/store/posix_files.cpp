#include "store/posix_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace sluice::store {

namespace {

constexpr int kCommonFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;  // A FIFO must not hang us.

FileError error(const std::string& doing, const std::string& path, int code) {
  const std::string why = code == ELOOP ? "it is a symbolic link, and links are not followed"
                                        : std::generic_category().message(code);
  FileError result{code, "cannot " + doing + " " + path + ": " + why};
  if (code == ELOOP) {
    result.advice =
        "Links are refused, since they may lead to a file that is not meant. Name the file itself "
        "with its whole path; where it stands beside another, remove the link.";
  }
  return result;
}

/// Calls again for as long as a signal got in between.
template <class Call>
auto retried(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR)
    result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  /// In bytes, 0 when it cannot be told.
  std::uint64_t size() const {
    struct stat facts {};
    return ::fstat(number_, &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
  }

 private:
  int number_;
};

int open_file(const std::string& path, int flags) {
  return retried([&] { return ::open(path.c_str(), flags | kCommonFlags, 0600); });
}

FileResult<Nothing> must_be_regular(const Descriptor& file, const std::string& doing,
                                    const std::string& path) {
  struct stat facts {};
  if (::fstat(file.number(), &facts) != 0) return error(doing, path, errno);
  if (S_ISREG(facts.st_mode)) return Nothing{};
  return FileError{EINVAL, "cannot " + doing + " " + path + ": it is not a regular file"};
}

/// What is written in place must be this file alone, and nobody else's: else another name's content
/// is lost, or another user changes it under the run.
FileResult<Nothing> must_be_own(const Descriptor& file, const std::string& path) {
  struct stat facts {};
  if (::fstat(file.number(), &facts) != 0) return error("open", path, errno);
  if (facts.st_nlink > 1) {
    return FileError{EMLINK,
                     "cannot open " + path +
                         ": it has other names (hard links), and what is written to it would be "
                         "written to them",
                     "Nothing was written. Give it a file of its own when no run is under way: "
                     "`cp " +
                         path + " " + path + ".own && mv " + path + ".own " + path + "`."};
  }
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0) {
    return FileError{EPERM,
                     "cannot open " + path + ": it belongs to user " +
                         std::to_string(facts.st_uid) + ", and this is user " +
                         std::to_string(::geteuid()),
                     "Nothing was written. Run the command as that user, or make the file your "
                     "own: `chown " +
                         std::to_string(::geteuid()) + " " + path + "`."};
  }
  return Nothing{};
}

class PosixFile final : public File {
 public:
  PosixFile(int number, std::string path) : descriptor_(number), path_(std::move(path)) {}

  const Descriptor& descriptor() const { return descriptor_; }

  FileResult<Nothing> append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count =
          retried([&] { return ::write(descriptor_.number(), bytes.data(), bytes.size()); });
      if (count < 0) return error("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return Nothing{};
  }

  FileResult<Nothing> sync() override {
    return done(retried([&] { return ::fdatasync(descriptor_.number()); }), "sync");
  }

  FileResult<Nothing> truncate(std::uint64_t size) override {
    const auto length = static_cast<off_t>(size);
    return done(retried([&] { return ::ftruncate(descriptor_.number(), length); }), "shorten");
  }

  FileResult<Nothing> reserve(std::uint64_t size) override {
    const auto length = static_cast<off_t>(size);
    const int result = retried([&] { return ::fallocate(descriptor_.number(), 0, 0, length); });
    if (result == -1 && errno == EOPNOTSUPP) {
      struct stat facts {};
      if (::fstat(descriptor_.number(), &facts) != 0) return error("look at", path_, errno);
      const auto there = static_cast<std::uint64_t>(facts.st_size);
      return append(std::string(size > there ? size - there : 0, '\0'));
    }
    return done(result, "set space aside in");
  }

  FileResult<bool> try_lock() override {
    struct flock lock = whole_file();
    if (retried([&] { return ::fcntl(descriptor_.number(), F_OFD_SETLK, &lock); }) == 0) {
      return true;
    }
    if (errno == EAGAIN || errno == EACCES) return false;
    return error("lock", path_, errno);
  }

  FileResult<bool> is_locked_elsewhere() override {
    struct flock lock = whole_file();
    if (::fcntl(descriptor_.number(), F_OFD_GETLK, &lock) != 0) {
      return error("ask for the lock of", path_, errno);
    }
    return lock.l_type != F_UNLCK;
  }

  FileResult<bool> is_in_place() override {
    struct stat mine {};
    struct stat there {};
    if (::fstat(descriptor_.number(), &mine) != 0) return error("look at", path_, errno);
    if (::lstat(path_.c_str(), &there) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return false;
      return error("look at", path_, errno);
    }
    return mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
  }

 private:
  static struct flock whole_file() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
  }

  FileResult<Nothing> done(int result, const std::string& doing) const {
    if (result == -1) return error(doing, path_, errno);
    return Nothing{};
  }

  Descriptor descriptor_;
  std::string path_;
};

/// All of the file, or its first bytes once there are more than `enough`.
FileResult<std::string> read_from(const Descriptor& file, const std::string& path,
                                  std::uint64_t enough) {
  std::string bytes;
  bytes.reserve(std::min<std::uint64_t>(file.size(), enough));
  std::array<char, 1U << 16U> part{};
  while (bytes.size() <= enough) {
    const ssize_t count = retried([&] { return ::read(file.number(), part.data(), part.size()); });
    if (count < 0) return error("read", path, errno);
    if (count == 0) break;
    bytes.append(part.data(), static_cast<std::size_t>(count));
  }
  return bytes;
}

/// nullopt inside a good result when there is no such file.
FileResult<std::optional<std::string>> read_until(const std::string& path, std::uint64_t enough) {
  const Descriptor file(open_file(path, O_RDONLY));
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    return error("read", path, errno);
  }
  FileResult<Nothing> regular = must_be_regular(file, "read", path);
  if (auto* failure = std::get_if<FileError>(&regular)) return std::move(*failure);
  FileResult<std::string> bytes = read_from(file, path, enough);
  if (auto* failure = std::get_if<FileError>(&bytes)) return std::move(*failure);
  return std::get<std::string>(std::move(bytes));
}

}  // namespace

FileResult<std::optional<std::string>> PosixFiles::read(const std::string& path,
                                                        std::uint64_t size_max) {
  FileResult<std::optional<std::string>> result = read_until(path, size_max);
  const auto* bytes = std::get_if<std::optional<std::string>>(&result);
  if (bytes == nullptr || !*bytes || (*bytes)->size() <= size_max) return result;
  return FileError{
      EFBIG, "cannot read " + path + ": it has more than " + std::to_string(size_max) + " bytes"};
}

FileResult<std::optional<std::string>> PosixFiles::read_start(const std::string& path,
                                                              std::uint64_t size) {
  FileResult<std::optional<std::string>> result = read_until(path, size);
  auto* bytes = std::get_if<std::optional<std::string>>(&result);
  if (bytes != nullptr && *bytes && (*bytes)->size() > size) (*bytes)->resize(size);
  return result;
}

FileResult<std::unique_ptr<File>> PosixFiles::open(const std::string& path, OpenMode mode) {
  int flags = O_RDWR | O_CREAT | O_APPEND;
  if (mode == OpenMode::create_new) flags |= O_EXCL;
  const int number = open_file(path, flags);
  if (number == -1) return error("open", path, errno);
  auto file = std::make_unique<PosixFile>(number, path);
  FileResult<Nothing> good = must_be_regular(file->descriptor(), "open", path);
  if (!std::holds_alternative<FileError>(good) && mode != OpenMode::create_new) {
    good = must_be_own(file->descriptor(), path);
  }
  if (auto* failure = std::get_if<FileError>(&good)) return std::move(*failure);
  return file;
}

FileResult<Nothing> PosixFiles::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return error("rename " + from + " to", to, errno);
  return Nothing{};
}

FileResult<Nothing> PosixFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return error("remove", path, errno);
  return Nothing{};
}

FileResult<Nothing> PosixFiles::sync_folder(const std::string& path) {
  const Descriptor folder(
      retried([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!folder.is_open() || retried([&] { return ::fsync(folder.number()); }) != 0) {
    return error("sync the folder", path, errno);
  }
  return Nothing{};
}

FileResult<Nothing> PosixFiles::make_folder(const std::string& path) {
  if (is_folder(path)) return Nothing{};
  const std::string parent = folder_of(path);
  if (parent != path) {
    FileResult<Nothing> above = make_folder(parent);
    if (std::holds_alternative<FileError>(above)) return above;
  }
  // Another run may make it at the same time.
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) {
    return error("make the folder", path, errno);
  }
  return sync_folder(parent);
}

FileResult<std::vector<std::string>> PosixFiles::list(const std::string& path) {
  std::vector<std::string> names;
  std::error_code code;
  std::filesystem::directory_iterator entry(path, code);
  for (; !code && entry != std::filesystem::directory_iterator(); entry.increment(code))
    names.push_back(entry->path().filename().string());
  if (code && code != std::errc::no_such_file_or_directory) {
    return error("list the folder", path, code.value());
  }
  std::sort(names.begin(), names.end());
  return names;
}

FileResult<std::string> PosixFiles::real_path(const std::string& path) {
  std::error_code code;
  std::string found = std::filesystem::canonical(path, code).string();
  if (code) return error("find", path, code.value());
  return found;
}

bool PosixFiles::is_folder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

}  // namespace sluice::store
