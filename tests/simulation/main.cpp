// Plays stories by seed: the whole program in one thread, with a simulated platform, network, disk
// and clock, and with people who work on the platform meanwhile.
//
//   simulation FROM COUNT [TWIN]   plays so many stories; with a twin, until one finds it
//   simulation trace SEED [TWIN]   prints everything that happens in one
//   simulation twice FROM COUNT    plays each twice and holds the traces against each other
//
// A story that ends badly is made shorter as long as it still does, and printed. Exit code 0 when
// all went well: no story ended badly, or one of them did find the twin.

#include "simulation/play.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>

using namespace sluice::simulation;

namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Twin> twin_of(std::string_view name) {
  if (name == "no_sync") return Twin::no_sync;
  if (name == "in_place") return Twin::in_place;
  if (name == "no_journal") return Twin::no_journal;
  if (name == "no_backup") return Twin::no_backup;
  if (name == "resend") return Twin::resend;
  if (name == "unguarded") return Twin::unguarded;
  if (name == "spill") return Twin::spill;
  return std::nullopt;
}

void tell(const Story& story, Twin twin) {
  const Story least = shrunk(story, twin);
  fmt::print("{}\n{}ended badly: {}\n\n", play(story, twin).problem, text_of(least),
             play(least, twin).problem);
}

int play_all(std::uint64_t from, std::uint64_t count, Twin twin) {
  int bad = 0;
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    const Story story = story_of(seed);
    if (play(story, twin).problem.empty()) continue;
    tell(story, twin);
    ++bad;
    if (twin != Twin::none || bad == 10) break;
  }
  fmt::print("stories {} from seed {}: {} ended badly\n", count, from, bad);
  return (twin == Twin::none) == (bad == 0) ? 0 : 1;
}

int play_twice(std::uint64_t from, std::uint64_t count) {
  for (std::uint64_t seed = from; seed < from + count; ++seed) {
    if (play(story_of(seed), Twin::none).trace == play(story_of(seed), Twin::none).trace) continue;
    fmt::print("seed {}: the same story went another way\n", seed);
    return 1;
  }
  fmt::print("stories {} from seed {}: each went the same way twice\n", count, from);
  return 0;
}

int trace(std::uint64_t seed, Twin twin) {
  const Ending ending = play(story_of(seed), twin);
  fmt::print("{}{}{}\n", text_of(story_of(seed)), ending.trace, ending.problem);
  return ending.problem.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  const bool is_word = !words.empty() && (words[0] == "trace" || words[0] == "twice");
  const std::size_t numbers = is_word && words[0] == "trace" ? 1 : 2;
  const std::size_t first = is_word ? 1 : 0;
  std::vector<std::uint64_t> values;
  for (std::size_t at = first; at < words.size() && values.size() < numbers; ++at) {
    if (const auto value = number_of(words[at])) values.push_back(*value);
  }
  Twin twin = Twin::none;
  if (words.size() == first + numbers + 1) twin = twin_of(words.back()).value_or(Twin::none);
  const bool is_right = values.size() == numbers && words.size() <= first + numbers + 1 &&
                        (words.size() == first + numbers) == (twin == Twin::none);
  if (!is_right) {
    fmt::print(stderr,
               "usage: simulation FROM COUNT [TWIN] | trace SEED [TWIN] | twice FROM COUNT\n");
    return 64;
  }
  if (!is_word) return play_all(values[0], values[1], twin);
  return words[0] == "trace" ? trace(values[0], twin) : play_twice(values[0], values[1]);
}
