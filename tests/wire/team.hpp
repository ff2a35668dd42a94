#pragma once

// Many places at once. A run mostly waits, for a flow to be enabled or before it tries again, so
// there are many more of them than processors.

#include "wire/place.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sluice::wire {

struct Figures {
  std::size_t cases = 0;
  std::vector<std::string> bad;  ///< One text for each case that ended badly.

  std::size_t good() const { return cases - bad.size(); }
  void add(const Figures& other);
};

class Team {
 public:
  /// So many places for this spec, each in a sandbox of its own.
  Team(const std::string& spec, std::size_t pipelines, std::size_t places);

  /// Calls `play` with each number below `count` once, in any order, each in one of the places. A
  /// problem is kept with what `name` says of the number.
  Figures play_all(std::size_t count, const std::function<Problem(Place&, std::size_t)>& play,
                   const std::function<std::string(std::size_t)>& name);

  std::vector<std::unique_ptr<Place>>& places() { return places_; }

 private:
  std::vector<std::unique_ptr<Emulator>> emulators_;
  std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace sluice::wire
