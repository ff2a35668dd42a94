#pragma once

// Carries out a plan as it is written. Decides nothing that the plan has not decided, but for what
// only the platform's answers can tell: whether a lost call was done, and whether an object moved.

#include "core/plan.hpp"
#include "run/ledger.hpp"
#include "run/lookup.hpp"
#include "run/remote.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sluice::run {

/// What happens to one step, as it happens.
struct ApplyEvent {
  enum class Kind { started, waiting, done, failed, skipped, kept };
  Kind kind = Kind::started;
  Address address;
  Action action = Action::noop;
  bool deposed = false;
  std::string detail;  ///< An id, or what it waits for, or what went wrong.
  std::string advice;
  Millis elapsed{0};
};

/// What of an earlier run's calls only people can tell, by address.
using Unclear = std::map<Address, Trouble>;

struct ApplyOptions {
  Millis settle{45'000};   ///< How long a lost create may still be on its way.
  std::string own_client;  ///< The client that the platform names as the creator.
  AskBeside beside = {};   ///< What other states have there, for lookups of lost creates.
  /// Ids that people chose for creates whose answers were lost. For `recover` alone.
  std::map<Address, std::string> adopt = {};
  /// Addresses at which nothing is done, since it is not known what is there, nor is anything taken
  /// away that this may stand on.
  Unclear unclear = {};
  /// What stands for `{"$secret": NAME}` in requests; each that the plan names must be here.
  std::map<std::string, std::string> secrets = {};
  std::function<bool()> interrupted;  ///< Asked often; true starts no more steps, ends all waits.
  std::function<void(const ApplyEvent&)> on_event;
  std::function<void()> on_turn;  ///< Some ten times a second, so that elapsed times can be shown.
  /// Of `recover` alone: a line for people for each call of which it is clear what became of it,
  /// once that is in the ledger.
  std::function<void(const std::string& line)> on_settled;
  /// Of `recover` alone, some ten times a second: what is still looked for, and for how long.
  std::function<void(const std::multiset<Address>& open, Millis left)> on_looking;
};

/// How a create of an object of this kind is looked for whose answer was lost.
LookupOptions lookup_options(const ApplyOptions& options, const State& state,
                             const std::string& kind);

struct ApplyReport {
  PlanCounts done;  ///< What was carried out.
  int failed = 0;
  int skipped = 0;  ///< Not tried, since what they wait for failed or the run stopped.
  bool conflict = false;
  bool credentials = false;
  bool disk_full = false;  ///< The journal lives on its reserve; no more steps were started.
  bool interrupted = false;
  std::vector<std::string> kept;  ///< What the platform would not delete, by address and id.

  bool complete() const { return failed == 0 && skipped == 0; }
};

/// Each mutation is announced in the ledger before it is sent and its result noted before anything
/// builds on it. A step that fails stops only those that wait for it; rejected credentials stop
/// all. Throws Fatal when the ledger cannot be written: going on would lose track of what exists.
/// What was under way is answered and in the ledger's state by then, though not in the journal.
ApplyReport apply(const Plan& plan, Ledger& ledger, Remote& remote, const ApplyOptions& options);

/// The names of the secrets that requests of the plan would need.
std::set<std::string> secrets_of(const Plan& plan);

/// Whether applying `plan` would write to the state although the plan has no changes to show: a
/// spec may have become about fewer fields, or have changed what it protects.
bool needs_bookkeeping(const Plan& plan, const State& state);

/// Settles what an earlier run announced and did not see the end of: looks up lost creates, reads
/// what was to be changed or deleted until it is or `settle` is over, and writes what it found to
/// the ledger; `on_settled` is told of it. What only people can tell stays open, and is returned.
/// Throws Fatal when the platform cannot be asked; what is clear is in the ledger then. When
/// `options.interrupted` turns true it stops waiting, and what was not found out stays open, too.
Unclear recover(Ledger& ledger, Remote& remote, const ApplyOptions& options);

/// Throws Fatal that names all of it, so that people may choose for everything at once.
void refuse_unclear(const Unclear& unclear);

/// Throws Fatal when somebody chose an id for what has no lost create.
void refuse_needless(const State& state, const std::map<Address, std::string>& adopt);

/// As `recover`, with one look each, on a copy: for commands that write nothing. Returns one line
/// for people for each call; one that says that something is not there yet tells for how long a
/// run will look, which is `settle`. What only people can tell stays pending, and counts as not
/// made.
std::vector<std::string> recover_in_memory(State& state, Remote& remote,
                                           const ApplyOptions& options);

}  // namespace sluice::run
