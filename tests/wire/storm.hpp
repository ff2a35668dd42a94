#pragma once

// A server on the way that goes down again and again: between a mutation and the platform, or
// between the platform and its reply, with the client or without. The same command is run until it
// ends well; then once more without a disturbance.

#include "wire/place.hpp"

#include <cstddef>
#include <cstdint>

namespace sluice::wire {

/// One mutation of all that the runs send, and what befalls it.
struct Blow {
  std::size_t mutation = 0;
  bool is_processed = false;  ///< The platform has done it, and the reply is lost.
  bool kills = false;         ///< The client dies; otherwise only its connection does.
};

struct Storm {
  std::size_t runs = 0;
  std::size_t blows = 0;
  Problem problem;
};

Storm play_blow(Place& place, const Blow& blow);

/// One mutation in five, by chance. The bad twin sends a mutation again that lost its reply.
Storm play_seed(Place& place, std::uint64_t seed, bool resends = false);

}  // namespace sluice::wire
