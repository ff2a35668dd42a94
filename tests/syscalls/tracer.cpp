#include "syscalls/tracer.hpp"

#include <climits>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace sluice::test {

namespace {

constexpr std::size_t kCallsMax = 20000;
constexpr int kNotTraceable = 96;

/// What a program writes. A file in memory takes any amount while nobody reads.
class Capture {
 public:
  Capture() : number_(memfd_create("output", MFD_CLOEXEC)) {
    if (number_ < 0) throw std::runtime_error("no file in memory");
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() { close(number_); }

  int number() const { return number_; }
  std::string text() const {
    std::string all;
    char part[4096];
    ssize_t got = 0;
    while ((got = pread(number_, part, sizeof part, static_cast<off_t>(all.size()))) > 0)
      all.append(part, static_cast<std::size_t>(got));
    return all;
  }

 private:
  int number_;
};

/// Several threads start programs, so nothing is allocated between fork and execve: another thread
/// might have held the allocator's lock.
pid_t start(const Launch& launch, bool traced, const Capture& out, const Capture& err) {
  std::vector<std::string> words = launch.command;
  std::vector<std::string> pairs;
  for (const auto& [name, value] : launch.environment)
    pairs.push_back(name + "=" + value);
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<char*> variables;
  for (std::string& pair : pairs)
    variables.push_back(pair.data());
  variables.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("no process");
  if (pid > 0) return pid;
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  dup2(out.number(), STDOUT_FILENO);
  dup2(err.number(), STDERR_FILENO);
  if (chdir(launch.folder.c_str()) != 0) _exit(98);
  if (traced && ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kNotTraceable);
  if (traced) raise(SIGSTOP);
  execve(arguments[0], arguments.data(), variables.data());
  _exit(97);
}

int code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string text_at(pid_t pid, std::uint64_t address) {
  std::string text;
  constexpr std::size_t kPage = 4096;
  while (text.size() < PATH_MAX) {
    // Not beyond the page: the next one may not be there.
    const std::size_t size = kPage - (address + text.size()) % kPage;
    std::string part(size, '\0');
    iovec here{part.data(), size};
    iovec there{reinterpret_cast<void*>(address + text.size()), size};
    const ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);
    if (got <= 0) return {};
    const std::size_t end = part.find('\0');
    text += part.substr(0, end);
    if (end != std::string::npos) break;
  }
  return text;
}

std::string path_of(pid_t pid, std::uint64_t descriptor) {
  const int number = static_cast<int>(descriptor);
  const std::string link = "/proc/" + std::to_string(pid) +
                           (number == AT_FDCWD ? "/cwd" : "/fd/" + std::to_string(number));
  char path[PATH_MAX];
  const ssize_t size = readlink(link.c_str(), path, sizeof path);
  return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string();
}

std::string path_at(pid_t pid, std::uint64_t descriptor, std::uint64_t address) {
  const std::string text = text_at(pid, address);
  if (text.starts_with('/')) return std::filesystem::path(text).lexically_normal().string();
  const std::string base = path_of(pid, descriptor);
  // An empty path, as fstat gives, is the descriptor itself.
  if (text.empty()) return base;
  return (std::filesystem::path(base) / text).lexically_normal().string();
}

/// Resolves what the call is about.
void find_paths(pid_t pid, const CallKind& kind, Call& call) {
  const auto& arguments = call.arguments;
  const auto here = static_cast<std::uint64_t>(AT_FDCWD);
  switch (kind.names) {
    case Names::descriptor:
      call.path = path_of(pid, arguments[0]);
      return;
    case Names::path:
      call.path = path_at(pid, here, arguments[0]);
      return;
    case Names::path_at:
      call.path = path_at(pid, arguments[0], arguments[1]);
      return;
    case Names::two_paths:
      call.from = path_at(pid, here, arguments[0]);
      call.path = path_at(pid, here, arguments[1]);
      return;
    case Names::two_paths_at:
      call.from = path_at(pid, arguments[0], arguments[1]);
      call.path = path_at(pid, arguments[2], arguments[3]);
      return;
  }
}

class Tracer {
 public:
  Tracer(const Launch& launch, const Interference& interference)
      : launch_(launch), interference_(interference) {}

  Traced run() {
    child_ = start(launch_, true, out_, err_);
    int status = 0;
    waitpid(child_, &status, __WALL);
    if (!WIFSTOPPED(status)) throw std::runtime_error("this system allows no tracing");
    // Whatever happens to this process, nothing that it started is left behind.
    constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE |
                              PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
    ptrace(PTRACE_SETOPTIONS, child_, nullptr, kOptions);
    known_[child_] = {};
    ptrace(PTRACE_SYSCALL, child_, nullptr, nullptr);
    // Only what this thread started: the other threads trace programs of their own.
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, __WALL | __WNOTHREAD)) > 0) {
      if (WIFSTOPPED(status)) {
        go_on(pid, status);
      } else if (pid == child_) {
        result_.code = code_of(status);
      }
    }
    result_.out = out_.text();
    result_.err = err_.text();
    return std::move(result_);
  }

 private:
  /// What is still to be done when the call returns.
  struct Pending {
    Act act = Act::nothing;
    std::uint64_t length = 0;
  };

  void go_on(pid_t pid, int status) {
    const int signal = WSTOPSIG(status);
    long deliver = 0;
    if (signal == (SIGTRAP | 0x80)) {
      at_call(pid);
    } else if (status >> 16 == 0) {
      // A new thread or child begins with a SIGSTOP that nobody sent.
      const bool is_new = known_.try_emplace(pid).second;
      deliver = is_new && signal == SIGSTOP ? 0 : signal;
    }
    ptrace(PTRACE_SYSCALL, pid, nullptr, deliver);
  }

  void at_call(pid_t pid) {
    __ptrace_syscall_info info{};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0) return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      at_entry(pid, info);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
      at_exit(pid);
    }
  }

  void at_entry(pid_t pid, const __ptrace_syscall_info& info) {
    Call call;
    call.number = static_cast<long>(info.entry.nr);
    for (std::size_t i = 0; i < call.arguments.size(); ++i)
      call.arguments[i] = info.entry.args[i];
    if (const CallKind* kind = call_kind(call.number)) find_paths(pid, *kind, call);
    for (std::string* path : {&call.path, &call.from}) {
      if (!is_ours(*path)) continue;
      call.is_ours = true;
      *path = std::filesystem::path(*path).lexically_relative(launch_.folder).string();
    }
    if (result_.calls.empty() && !call.is_ours) return;
    const std::size_t index = result_.calls.size();
    result_.calls.push_back(std::move(call));
    if (result_.calls.size() > kCallsMax) {
      result_.endless = true;
      kill(child_, SIGKILL);
    } else if (index == interference_.at) {
      interfere(pid, result_.calls.back());
    }
  }

  void interfere(pid_t pid, const Call& call) {
    Pending& pending = known_[pid];
    switch (interference_.act) {
      case Act::nothing:
        return;
      case Act::kill:
        kill(child_, SIGKILL);
        return;
      case Act::fail:
        pending.act = Act::fail;
        // There is no call of this number, so nothing is done.
        if (!acts_and_fails(call.number)) set(pid, offsetof(user_regs_struct, orig_rax), -1);
        return;
      case Act::shorten:
      case Act::shorten_and_kill:
        pending = {interference_.act, call.arguments[2]};
        set(pid, offsetof(user_regs_struct, rdx), static_cast<long>(call.arguments[2] / 2));
        return;
    }
  }

  void at_exit(pid_t pid) {
    const Pending pending = std::exchange(known_[pid], {});
    if (pending.act == Act::fail) {
      set(pid, offsetof(user_regs_struct, rax), -interference_.error);
    } else if (pending.act == Act::shorten) {
      // The compiler may count on the register being as it was before the call.
      set(pid, offsetof(user_regs_struct, rdx), static_cast<long>(pending.length));
    } else if (pending.act == Act::shorten_and_kill) {
      kill(child_, SIGKILL);
    }
  }

  static void set(pid_t pid, std::size_t place, long value) {
    if (ptrace(PTRACE_POKEUSER, pid, place, value) != 0) {
      throw std::runtime_error("a register cannot be set");
    }
  }

  bool is_ours(const std::string& path) const {
    return path == launch_.folder || path.starts_with(launch_.folder + "/");
  }

  const Launch& launch_;
  const Interference interference_;
  Capture out_;
  Capture err_;
  pid_t child_ = 0;
  std::map<pid_t, Pending> known_;
  Traced result_;
};

}  // namespace

Traced trace(const Launch& launch, const Interference& interference) {
  return Tracer(launch, interference).run();
}

Traced run_untraced(const Launch& launch) {
  const Capture out;
  const Capture err;
  const pid_t pid = start(launch, false, out, err);
  int status = 0;
  waitpid(pid, &status, 0);
  Traced result;
  result.code = code_of(status);
  result.out = out.text();
  result.err = err.text();
  return result;
}

}  // namespace sluice::test
