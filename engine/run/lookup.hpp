#pragma once

// Finds out whether a create whose answer was lost made an object after all.

#include "run/remote.hpp"
#include "run/sandbox.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

namespace sluice::run {

/// Between two looks for what may still be on its way.
inline constexpr Millis kLookPause{3000};

/// What people choose when the lost create made none of the objects that are there.
inline constexpr const char* kNoneChosen = "none";

/// What other states than the run's own have at its place.
struct Beside {
  Owners owners;
  /// The states, by kind and name, that have an open create of an object of that name.
  std::map<std::pair<std::string, std::string>, std::string> creating;
};

/// Reads them as they are now; Trouble when one of them cannot be read.
using AskBeside = std::function<std::variant<Beside, Trouble>()>;

/// How long a lost create may still be on its way, and how it is recognised.
struct LookupOptions {
  Millis settle{45'000};        ///< 0: one look and no wait.
  std::string own_client;       ///< For an intent that does not tell its own. Empty: not compared.
  std::set<std::string> owned;  ///< Ids that the state has already; they are no candidates.
  std::string chosen;           ///< The candidate that people chose, whatever its inputs,
                                ///< `kNoneChosen`, or empty.
  AskBeside beside;             ///< Asked when something may be it. Empty: there are no others.
};

using LookupResult = std::variant<Observed, Gone, Trouble>;

/// Looks for the object by its natural key: kind, name, client, created since the intent, equal
/// inputs. One match is it; no match for `settle` means Gone. Several are Trouble that names them,
/// and so is one that is right in all but its inputs, since somebody may have edited it, one whose
/// name the platform does not tell, since it may be somebody else's, and, after `settle`, one that
/// is right in all but its client or its time, or that another state owns, or may have made since
/// its create is open as well: to make another one would make it twice. What bore the name before
/// the intent is no candidate.
http::Task<LookupResult> look_up(Remote& remote, PendingIntent intent, LookupOptions options);

}  // namespace sluice::run
