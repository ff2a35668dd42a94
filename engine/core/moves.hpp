#pragma once

// What a spec says became of addresses that it does not have any more. Nothing happens on the
// platform for it: a moved record keeps its object, and one that is let go is only forgotten.

#include "core/diagnostics.hpp"
#include "core/resource.hpp"

#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// One record's way from an address to another.
struct Relocation {
  Address from;
  Address to;

  bool operator==(const Relocation&) const = default;
};

/// Whether `text` is the address, or that of the pipeline or schema that it is a part of.
bool names_address(const std::string& text, const Address& address);

/// The pipeline or schema as a whole that `address` is a part of, as people write it.
std::string whole_of(const Address& address);

/// The records that are at one of the addresses that `moves` lead away from, with where they go. A
/// move whose records went there before gives none. An error when there is another record already
/// where one is to go.
std::vector<Relocation> relocations(const State& recorded,
                                    const std::vector<std::pair<std::string, std::string>>& moves,
                                    Diagnostics& diagnostics);

}  // namespace sluice
