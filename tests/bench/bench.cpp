// What planning and applying cost as a spec grows, measured on the real program against the
// embedded platform over loopback:
//
//   bench [--latency MS] [--parallelism N] [PIPELINES...]
//
// (default: 20 ms, 10 calls at once; 10, 100, 1,000 and 10,000 pipelines, which takes some ten
// minutes) prints one row a command with its time, the calls that the platform saw, the peak
// memory, and the bytes written. "ideal" is calls x latency / parallelism: what no program could
// undercut. "ratio" is time / ideal. A pipeline is written out (flat) or an instance of `for_each`
// (each); the second kind only reads and plans, since its calls are the same.

#include "support/places.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options {
  int latency_ms = 20;
  int parallelism = 10;
  std::vector<int> sizes;
};

struct Measure {
  int code = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  double peak_mib = 0;
  double written_mib = 0;
};

enum class Form { flat, each };

/// What follows a pipeline's key; `name` tells it from the others.
std::string parts_of(const std::string& name) {
  return fmt::format(
      "    source:\n      connector: customer.io\n      name: Bench source {0}\n"
      "      description: Events of brand {0}\n    target:\n      name: Bench target {0}\n"
      "      dataset: \"63ec807d3f5ce91bd2d06c65\"\n"
      "      schema: {{id: \"https://ns.adobe.com/extconndev/schemas/"
      "945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a\", version: 1}}\n"
      "    mapping:\n      - {{source: event_id, destination: _extconndev.event_id}}\n"
      "      - {{source: metric, destination: _extconndev.metric}}\n"
      "      - {{source: object_type, destination: _extconndev.object_type}}\n"
      "      - {{expression: \"to_integer(timestamp)\", destination: _extconndev.timestampx}}\n"
      "      - {{source: data.identifiers.cio_id, destination: _extconndev.cio_id}}\n"
      "    flow:\n      name: Bench flow {0}\n      description: Events of brand {0}\n",
      name);
}

std::string spec_of(int pipelines, Form form) {
  std::string text = "sluice: 1\nname: bench\nplatform: {sandbox: dev}\npipelines:\n";
  if (form == Form::each) {
    text += "  p:\n    for_each:\n";
    for (int i = 0; i < pipelines; ++i)
      text += fmt::format("      - b{}\n", i);
    return text + parts_of("${each.key}");
  }
  for (int i = 0; i < pipelines; ++i)
    text += fmt::format("  p{}:\n{}", i, parts_of(std::to_string(i)));
  return text;
}

pid_t start(const std::vector<std::string>& command, const fs::path& folder, const fs::path& out,
            const fs::path& err) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (chdir(folder.c_str()) != 0) _exit(98);
  dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(97);
}

/// What the process wrote to files, pipes and sockets; it must have ended and not been waited for.
double written_mib(pid_t pid) {
  std::ifstream in(fmt::format("/proc/{}/io", pid));
  std::string name;
  double bytes = 0;
  while (in >> name >> bytes) {
    if (name == "wchar:") return bytes / 1048576;
  }
  return 0;
}

Measure run(const std::vector<std::string>& command, const fs::path& folder) {
  const Clock::time_point begin = Clock::now();
  const pid_t pid = start(command, folder, folder / "out.txt", folder / "err.txt");
  siginfo_t ended = {};
  waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT);
  Measure result;
  result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  result.written_mib = written_mib(pid);
  rusage usage = {};
  int status = 0;
  wait4(pid, &status, 0, &usage);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  result.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  result.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
  return result;
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The embedded platform as a process of its own. It logs one line a request.
class Emulator {
 public:
  Emulator(const fs::path& folder, int latency_ms) : log_(folder / "requests.log") {
    const fs::path out = folder / "emulator.txt";
    pid_ = start({sluice::test::sluice_binary() + "-emulator", "--port", "0", "--latency",
                  std::to_string(latency_ms)},
                 folder, out, log_);
    const std::string mark = "AEP_ENDPOINT=";
    for (int i = 0; i < 200 && origin_.empty(); ++i) {
      usleep(20'000);
      const std::string text = read_text(out);
      const std::size_t at = text.find(mark);
      if (at == std::string::npos) continue;
      const std::size_t begin = at + mark.size();
      origin_ = text.substr(begin, text.find(' ', begin) - begin);
    }
    if (origin_.empty()) throw std::runtime_error("the embedded platform does not start");
  }
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;
  ~Emulator() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

  const std::string& origin() const { return origin_; }
  long requests() const {
    std::ifstream in(log_);
    long count = 0;
    for (std::string line; std::getline(in, line);) {
      if (line.find("/data/") != std::string::npos) ++count;
    }
    return count;
  }

 private:
  pid_t pid_ = 0;
  fs::path log_;
  std::string origin_;
};

struct Command {
  std::string title;
  std::vector<std::string> words;
  bool is_shown = true;
};

std::vector<Command> commands_of(const Options& options, Form form) {
  const std::string parallelism = std::to_string(options.parallelism);
  const std::string suffix = form == Form::flat ? ", flat" : ", each";
  const std::vector<std::string> apply = {"apply", "--yes", "--quiet", "--parallelism",
                                          parallelism};
  const std::vector<std::string> offline = {"plan", "--refresh=false", "--detailed-exitcode"};
  if (form == Form::each) {
    return {{"validate" + suffix, {"validate"}},
            {"apply", apply, false},
            {"plan offline" + suffix, offline}};
  }
  return {{"validate" + suffix, {"validate"}},
          {"apply", apply},
          {"plan offline" + suffix, offline},
          {"plan", {"plan", "--detailed-exitcode", "--parallelism", parallelism}},
          {"destroy", {"destroy", "--yes", "--quiet", "--parallelism", parallelism}}};
}

void print_row(int pipelines, const Command& command, const Measure& result, long calls,
               double ideal) {
  const std::string ratio = calls == 0 ? "-" : fmt::format("{:.2f}", result.seconds / ideal);
  fmt::print("{:>9} {:<18} {:>4} {:>8.2f} {:>8.2f} {:>6} {:>8.2f} {:>8} {:>8.0f} {:>9.2f}\n",
             pipelines, command.title, result.code, result.seconds, ideal, ratio,
             result.cpu_seconds, calls, result.peak_mib, result.written_mib);
  std::fflush(stdout);
}

void measure(const Options& options, int pipelines, Form form) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("sluice-bench-{}", getpid());
  fs::create_directories(folder / "specs");
  std::ofstream(folder / "specs/bench.yaml") << spec_of(pipelines, form);
  {
    const Emulator emulator(folder, form == Form::flat ? options.latency_ms : 0);
    setenv("AEP_ENDPOINT", emulator.origin().c_str(), 1);
    setenv("AEP_IMS", emulator.origin().c_str(), 1);
    for (const Command& command : commands_of(options, form)) {
      std::vector<std::string> words = {sluice::test::sluice_binary()};
      words.insert(words.end(), command.words.begin(), command.words.end());
      const long before = emulator.requests();
      const Measure result = run(words, folder);
      const long calls = emulator.requests() - before;
      const double ideal =
          static_cast<double>(calls) * options.latency_ms / 1000 / options.parallelism;
      if (command.is_shown) print_row(pipelines, command, result, calls, ideal);
    }
  }
  fs::remove_all(folder);
}

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--latency" && i + 1 < argc) {
      options.latency_ms = std::stoi(argv[++i]);
    } else if (word == "--parallelism" && i + 1 < argc) {
      options.parallelism = std::stoi(argv[++i]);
    } else {
      options.sizes.push_back(std::stoi(word));
    }
  }
  if (options.sizes.empty()) options.sizes = {10, 100, 1000, 10'000};
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  // The embedded platform's own credentials.
  setenv("AEP_CLIENT_ID", "emulator", 1);
  setenv("AEP_CLIENT_SECRET", "emulator-secret", 1);
  setenv("AEP_ORG_ID", "EMULATOR@AdobeOrg", 1);
  unsetenv("CI");
  fmt::print("latency {} ms, {} calls at once; times in seconds, memory and writes in MiB\n",
             options.latency_ms, options.parallelism);
  fmt::print("{:>9} {:<18} {:>4} {:>8} {:>8} {:>6} {:>8} {:>8} {:>8} {:>9}\n", "pipelines",
             "command", "exit", "time", "ideal", "ratio", "cpu", "calls", "memory", "written");
  for (const int size : options.sizes) {
    measure(options, size, Form::flat);
    measure(options, size, Form::each);
  }
  return 0;
}
