#pragma once

// Other programs as a test sees them: started with an environment of their own, read to the end.

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <map>
#include <poll.h>
#include <string>
#include <sys/wait.h>
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
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) _exit(99);
    pid_ = fork();
    if (pid_ == 0) {
      const int target = out_file.empty() ? out[1] : open(out_file.c_str(), O_WRONLY);
      become(command, environment, folder, target, err[1]);
    }
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

  [[noreturn]] static void become(const std::vector<std::string>& command,
                                  const Variables& environment, const std::string& folder, int out,
                                  int err) {
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (chdir(folder.c_str()) != 0) _exit(98);
    std::vector<std::string> pairs;
    for (const auto& [name, value] : environment)
      pairs.push_back(name + "=" + value);
    std::vector<char*> variables;
    for (std::string& pair : pairs)
      variables.push_back(pair.data());
    variables.push_back(nullptr);
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    for (std::string& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execve(arguments[0], arguments.data(), variables.data());
    _exit(97);
  }

  pid_t pid_ = 0;
  int out_ = -1;
  int err_ = -1;
  bool reaped_ = false;
};

}  // namespace sluice::test
