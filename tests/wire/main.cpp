// The wire between the real program and the real emulator, each in a process of its own: it is cut,
// or the program is killed, at every place in every exchange of the example's apply. Then one
// undisturbed apply must bring everything in order.
//
//   wire_tests [quick]            around every part of every request and reply; the bad twins; then
//                                 an apply of many pipelines: at each mutation, and by chance
//   wire_tests full               the same, without a sample of it
//   wire_tests bytes FROM COUNT   at so many of all bytes, each with a kill and with a reset
//   wire_tests storms FROM COUNT  so many seeds of those by chance
//   wire_tests hostile [full]     replies that are broken or want to do harm, in place of true ones
//   wire_tests list               the exchanges, and how many cases `bytes` has
//
// Exit code 0 when nothing ended badly, and the bad twins were found.

#include "support/places.hpp"
#include "support/read_text.hpp"
#include "wire/cases.hpp"
#include "wire/storm.hpp"
#include "wire/team.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

using namespace sluice;
using namespace sluice::wire;

namespace {

// Of the example, and of the larger spec.
constexpr std::size_t kPlaces = 48;
constexpr std::size_t kStormPlaces = 51;
constexpr std::size_t kPipelines = 20;
constexpr std::size_t kSamplePipelines = 12;
constexpr std::size_t kSeeds = 50;

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string example() {
  return test::read_text(test::source_dir() + "/specs/customerio.yaml");
}

std::vector<Sizes> measure_all(Team& team, const std::string& command) {
  std::vector<std::vector<Sizes>> runs(kSandboxes.size());
  const auto measured = team.play_all(
      runs.size(),
      [&](Place& place, std::size_t i) {
        runs[i] = measure(place, command);
        if (command == "destroy") runs[i] = only_mutations(runs[i]);
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

std::string with_commas(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, ",");
  return text;
}

bool tell(const std::string& what, const Figures& figures, const Stopwatch& watch) {
  for (std::size_t i = 0; i < figures.bad.size(); ++i) {
    const std::string& bad = figures.bad[i];
    fmt::print("{}\n\n", i < 20 ? bad : bad.substr(0, bad.find('\n')));
  }
  fmt::print("{}: {} of {} cases, {} ended badly, {:.1f} s\n", what, with_commas(figures.good()),
             with_commas(figures.cases), with_commas(figures.bad.size()), watch.seconds());
  std::fflush(stdout);
  return figures.bad.empty();
}

/// The four ways in which a server can go down at a mutation.
Blow blow_of(std::size_t mutation, std::size_t way) {
  return {mutation, way % 2 == 1, way / 2 % 2 == 1};
}

Figures play_blows(Team& team, const std::vector<Blow>& blows) {
  return team.play_all(
      blows.size(), [&](Place& place, std::size_t i) { return play_blow(place, blows[i]).problem; },
      [&](std::size_t i) {
        return fmt::format("mutation {}, {} it was done, {}", blows[i].mutation,
                           blows[i].is_processed ? "after" : "before",
                           blows[i].kills ? "killed" : "reset");
      });
}

Figures play_seeds(Team& team, std::size_t from, std::size_t count) {
  std::vector<Storm> storms(count);
  Figures figures = team.play_all(
      count,
      [&](Place& place, std::size_t i) {
        storms[i] = play_seed(place, from + i);
        return storms[i].problem;
      },
      [&](std::size_t i) { return fmt::format("seed {}", from + i); });
  std::size_t runs = 0;
  std::size_t blows = 0;
  for (const Storm& storm : storms) {
    runs += storm.runs;
    blows += storm.blows;
  }
  fmt::print("storms: {} seeds from {}, {} disturbed runs, {} mutations struck\n", count, from,
             with_commas(runs), with_commas(blows));
  return figures;
}

/// At each create. The last one leaves its place unfit for more.
bool find_twins(Team& team, const std::vector<Sizes>& sizes) {
  std::vector<std::pair<std::size_t, Twin>> twins;
  for (const Twin twin :
       {Twin::false_end, Twin::sent_twice, Twin::lost_journal, Twin::spilled_secret}) {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (is_mutation(sizes[i].what)) twins.emplace_back(i, twin);
    }
  }
  twins.emplace_back(twins.at(0).first, Twin::others_object);
  const Figures figures = team.play_all(
      twins.size(),
      [&](Place& place, std::size_t i) { return find(place, twins[i].first, twins[i].second); },
      [&](std::size_t i) {
        return fmt::format("bad twin at exchange {}, {}", twins[i].first, name_of(twins[i].second));
      });
  for (const std::string& text : figures.bad)
    fmt::print("{}\n\n", text);
  fmt::print("bad twins: {} of {} found\n", figures.good(), figures.cases);
  return figures.bad.empty();
}

bool play_example(const Stopwatch& watch, bool is_sample, Figures& all) {
  Team team(example(), 1, kPlaces);
  const std::vector<Sizes> sizes = measure_all(team, "apply");
  if (is_sample)
    fmt::print(
        "a sample: at each place one of the two ways to close, in turn, "
        "and {} pipelines of {}\n",
        kSamplePipelines, kPipelines);
  const Figures applied = play_cases(team, boundaries(sizes, is_sample));
  tell("apply", applied, watch);
  const Figures destroyed = play_cases(team, deletions(measure_all(team, "destroy"), is_sample));
  tell("destroy", destroyed, watch);
  all.add(applied);
  all.add(destroyed);
  return find_twins(team, sizes);
}

bool find_storm_twin(Place& place) {
  const Problem problem = play_seed(place, 1, true).problem;
  const bool is_found = problem.find("may be it: ") != std::string::npos;
  fmt::print("bad twin of the storms: {}\n", is_found ? "found" : "not found, but: " + problem);
  return is_found;
}

/// Each mutation in the four ways or, in a sample, in one of them, in turn.
std::vector<Blow> blows_of(std::size_t pipelines, bool is_sample) {
  std::vector<Blow> blows;
  for (std::size_t mutation = 0; mutation < 4 * pipelines; ++mutation) {
    for (std::size_t way = 0; way < 4; ++way) {
      if (!is_sample || way == mutation % 4) blows.push_back(blow_of(mutation, way));
    }
  }
  return blows;
}

int play_everything(bool is_sample) {
  const Stopwatch watch;
  Figures all;
  const bool twins_found = play_example(watch, is_sample, all);
  const std::size_t pipelines = is_sample ? kSamplePipelines : kPipelines;
  Team team(many_anywhere(pipelines), pipelines, kStormPlaces);
  const Figures blown = play_blows(team, blows_of(pipelines, is_sample));
  tell("blows", blown, watch);
  all.add(blown);
  all.add(play_seeds(team, 1, kSeeds));
  const bool storm_found = find_storm_twin(*team.places().front());
  return tell("wire", all, watch) && twins_found && storm_found ? 0 : 1;
}

int storms(std::size_t from, std::size_t count) {
  const Stopwatch watch;
  Team team(many_anywhere(kPipelines), kPipelines, kStormPlaces);
  return tell("wire", play_seeds(team, from, count), watch) ? 0 : 1;
}

/// A platform that denies a create must come out by what the next run says, and a visit to the
/// other server by its count.
bool find_hostile_twins(Place& place, const std::vector<Sizes>& sizes, test::RawServer& elsewhere) {
  const auto create = std::find_if(sizes.begin(), sizes.end(),
                                   [](const Sizes& size) { return is_mutation(size.what); });
  Case denial = {"apply", std::size_t(create - sizes.begin()), {Where::reply, 0, Act::trick}};
  denial.strike.trick = [](test::RawConnection& client, const std::string& /*reply*/) {
    client.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}");
    return false;
  };
  const Problem problem = play(place, denial);
  const bool is_found = problem.find("that this state does not own") != std::string::npos;
  if (!is_found) fmt::print("bad twin: a create that was denied is not found, but: {}\n", problem);
  const int before = elsewhere.connections();
  const auto visit = connect_to(elsewhere.port());
  for (int i = 0; i < 200 && elsewhere.connections() == before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const bool is_counted = elsewhere.connections() == before + 1;
  if (!is_counted) fmt::print("bad twin: a visit to the other server is not counted\n");
  return is_found && is_counted;
}

int play_hostile(bool is_sample) {
  const Stopwatch watch;
  test::RawServer elsewhere([](test::RawConnection& connection) { connection.await_end(); });
  Team team(example(), 1, kPlaces);
  const std::vector<NamedTrick> tricks = all_tricks(elsewhere.address());
  const std::vector<Sizes> sizes = measure_all(team, "apply");
  const Figures figures = play_cases(team, hostile(sizes, tricks, is_sample));
  const int visits = elsewhere.connections();
  const bool twins_found = find_hostile_twins(*team.places().front(), sizes, elsewhere);
  fmt::print("{} tricks, {} connections to another server\n", tricks.size(), visits);
  return tell("hostile", figures, watch) && visits == 0 && twins_found ? 0 : 1;
}

int list() {
  Team team(example(), 1, kSandboxes.size());
  const std::vector<Sizes> sizes = measure_all(team, "apply");
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const Sizes& size = sizes[i];
    fmt::print("{:2} {}: request {} + {}, reply {} + {}\n", i, size.what, size.request_head,
               size.request - size.request_head, size.reply_head, size.reply - size.reply_head);
  }
  fmt::print("{} cases\n", with_commas(count_bytes(sizes)));
  return 0;
}

int bytes(std::size_t from, std::size_t count) {
  const Stopwatch watch;
  Team team(example(), 1, kPlaces);
  const std::vector<Sizes> sizes = measure_all(team, "apply");
  const std::size_t total = count_bytes(sizes);
  std::vector<Case> cases;
  for (std::size_t i = from; i < std::min(total, from + count); ++i)
    cases.push_back(byte_case(sizes, i));
  const Figures figures = play_cases(team, cases);
  fmt::print("bytes from {} to {} of {}\n", with_commas(from), with_commas(from + cases.size()),
             with_commas(total));
  return tell("wire", figures, watch) ? 0 : 1;
}

int run(const std::vector<std::string>& words) {
  if (words.empty() || words == std::vector<std::string>{"quick"}) return play_everything(true);
  if (words == std::vector<std::string>{"full"}) return play_everything(false);
  if (words == std::vector<std::string>{"list"}) return list();
  if (words == std::vector<std::string>{"hostile"}) return play_hostile(true);
  if (words == std::vector<std::string>{"hostile", "full"}) return play_hostile(false);
  const auto is_number = [](const std::string& word) {
    return !word.empty() && word.size() < 10 &&
           word.find_first_not_of("0123456789") == std::string::npos;
  };
  if (words.size() == 3 && is_number(words[1]) && is_number(words[2])) {
    if (words[0] == "bytes") return bytes(std::stoul(words[1]), std::stoul(words[2]));
    if (words[0] == "storms") return storms(std::stoul(words[1]), std::stoul(words[2]));
  }
  fmt::print(stderr,
             "usage: wire_tests [quick | full] | bytes FROM COUNT | storms FROM COUNT | "
             "hostile [full] | list\n");
  return 64;
}

}  // namespace

int main(int argc, char** argv) {
  // A kill leaves what the system holds in memory, so a disk would only make it slower.
  if (std::filesystem::is_directory("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 0);
  try {
    return run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    fmt::print(stderr, "wire: {}\n", error.what());
    return 1;
  }
}
