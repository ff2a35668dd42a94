#pragma once

// What a server may answer that is broken, or wants to do harm, and not just anything a true one
// says: replies without end, without measure, without form, and ones that lead elsewhere.

#include "wire/proxy.hpp"

#include <string>
#include <vector>

namespace sluice::wire {

struct NamedTrick {
  std::string name;
  Trick play;
  /// Of a call that the platform did it says that it did not, or names another object. Nobody can
  /// tell a lie like this from the truth.
  bool is_lie = false;
  bool is_slow = false;  ///< The program waits for minutes.
};

/// `elsewhere` is the address, with its port, of another server, which must never be asked.
std::vector<NamedTrick> all_tricks(const std::string& elsewhere);

}  // namespace sluice::wire
