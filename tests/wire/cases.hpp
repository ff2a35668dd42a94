#pragma once

// The places at which one exchange after the other can go wrong, and what a run comes to that is
// struck at one of them.

#include "wire/place.hpp"
#include "wire/proxy.hpp"
#include "wire/tricks.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace sluice::wire {

/// The bytes of one exchange. An id, a token or a sandbox's name may be longer in one run than in
/// another: these are the longest of several runs, and a strike behind the last byte of a shorter
/// message is one at its last byte. So no byte is left out, and a few are struck twice.
struct Sizes {
  std::string what;  ///< Method and path without ids.
  std::size_t request_head = 0;
  std::size_t request = 0;
  std::size_t status_line = 0;
  std::size_t reply_head = 0;
  std::size_t reply = 0;
};

struct Case {
  std::string command = "apply";  ///< Or "destroy", of what was applied.
  std::size_t exchange = 0;
  Strike strike;
  /// The exchange by method and path, where their order is not the same in every run.
  std::string what = {};
  /// Of the message, when every byte of it is to be tried: a longer one would have more of them.
  std::size_t length_max = 0;
  std::string name = {};  ///< Of the trick.
};

std::string text_of(const Case& one);

/// What must not happen, and be found: the proof that the look afterwards sees it.
enum class Twin {
  none,
  false_end,       ///< The program says that it is done when it is not.
  sent_twice,      ///< The platform gets a create twice that lost its reply.
  lost_journal,    ///< What the program wrote down before it sent its calls is gone.
  spilled_secret,  ///< The client's secret is in a file.
  others_object    ///< An object of somebody else is gone.
};

std::string name_of(Twin twin);

/// What a command sends and receives, call after call, when nobody disturbs it.
std::vector<Sizes> measure(Place& place, const std::string& command);
/// Of those of `sizes` that change something, in the order of their names.
std::vector<Sizes> only_mutations(std::vector<Sizes> sizes);
/// The longest of each. Throws std::runtime_error when they are not the same exchanges.
std::vector<Sizes> longest(const std::vector<std::vector<Sizes>>& runs);

/// Of each exchange: before and after its connection is there, in and around the parts of the
/// request and of the reply, with every act that differs there. A sample has one of the two ways to
/// close a connection at each place, in turn.
std::vector<Case> boundaries(const std::vector<Sizes>& sizes, bool is_sample);

/// The same of a destroy's deletions, but for their connections, and by what they are: the
/// exchanges of a destroy have no order that is the same every time. A sample leaves out the
/// deletions that get lost and leave the program alive, since it waits a minute then for the object
/// to be gone.
std::vector<Case> deletions(const std::vector<Sizes>& sizes, bool is_sample);

/// Of each exchange of an apply, with every trick in place of its reply. A sample has every fifth,
/// and none that make the program wait for minutes.
std::vector<Case> hostile(const std::vector<Sizes>& sizes, const std::vector<NamedTrick>& tricks,
                          bool is_sample);

/// Every byte of every exchange, there and back, with SIGKILL and with a reset, numbered from 0.
std::size_t count_bytes(const std::vector<Sizes>& sizes);
Case byte_case(const std::vector<Sizes>& sizes, std::size_t number);

Problem play(Place& place, const Case& one, Twin twin = Twin::none);

/// Empty when the twin was found, and as what it is.
Problem find(Place& place, std::size_t exchange, Twin twin);

bool is_mutation(const std::string& request);

}  // namespace sluice::wire
