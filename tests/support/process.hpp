#pragma once

// Other programs as a test sees them: started with an environment of their own, read to the end.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sluice::test {

struct Finished {
  int code = 0;  ///< 128 + signal when a signal ended it.
  std::string out;
  std::string err;
};

/// A started program. Its output is read until both streams are closed.
class Process {
 public:
  using Variables = std::map<std::string, std::string>;

  Process(const std::vector<std::string>& command, const Variables& environment,
          const std::string& folder, const std::string& out_file = {}) {
    int out[2];
    int err[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) std::abort();
    start(command, environment, folder, out_file, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    out_ = out[0];
    err_ = err[0];
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (!reaped_) {
      send(SIGKILL);
      (void)finish();
    }
    if (out_ >= 0) stop_reading();
  }

  pid_t pid() const { return pid_; }
  void send(int signal) const { kill(pid_, signal); }

  /// Reads standard output up to and with the first line that holds `text`, or to its end.
  std::string read_until(const std::string& text) { return read_line_with(out_, text); }
  /// The same of standard error.
  std::string read_error_until(const std::string& text) { return read_line_with(err_, text); }

  /// What it prints from now on meets a reader that is gone, on both streams.
  void stop_reading() {
    close(std::exchange(out_, -1));
    close(std::exchange(err_, -1));
  }

  Finished finish() {
    Finished result;
    pollfd fds[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
    std::string* texts[2] = {&result.out, &result.err};
    int open_streams = (out_ >= 0 ? 1 : 0) + (err_ >= 0 ? 1 : 0);
    while (open_streams > 0 && poll(fds, 2, -1) > 0) {
      for (int i = 0; i < 2; ++i) {
        if (fds[i].fd < 0 || fds[i].revents == 0) continue;
        char buffer[65536];
        const ssize_t got = read(fds[i].fd, buffer, sizeof buffer);
        if (got > 0) {
          texts[i]->append(buffer, static_cast<std::size_t>(got));
        } else {
          fds[i].fd = -1;
          --open_streams;
        }
      }
    }
    int status = 0;
    waitpid(pid_, &status, 0);
    reaped_ = true;
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
  }

 private:
  static std::string read_line_with(int stream, const std::string& text) {
    std::string line;
    char c = 0;
    while (read(stream, &c, 1) == 1) {
      line += c;
      if (c != '\n') continue;
      if (line.find(text) != std::string::npos) return line;
      line.clear();
    }
    return line;
  }

  static std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
      pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  // Not by fork, which would copy the tables of all the test's memory for each program.
  void start(std::vector<std::string> command, const Variables& environment,
             const std::string& folder, const std::string& out_file, int out, int err) {
    std::vector<std::string> pairs;
    for (const auto& [name, value] : environment)
      pairs.push_back(name + "=" + value);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (out_file.empty()) {
      posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    } else {
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_file.c_str(), O_WRONLY, 0);
    }
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    const int problem = posix_spawn(&pid_, command.at(0).c_str(), &actions, nullptr,
                                    pointers_to(command).data(), pointers_to(pairs).data());
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0) throw std::system_error(problem, std::generic_category(), command[0]);
  }

  pid_t pid_ = 0;
  int out_ = -1;
  int err_ = -1;
  bool reaped_ = false;
};

}  // namespace sluice::test
