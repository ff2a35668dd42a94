#pragma once

// The platform by kinds: reads, lists and waits, as tasks whose results are values. It changes
// nothing; mutations are `step_runner`'s, which announces each in the journal first. The one PATCH
// that it sends cannot take effect.

#include "http/event_loop.hpp"
#include "http/session.hpp"
#include "kinds/kind.hpp"
#include "run/slots.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace sluice::run {

/// A call that did not give what was asked. `what` is one sentence for people.
struct Trouble {
  std::string what;
  std::string advice;
  bool credentials = false;  ///< Nothing can be asked any more.
  bool conflict = false;     ///< The platform moved on since the plan.
};

/// Ends the command with what was in the way.
[[noreturn]] void give_up(const Trouble& trouble);

inline void give_up_if(const std::optional<Trouble>& trouble) {
  if (trouble) give_up(*trouble);
}

/// The object is not there.
struct Gone {};

/// What becomes of objects whose name a list does not tell.
enum class Untold { drop, keep };

using ReadResult = std::variant<Observed, Gone, Trouble>;
using FindResult = std::variant<std::vector<Observed>, Trouble>;
using PageResult = std::variant<kinds::Page, Trouble>;
using TextResult = std::variant<std::string, Trouble>;

/// A list that is read page by page: what to ask for next, and how far it has come.
struct PagedList {
  explicit PagedList(http::Request first) : request(std::move(first)) {}

  http::Request request;
  std::set<std::string> asked;  ///< The targets of all pages so far.
  std::size_t objects = 0;
  std::size_t bytes = 0;
};

class Remote {
 public:
  Remote(http::Session& session, http::EventLoop& loop, const kinds::Registry& registry,
         Slots& slots);

  /// The object as it is now. For a kind guarded by versions, its newest version that can be told
  /// to exist: `known_version` is one that did.
  http::Task<ReadResult> read(std::string kind, std::string id, std::int64_t known_version);

  /// As `read`, and then looks whether versions after that one exist.
  http::Task<ReadResult> read_newest(std::string kind, std::string id, std::int64_t known_version);

  /// One version of an object that has versions; Gone when there is no such version.
  http::Task<ReadResult> read_version(std::string kind, std::string id, std::int64_t version);

  /// Reads until the object is in no transitional state. Gives what it last saw after a minute, or
  /// when the run is interrupted.
  http::Task<ReadResult> settle(std::string kind, std::string id);

  /// As `settle`, for an object that was just made or told to change: leaves it a moment first, and
  /// other calls go before, since the platform works on the object meanwhile. When the run is
  /// interrupted before the first look there is none, and it gives a Trouble.
  http::Task<ReadResult> settle_after_write(std::string kind, std::string id);

  /// As `read`, but waits as `settle` does for a kind that has transitional states.
  http::Task<ReadResult> read_settled(std::string kind, std::string id, std::int64_t known_version);

  /// Reads until the object is gone; gives what it last saw after `limit`, or when the run is
  /// interrupted.
  http::Task<ReadResult> await_gone(std::string kind, std::string id, Millis limit);

  /// What speaks against it that objects are gone which a read does not find: the kind's lists have
  /// one of them. `names` are theirs by id. nullopt when nothing does, or the kind has no names.
  http::Task<std::optional<Trouble>> doubt_gone(std::string kind,
                                                std::map<std::string, std::string> names);

  /// Whether an access label hides an object that a read does not find: asked by a change that no
  /// etag fits, so that it cannot take effect. nullopt when the platform knows no such object.
  /// Source: access labels in Flow Service, which answer 404 to a read and 403 to a change.
  http::Task<std::optional<Trouble>> doubt_hidden(std::string kind, std::string id,
                                                  std::string name);

  /// What speaks against it that an object is still gone which an earlier look did not find: it is
  /// there again, or hidden.
  http::Task<std::optional<Trouble>> doubt_still_gone(std::string kind, std::string id,
                                                      std::string name);

  /// `doubt_gone` and `doubt_hidden` for one object: what a list tells first, then what a change
  /// would.
  http::Task<std::optional<Trouble>> doubt_all(std::string kind, std::string id, std::string name);

  /// The next page of a list that `kind.list` began; its `next` is empty at the end. `listing` must
  /// outlive the task. A list that leads back to a page before, or that is too long to be that of a
  /// sandbox, is a Trouble.
  http::Task<PageResult> page(std::string kind, PagedList& listing);

  /// Every object of the kind in the sandbox, all pages. Lists may leave out what is long.
  http::Task<FindResult> list(std::string kind);

  /// Every object of the kind that bears one of the names, all pages; with `Untold::keep` those,
  /// too, whose name the list does not tell.
  http::Task<FindResult> find(std::string kind, std::vector<std::string> names,
                              Untold untold = Untold::drop);

  /// Every object among which a create with these inputs shows, for a kind without names.
  http::Task<FindResult> find_candidates(std::string kind, Fields inputs);

  /// The id of the organisation's tenant, asked for once.
  http::Task<TextResult> tenant();

  /// One authenticated call in the sandbox.
  http::Task<std::optional<Trouble>> probe();

  /// What an answer other than a success says, in words that name the call.
  Trouble trouble(const http::Request& request, const http::Outcome& outcome) const;

  /// One call within the limit on calls in flight.
  http::Task<http::Outcome> send(http::Request request);

  /// One call by a task that holds a slot already.
  http::Task<http::Outcome> send_holding_slot(http::Request request);

  http::EventLoop& loop() { return loop_; }
  http::Session& session() { return session_; }
  Slots& slots() { return slots_; }
  const kinds::Kind& kind(const std::string& name) const { return registry_.at(name); }
  int calls() const { return calls_; }

 private:
  /// The objects of a list that are to be kept.
  http::Task<FindResult> all_pages(const kinds::Kind& kind, http::Request request,
                                   std::function<bool(const Observed&)> is_kept);
  http::Task<ReadResult> read_by(const kinds::Kind& kind, http::Request request);
  ReadResult understood(const kinds::Kind& kind, const http::Request& request,
                        const http::Outcome& outcome) const;

  http::Session& session_;
  http::EventLoop& loop_;
  const kinds::Registry& registry_;
  Slots& slots_;
  int calls_ = 0;
  std::string tenant_;  // Empty until it was asked for.
};

/// The version among an object's facts, 0 where the kind has none.
std::int64_t version_of(const Json& facts);

}  // namespace sluice::run
