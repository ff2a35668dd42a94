#include "run/ledger.hpp"

#include "core/fatal.hpp"
#include "core/time_text.hpp"

#include <utility>

namespace sluice::run {

namespace {

using store::JournalRecord;

JournalRecord settling(JournalRecord::Type type, const std::string& op, const std::string& why) {
  JournalRecord record;
  record.type = type;
  record.op = op;
  record.why = why;
  return record;
}

}  // namespace

Ledger::Ledger(store::StateStore& store, State state, http::EventLoop& loop, Random& random)
    : store_(store), state_(std::move(state)), loop_(loop), random_(random) {
}

std::string Ledger::intend(PendingIntent intent) {
  intent.op = make_uuid(random_);
  intent.since = now_text();
  JournalRecord record;
  record.type = JournalRecord::Type::intent;
  record.op = intent.op;
  record.intent = std::move(intent);
  std::string op = record.op;
  note(std::move(record));
  return op;
}

void Ledger::record(const std::string& op, Record made) {
  JournalRecord record;
  record.type = JournalRecord::Type::recorded;
  record.op = op;
  record.record = std::move(made);
  note(std::move(record));
}

void Ledger::removed(const std::string& op, const Address& address, const std::string& id) {
  JournalRecord record;
  record.type = JournalRecord::Type::removed;
  record.op = op;
  record.address = address;
  record.id = id;
  note(std::move(record));
}

void Ledger::moved(const Address& from, const Address& to) {
  JournalRecord record;
  record.type = JournalRecord::Type::moved;
  record.address = from;
  record.to = to;
  note(std::move(record));
}

void Ledger::failed(const std::string& op, const std::string& why) {
  if (op.empty()) return;
  note(settling(JournalRecord::Type::failed, op, why));
}

void Ledger::ambiguous(const std::string& op, const std::string& why) {
  note(settling(JournalRecord::Type::ambiguous, op, why));
}

void Ledger::absent(const std::string& op) {
  note(settling(JournalRecord::Type::absent, op, {}));
}

void Ledger::superseded(const Address& address, const std::string& action, const std::string& id) {
  std::vector<std::string> ops;
  for (const auto& [op, intent] : state_.pending) {
    if (intent.address == address && intent.action == action && intent.id == id) ops.push_back(op);
  }
  for (const std::string& op : ops)
    failed(op, "superseded");
}

std::int64_t Ledger::server_time_of(const std::string& op) const {
  const auto found = state_.pending.find(op);
  return found == state_.pending.end() ? 0 : found->second.server_time;
}

bool Ledger::share_sync() {
  try {
    if (dirty_ && !failure_) store_.sync();
  } catch (const Fatal&) {
    failure_ = std::current_exception();
  }
  dirty_ = false;
  const bool anybody = !waiting_.empty();
  for (const std::coroutine_handle<> waiter : std::exchange(waiting_, {}))
    loop_.resume_soon(waiter);
  return anybody;
}

void Ledger::commit() {
  share_sync();
  if (failure_) std::rethrow_exception(failure_);
}

std::string Ledger::now_text() const {
  return utc_text(loop_.clock().wall());
}

void Ledger::note(JournalRecord record) {
  try {
    if (!failure_) store_.append(record);
  } catch (const Fatal&) {
    failure_ = std::current_exception();
  }
  store::fold(state_, record);
  dirty_ = true;
}

Record make_record(const State& state, RecordOwner owner, Fields inputs, kinds::Written written,
                   const std::string& now) {
  Record record;
  record.address = std::move(owner.address);
  record.kind = std::move(owner.kind);
  record.id = std::move(written.id);
  record.etag = std::move(written.etag);
  record.name = std::move(owner.name);
  record.inputs = std::move(inputs);
  record.depends_on = std::move(owner.depends_on);
  record.protect = owner.protect;
  record.facts = std::move(written.facts);
  const auto found = state.records.find(record.address);
  if (found == state.records.end()) return record;
  const Record& before = found->second;
  record.deposed = before.deposed;
  if (owner.replaces && !before.id.empty() && before.id != record.id) {
    record.deposed.push_back(
        {before.id, before.kind, before.etag, now, "replaced", before.inputs, before.facts});
  }
  return record;
}

}  // namespace sluice::run
