#include "syscalls/calls.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/syscall.h>

namespace sluice::test {

namespace {

const std::vector<int>& open_errors() {
  static const std::vector<int> errors = {EACCES, EMFILE, ENFILE, ENOSPC,
                                          EDQUOT, EROFS,  EIO,    EINTR};
  return errors;
}

const std::vector<int>& write_errors() {
  static const std::vector<int> errors = {ENOSPC, EIO, EDQUOT, EFBIG, EINTR};
  return errors;
}

const std::vector<int>& sync_errors() {
  static const std::vector<int> errors = {EIO, ENOSPC, EDQUOT, EINTR};
  return errors;
}

const std::vector<int>& rename_errors() {
  static const std::vector<int> errors = {ENOSPC, EDQUOT, EIO, EACCES, EROFS};
  return errors;
}

const std::vector<CallKind>& call_kinds() {
  static const std::vector<CallKind> kinds = {
      {SYS_open, "open", Names::path, open_errors()},
      {SYS_openat, "openat", Names::path_at, open_errors()},
      {SYS_creat, "creat", Names::path, open_errors()},
      {SYS_write, "write", Names::descriptor, write_errors()},
      {SYS_pwrite64, "pwrite64", Names::descriptor, write_errors()},
      {SYS_writev, "writev", Names::descriptor, write_errors()},
      {SYS_fsync, "fsync", Names::descriptor, sync_errors()},
      {SYS_fdatasync, "fdatasync", Names::descriptor, sync_errors()},
      {SYS_rename, "rename", Names::two_paths, rename_errors()},
      {SYS_renameat, "renameat", Names::two_paths_at, rename_errors()},
      {SYS_renameat2, "renameat2", Names::two_paths_at, rename_errors()},
      {SYS_link, "link", Names::two_paths, rename_errors()},
      {SYS_ftruncate, "ftruncate", Names::descriptor, {EIO, EFBIG, EPERM, EINTR}},
      {SYS_fallocate, "fallocate", Names::descriptor, {ENOSPC, EIO, EFBIG, EOPNOTSUPP, EINTR}},
      {SYS_mkdir, "mkdir", Names::path, {EACCES, ENOSPC, EDQUOT, EROFS, EIO}},
      {SYS_mkdirat, "mkdirat", Names::path_at, {EACCES, ENOSPC, EDQUOT, EROFS, EIO}},
      {SYS_rmdir, "rmdir", Names::path, {EACCES, EROFS, EIO}},
      {SYS_unlink, "unlink", Names::path, {EACCES, EROFS, EIO, EBUSY}},
      {SYS_unlinkat, "unlinkat", Names::path_at, {EACCES, EROFS, EIO, EBUSY}},
      {SYS_fcntl, "fcntl", Names::descriptor, {ENOLCK, EIO, EINTR}},
      {SYS_flock, "flock", Names::descriptor, {ENOLCK, EINTR}},
      {SYS_close, "close", Names::descriptor, {EIO, EDQUOT, EINTR}},
      {SYS_read, "read", Names::descriptor, {EIO, EINTR}},
      {SYS_readv, "readv", Names::descriptor, {EIO, EINTR}},
      {SYS_pread64, "pread64", Names::descriptor, {EIO, EINTR}},
      {SYS_lseek, "lseek", Names::descriptor, {}},
      {SYS_fstat, "fstat", Names::descriptor, {EIO, ENOMEM}},
      {SYS_newfstatat, "newfstatat", Names::path_at, {EIO, EACCES}},
      {SYS_statx, "statx", Names::path_at, {EIO, EACCES}},
      {SYS_stat, "stat", Names::path, {EIO, EACCES}},
      {SYS_lstat, "lstat", Names::path, {EIO, EACCES}},
      {SYS_access, "access", Names::path, {EIO, EACCES}},
      {SYS_readlink, "readlink", Names::path, {EIO, EACCES}},
      {SYS_readlinkat, "readlinkat", Names::path_at, {EIO, EACCES}},
      {SYS_getdents64, "getdents64", Names::descriptor, {EIO}},
      {SYS_fchmod, "fchmod", Names::descriptor, {EIO, EPERM, EROFS}},
      {SYS_chmod, "chmod", Names::path, {EIO, EPERM, EROFS}},
      {SYS_truncate, "truncate", Names::path, {EIO, EACCES, EROFS, EINTR}},
  };
  return kinds;
}

bool is_one_of(long number, const std::vector<long>& numbers) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

bool may_write(const Call& call) {
  if (call.number == SYS_creat) return true;
  const std::uint64_t flags = call.arguments[call.number == SYS_open ? 1 : 2];
  return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0;
}

bool is_lock_command(std::uint64_t command) {
  return is_one_of(static_cast<long>(command),
                   {F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW});
}

}  // namespace

const CallKind* call_kind(long number) {
  for (const CallKind& kind : call_kinds()) {
    if (kind.number == number) return &kind;
  }
  return nullptr;
}

std::string call_name(const Call& call) {
  const CallKind* kind = call_kind(call.number);
  return kind != nullptr ? kind->name : "call " + std::to_string(call.number);
}

std::vector<int> errors_of(const Call& call) {
  const CallKind* kind = call_kind(call.number);
  if (kind == nullptr) return {};
  std::vector<int> errors = kind->errors;
  if (is_one_of(call.number, {SYS_open, SYS_openat, SYS_creat}) && !may_write(call)) {
    std::erase_if(errors,
                  [](int error) { return error == ENOSPC || error == EDQUOT || error == EROFS; });
  }
  if (call.number == SYS_fcntl && !is_lock_command(call.arguments[1])) return {};
  return errors;
}

bool is_write(const Call& call) {
  return is_one_of(call.number, {SYS_write, SYS_pwrite64, SYS_writev});
}

bool is_sync(const Call& call) {
  return is_one_of(call.number, {SYS_fsync, SYS_fdatasync});
}

bool is_rename(const Call& call) {
  return is_one_of(call.number, {SYS_rename, SYS_renameat, SYS_renameat2});
}

bool leaves_files_alone(long number) {
  return is_one_of(number, {SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_brk,
                            SYS_futex, SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep,
                            SYS_getrandom, SYS_sched_yield, SYS_rt_sigprocmask, SYS_rt_sigaction,
                            SYS_sigaltstack, SYS_gettid, SYS_getpid});
}

bool acts_and_fails(long number) {
  return number == SYS_close;
}

}  // namespace sluice::test
