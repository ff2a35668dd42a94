#include "wire/storm.hpp"

#include "wire/cases.hpp"

#include <functional>
#include <random>

namespace sluice::wire {

namespace {

// A client that is killed at one mutation in ten has done some nine by then.
constexpr std::size_t kRunsMax = 60;
constexpr unsigned kOneIn = 5;

using Fate = std::function<std::optional<Strike>()>;

Strike strike_of(bool is_processed, bool kills) {
  return {is_processed ? Where::reply : Where::request, 0, kills ? Act::kill : Act::reset};
}

/// Asks `fate` at every mutation, over all runs.
Storm play(Place& place, const Fate& fate) {
  place.renew();
  Storm storm;
  const Choose choose = [&](std::size_t, const std::string& request) -> std::optional<Strike> {
    if (request.empty() || !is_mutation(request)) return std::nullopt;
    const std::optional<Strike> strike = fate();
    if (strike) ++storm.blows;
    return strike;
  };
  while (true) {
    const Watched watched = place.run({"apply", "--yes"}, choose);
    ++storm.runs;
    storm.problem = place.judge_end("apply", watched);
    if (!storm.problem.empty()) return storm;
    if (watched.finished.code == 0) break;
    // Nobody else changes anything here, so there is nothing that only people could decide.
    const bool is_stuck = watched.finished.code == 4;
    if (is_stuck || storm.runs == kRunsMax) {
      storm.problem = "it does not come to an end: " + watched.finished.err;
      return storm;
    }
  }
  storm.problem = place.judge("apply");
  return storm;
}

}  // namespace

Storm play_blow(Place& place, const Blow& blow) {
  std::size_t next = 0;
  Storm storm = play(place, [&]() -> std::optional<Strike> {
    if (next++ != blow.mutation) return std::nullopt;
    return strike_of(blow.is_processed, blow.kills);
  });
  if (storm.problem.empty() && storm.blows == 0) storm.problem = "there was no such mutation";
  return storm;
}

Storm play_seed(Place& place, std::uint64_t seed, bool resends) {
  std::mt19937_64 chance(seed);
  return play(place, [&]() -> std::optional<Strike> {
    if (chance() % kOneIn != 0) return std::nullopt;
    const bool is_processed = chance() % 2 == 0;
    Strike strike = strike_of(is_processed, chance() % 2 == 0);
    strike.resends = resends;
    return strike;
  });
}

}  // namespace sluice::wire
