#pragma once

// What an apply knows for certain: the state in memory, and the journal on disk ahead of it. Every
// change of the one goes through the other, until the journal cannot be written any more: then the
// state in memory takes in what was under way, so that it can be saved, and nothing new may begin.

#include "core/resource.hpp"
#include "http/event_loop.hpp"
#include "kinds/kind.hpp"
#include "store/state_store.hpp"

#include <coroutine>
#include <exception>
#include <string>
#include <vector>

namespace sluice::run {

class Ledger {
 public:
  /// `store` must hold the lock and have begun; `state` is what it read.
  Ledger(store::StateStore& store, State state, http::EventLoop& loop, Random& random);

  const State& state() const { return state_; }

  /// The state, when nothing more is to be noted.
  State take_state() { return std::move(state_); }

  /// Announces a mutation and gives the id to settle it by. It may be sent once `synced` is over.
  std::string intend(PendingIntent intent);

  /// The object at the record's address is now this one; settles `op` unless it is empty.
  void record(const std::string& op, Record record);
  /// The object is gone, or no longer ours to look after.
  void removed(const std::string& op, const Address& address, const std::string& id);
  /// The record at the one address is now at the other.
  void moved(const Address& from, const Address& to);
  /// The mutation had no effect, or what effect it had is known otherwise. Nothing is noted for an
  /// empty `op`, which was never announced.
  void failed(const std::string& op, const std::string& why);
  /// The answer was lost; the intent stays open.
  void ambiguous(const std::string& op, const std::string& why);
  /// Looked up, and not there.
  void absent(const std::string& op);

  /// Of mutations of this object at this address whose answers were lost, none can do harm any
  /// more: another one of the same came through, or it is gone. `action` is the intents'.
  void superseded(const Address& address, const std::string& action, const std::string& id);

  /// When the intent was announced by the platform's clock, 0 if that was not known.
  std::int64_t server_time_of(const std::string& op) const;

  /// `co_await ledger.synced()` goes on once all that was noted so far is on the disk, or the
  /// ledger has failed. One sync serves everybody who waits when `share_sync` comes.
  auto synced() {
    struct Awaiter {
      Ledger& ledger;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiter) { ledger.waiting_.push_back(waiter); }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

  /// Whether somebody waits for `synced`.
  bool is_awaited() const { return !waiting_.empty(); }

  /// Syncs what was noted since the last time and lets those go on who wait for it, be it in vain:
  /// `has_failed` tells. True when there was anybody.
  bool share_sync();
  /// The same. Throws Fatal when what was noted, now or before, is not on the disk.
  void commit();

  /// True once something could not be written: no mutation may be sent any more.
  bool has_failed() const { return failure_ != nullptr; }

  /// True once the journal had to give up its reserve: what runs can still be recorded, but no
  /// mutation should be begun.
  bool disk_full() const { return store_.reserve_used(); }

  /// The wall clock as RFC 3339.
  std::string now_text() const;

 private:
  void note(store::JournalRecord record);

  store::StateStore& store_;
  State state_;
  http::EventLoop& loop_;
  Random& random_;
  std::vector<std::coroutine_handle<>> waiting_;
  bool dirty_ = false;
  std::exception_ptr failure_;  ///< What the store threw first.
};

/// Whose record is to be made.
struct RecordOwner {
  Address address;
  std::string kind;
  std::string name;
  std::set<Address> depends_on;
  bool protect = false;
  bool replaces = false;  ///< The address's present object becomes a deposed one.
};

/// The record of an object that was made or changed; `now` goes into a deposed object's entry.
Record make_record(const State& state, RecordOwner owner, Fields inputs, kinds::Written written,
                   const std::string& now);

}  // namespace sluice::run
