// The wire between the real program and the real emulator, each in a process of its own: it is cut,
// or the program is killed, at every place in every exchange of the example's apply. Then one
// undisturbed apply must bring everything in order.
//
//   wire_tests [quick]            around every part of every request and reply
//   wire_tests bytes FROM COUNT   at so many bytes of all, each with a kill and with a reset
//   wire_tests list               the exchanges, and how many cases `bytes` has
//
// Exit code 0 when nothing ended badly, and the bad twins were found.

#include "support/read_text.hpp"
#include "wire/cases.hpp"
#include "wire/team.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::wire;

namespace {

constexpr std::size_t kPlaces = 48;

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string example() {
  return test::read_text(SLUICE_SOURCE_DIR "/specs/customerio.yaml");
}

std::vector<Sizes> measure_all(Team& team, const std::string& command) {
  std::vector<std::vector<Sizes>> runs(kSandboxes.size());
  const auto measured = team.play_all(
      runs.size(),
      [&](Place& place, std::size_t i) {
        runs[i] = measure(place, command);
        return Problem();
      },
      [](std::size_t) { return "measuring"; });
  if (!measured.bad.empty()) throw std::runtime_error(measured.bad[0]);
  return longest(runs);
}

Figures play_cases(Team& team, const std::vector<Case>& cases) {
  return team.play_all(
      cases.size(), [&](Place& place, std::size_t i) { return play(place, cases[i]); },
      [&](std::size_t i) { return text_of(cases[i]); });
}

int tell(const Figures& figures, const Stopwatch& watch) {
  for (std::size_t i = 0; i < figures.bad.size() && i < 20; ++i)
    fmt::print("{}\n\n", figures.bad[i]);
  fmt::print("wire: {} of {} cases, {} ended badly, {:.1f} s\n", figures.good(), figures.cases,
             figures.bad.size(), watch.seconds());
  return figures.bad.empty() ? 0 : 1;
}

int list() {
  Team team(example(), 1, kSandboxes.size());
  const std::vector<Sizes> sizes = measure_all(team, "apply");
  for (const Sizes& size : sizes)
    fmt::print("{}: request {} + {}, reply {} + {}\n", size.what, size.request_head,
               size.request - size.request_head, size.reply_head, size.reply - size.reply_head);
  fmt::print("{} cases\n", count_bytes(sizes));
  return 0;
}

int quick() {
  const Stopwatch watch;
  Team team(example(), 1, kPlaces);
  fmt::print("team: {:.1f} s\n", watch.seconds());
  const std::vector<Sizes> sizes = measure_all(team, "apply");
  fmt::print("measured: {:.1f} s\n", watch.seconds());
  return tell(play_cases(team, boundaries("apply", sizes)), watch);
}

}  // namespace

int main(int argc, char** argv) {
  // A kill leaves what the system holds in memory, so a disk would only make it slower.
  if (std::filesystem::is_directory("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 0);
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 1 && words[0] == "list") return list();
  return quick();
}
