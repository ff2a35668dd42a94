#include "cli/system.hpp"

#include <climits>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <pwd.h>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace sluice::cli {

namespace {

// A signal handler can reach nothing else than static objects of this type.
volatile std::sig_atomic_t first_signal = 0;
volatile std::sig_atomic_t drains = 0;

constexpr int kSignalExitBase = 128;

void on_signal(int signal) {
  const bool is_first = first_signal == 0;
  if (is_first) first_signal = signal;
  // Of a terminal that is closed the shell tells, and the kernel, too: nobody asked twice.
  if (drains == 0 || (!is_first && signal != SIGHUP)) _exit(kSignalExitBase + signal);
}

}  // namespace

Millis SystemClock::monotonic() const {
  return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch());
}

Millis SystemClock::wall() const {
  return std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch());
}

void SystemClock::wait(Millis duration) {
  if (duration <= Millis(0)) return;
  timespec time = {};
  time.tv_sec = duration.count() / 1000;
  time.tv_nsec = duration.count() % 1000 * 1'000'000;
  // A signal ends it early, which is what callers expect.
  nanosleep(&time, nullptr);
}

std::uint64_t SystemRandom::next() {
  std::uint64_t bits = 0;
  while (getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) {
    if (errno != EINTR) throw std::runtime_error("the kernel gives no random numbers");
  }
  return bits;
}

void harden_process() {
  umask(077);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
  // A program that collects the dumps of all others heeds no limit, and a debugger is as curious.
  // The search for leaks attaches itself like a debugger.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  // OpenSSL and libcurl would write the keys of every connection to the file that this names.
  unsetenv("SSLKEYLOGFILE");
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void catch_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  // Without SA_RESTART a wait ends when a signal comes, so that it is noticed at once.
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // `nohup` has it ignored for whoever is to outlive the terminal.
  struct sigaction inherited = {};
  sigaction(SIGHUP, nullptr, &inherited);
  if (inherited.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
}

Draining::Draining() {
  drains = 1;
}

Draining::~Draining() {
  drains = 0;
}

int caught_signal() {
  return first_signal;
}

ExitCode interrupted_code() {
  return static_cast<ExitCode>(kSignalExitBase + first_signal);
}

std::map<std::string, std::string> read_environment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos)
      result.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

std::size_t terminal_columns() {
  winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string user_name() {
  const passwd* entry = getpwuid(geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(geteuid());
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown host";
  return name.data();
}

std::int64_t process_id() {
  return getpid();
}

bool is_process_alive(std::int64_t pid) {
  const auto id = static_cast<pid_t>(pid);
  // What is no id of one process would ask for a group of them.
  if (id <= 0 || id != pid) return false;
  return ::kill(id, 0) == 0 || errno != ESRCH;
}

std::string program_folder() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  const std::string text(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return text.substr(0, text.rfind('/'));
}

std::string become(const std::vector<std::string>& arguments) {
  std::vector<char*> list;
  list.reserve(arguments.size() + 1);
  // execv takes pointers to writable text for reasons of history, and does not write.
  for (const std::string& argument : arguments)
    list.push_back(const_cast<char*>(argument.c_str()));
  list.push_back(nullptr);
  execv(list.front(), list.data());
  return std::generic_category().message(errno);
}

}  // namespace sluice::cli
