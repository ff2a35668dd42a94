#include "run/step_runner.hpp"

#include "core/compare.hpp"
#include "core/value.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::run {

namespace {

/// What is wanted, with null where the plan saw nothing, so that a field that appeared since
/// counts as moved too.
Fields as_planned(const Step& step, const Fields& managed) {
  Fields planned = step.before;
  for (const auto& [name, value] : managed)
    planned.try_emplace(name, nullptr);
  return planned;
}

/// An entry that the plan adds and somebody added meanwhile, as something else. What was planned on
/// did not have it, so no comparison with that tells.
void add_taken(const KindRules& rules, const Step& step, const Fields& managed, const Observed& now,
               std::vector<FieldDifference>& moved) {
  for (const FieldDifference& still : differences(rules, now.fields, managed)) {
    const bool is_added =
        !still.left.is_null() &&
        std::any_of(step.changes.begin(), step.changes.end(), [&still](const Change& change) {
          return change.field == still.field && change.before.is_null();
        });
    const bool is_told =
        std::any_of(moved.begin(), moved.end(),
                    [&still](const FieldDifference& told) { return told.field == still.field; });
    if (is_added && !is_told) moved.push_back({still.field, still.left, nullptr});
  }
}

std::string shown(const Json& value) {
  return value.is_null() ? "nothing" : value.dump();
}

/// Whether `address` is one of `needs`, or what is recorded at one of them stands on it.
bool stands_on(const State& state, const std::set<Address>& needs, const Address& address) {
  if (needs.contains(address)) return true;
  return std::any_of(needs.begin(), needs.end(), [&](const Address& need) {
    const auto record = state.records.find(need);
    return record != state.records.end() && stands_on(state, record->second.depends_on, address);
  });
}

const Json* wanted_by(const Step& step, const std::string& field) {
  const auto change = std::find_if(step.changes.begin(), step.changes.end(),
                                   [&field](const Change& each) { return each.field == field; });
  return change == step.changes.end() ? nullptr : &change->after;
}

}  // namespace

Verdict judge(const http::Outcome& outcome) {
  if (const auto* failure = std::get_if<http::Failure>(&outcome)) {
    return failure->maybe_sent ? Verdict::ambiguous : Verdict::not_sent;
  }
  const int status = std::get<http::Response>(outcome).status;
  if (status >= 200 && status < 300) return Verdict::accepted;
  // A redirect says where to ask, and nothing of what was done.
  const bool is_refusal = status >= 400 && status < 500 && status != 408;
  return is_refusal ? Verdict::refused : Verdict::ambiguous;
}

StepEnd done(const Step& step) {
  return {StepEnd::Status::done, step.id, {}, false, false};
}

StepEnd failed(const Trouble& trouble) {
  return {StepEnd::Status::failed, trouble.what, trouble.advice, trouble.conflict,
          trouble.credentials};
}

std::optional<StepEnd> conflict_since_plan(const KindRules& rules, const Step& step,
                                           const Fields& managed, const Observed& now) {
  const bool is_same = !step.etag.empty() && now.etag == step.etag;
  if (step.deposed && step.before.empty() && !is_same) {
    return StepEnd{StepEnd::Status::failed,
                   "Nothing tells whether it is as it was when it was replaced",
                   "Nothing was deleted. Plan without --refresh=false.", true, false};
  }
  std::vector<FieldDifference> moved = differences(rules, now.fields, as_planned(step, managed));
  add_taken(rules, step, managed, now, moved);
  if (moved.empty()) return std::nullopt;
  std::string what = "Somebody changed it since the plan";
  if (!now.updated_by.empty()) what += " (" + now.updated_by + ")";
  for (const FieldDifference& difference : moved) {
    what += fmt::format("; {} was {} and is now {}", difference.field, shown(difference.right),
                        shown(difference.left));
    const Json* wanted = wanted_by(step, difference.field);
    if (wanted != nullptr) what += fmt::format(" (the plan wants {})", shown(*wanted));
  }
  // A plan tells nothing of what is in an object that another one has replaced.
  return StepEnd{StepEnd::Status::failed, what,
                 step.deposed ? "Nothing was deleted. Look at it on the platform: the next apply "
                                "deletes it as it is then."
                              : "Nothing was overwritten. Plan again to see their change next to "
                                "yours.",
                 true, false};
}

std::optional<Fields> resolved_inputs(const Step& step, const State& state) {
  const auto lookup = [&state](const Reference& reference) -> std::optional<Json> {
    const auto record = state.records.find(reference.address);
    if (record == state.records.end() || record->second.id.empty()) return std::nullopt;
    if (reference.attribute == "id") return Json(record->second.id);
    const auto fact = record->second.facts.find(reference.attribute);
    if (fact == record->second.facts.end()) return std::nullopt;
    return *fact;
  };
  Fields result;
  for (const auto& [name, value] : step.after) {
    std::optional<Json> known = resolve(value, lookup);
    if (!known) return std::nullopt;
    result.emplace_hint(result.end(), name, std::move(*known));
  }
  return result;
}

std::optional<Record> changed_record(const Step& step, const State& state) {
  if (step.after.empty()) return std::nullopt;
  const auto found = state.records.find(step.address);
  std::optional<Fields> inputs = resolved_inputs(step, state);
  if (found == state.records.end() || !inputs) return std::nullopt;
  Record record = found->second;
  record.inputs = std::move(*inputs);
  record.name = step.name;
  record.depends_on = step.depends_on;
  record.protect = step.protect;
  if (record == found->second) return std::nullopt;
  return record;
}

http::Task<StepEnd> StepRunner::run(const Step& step) {
  const std::optional<Trouble> unclear = unclear_at(step);
  if (unclear) co_return failed(*unclear);
  switch (step.action) {
    case Action::create:
    case Action::replace: {
      StepEnd end = co_await create(step);
      co_return end;
    }
    case Action::update: {
      StepEnd end = co_await update(step);
      co_return end;
    }
    case Action::remove: {
      StepEnd end = co_await remove(step);
      co_return end;
    }
    case Action::forget: {
      StepEnd end = co_await forget(step);
      co_return end;
    }
    case Action::noop:
      co_return accept_observed(step);
  }
  co_return StepEnd{};
}

std::optional<Trouble> StepRunner::unclear_at(const Step& step) const {
  if (step.action == Action::noop) return std::nullopt;
  const auto here = options_.unclear.find(step.address);
  if (here != options_.unclear.end()) return here->second;
  if (step.action != Action::remove && step.action != Action::forget) return std::nullopt;
  // What may have been made stands on what it was to stand on.
  const State& state = ledger_.state();
  for (const auto& [op, intent] : state.pending) {
    if (!options_.unclear.contains(intent.address)) continue;
    if (!stands_on(state, intent.depends_on, step.address)) continue;
    return Trouble{intent.address.text() +
                       " may stand on it, of which only people can tell whether it was made",
                   "Nothing was deleted. It goes once that is settled.", false, true};
  }
  return std::nullopt;
}

http::Task<std::variant<Fields, Trouble>> StepRunner::fields_to_send(const kinds::Kind& kind,
                                                                     const Fields& fields) {
  Fields result;
  for (const auto& [name, value] : fields)
    result[name] = with_secrets(value, options_.secrets);
  if (kind.needs_tenant) {
    TextResult tenant = co_await remote_.tenant();
    if (auto* trouble = std::get_if<Trouble>(&tenant)) co_return std::move(*trouble);
    result["tenant"] = std::get<std::string>(tenant);
  }
  co_return result;
}

http::Task<StepEnd> StepRunner::test(const Step& step, std::string id) {
  const kinds::Kind& kind = remote_.kind(step.kind);
  if (!kind.test) co_return StepEnd{StepEnd::Status::done, id, {}, false, false};
  const http::Request request = kind.test(id);
  const http::Outcome outcome = co_await remote_.send(request);
  const auto* response = std::get_if<http::Response>(&outcome);
  if (response == nullptr || judge(outcome) != Verdict::accepted) {
    co_return failed(remote_.trouble(request, outcome));
  }
  const auto problem = kind.parse_test(*response);
  if (!problem) co_return StepEnd{StepEnd::Status::done, id, {}, false, false};
  co_return failed(
      {"It is there as " + id +
           ", and the platform's test of it failed: " + remote_.session().told(*problem),
       "Check its credentials; raise `secrets_version` to send them again.", false, false});
}

http::Task<StepRunner::Sent> StepRunner::mutate(PendingIntent intent, http::Request request) {
  Sent sent;
  sent.outcome = http::Failure();  // It says that nothing was sent.
  sent.is_held_back = is_stopped();
  if (sent.is_held_back) co_return sent;
  sent.op = ledger_.intend(std::move(intent));
  remote_.slots().announce();
  co_await ledger_.synced();
  remote_.slots().retract();
  // The slot is held for the call alone, not while the disk works.
  co_await remote_.slots().acquire();
  // The announcement itself may have been what filled the disk, or could not be written.
  sent.is_held_back = is_stopped();
  if (!sent.is_held_back) sent.outcome = co_await remote_.send_holding_slot(std::move(request));
  remote_.slots().release();
  // Whoever has the slot now sends before work goes into this answer.
  co_await remote_.loop().yield();
  co_return sent;
}

bool StepRunner::is_stopped() const {
  return ledger_.has_failed() || ledger_.disk_full() ||
         (options_.interrupted && options_.interrupted());
}

Trouble StepRunner::trouble_of(const http::Request& request, const Sent& sent) const {
  if (!sent.is_held_back) return remote_.trouble(request, sent.outcome);
  std::string why = "the run was stopped";
  if (ledger_.disk_full()) why = "the disk is full";
  if (ledger_.has_failed()) why = "what this run does can no longer be recorded";
  return {"It was not sent, since " + why, "Run the command again to go on.", false, false};
}

PendingIntent StepRunner::intent_for(const Step& step, std::string action, Fields inputs) const {
  PendingIntent intent;
  intent.action = std::move(action);
  intent.address = step.address;
  intent.kind = step.kind;
  intent.name = step.name;
  const bool makes = step.action == Action::create || step.action == Action::replace;
  if (!makes) {
    intent.id = step.id;
    intent.facts = step.facts;
  }
  intent.inputs = std::move(inputs);
  intent.depends_on = step.depends_on;
  intent.protect = step.protect;
  intent.server_time = remote_.session().server_time().count();
  intent.replaces = step.action == Action::replace;
  intent.client = options_.own_client;
  for (const NameClash& clash : plan_.clashes) {
    if (makes && clash.address == step.address) {
      intent.namesakes.insert(clash.ids.begin(), clash.ids.end());
    }
  }
  return intent;
}

std::optional<Fields> StepRunner::resolved(const Step& step) const {
  return resolved_inputs(step, ledger_.state());
}

Record StepRunner::record_of(const Step& step, Fields inputs, kinds::Written written) const {
  return make_record(ledger_.state(),
                     {step.address, step.kind, step.name, step.depends_on, step.protect,
                      step.action == Action::replace},
                     std::move(inputs), std::move(written), ledger_.now_text());
}

void StepRunner::waiting(const Step& step, std::string what) const {
  if (!options_.on_event) return;
  ApplyEvent event;
  event.kind = ApplyEvent::Kind::waiting;
  event.address = step.address;
  event.action = step.action;
  event.deposed = step.deposed;
  event.detail = std::move(what);
  options_.on_event(event);
}

http::Task<StepEnd> StepRunner::forget(const Step& step) {
  if (step.reason == Reason::gone) {
    const auto doubt = co_await remote_.doubt_still_gone(step.kind, step.id, step.name);
    if (doubt) co_return failed(*doubt);
  }
  ledger_.removed({}, step.address, step.id);
  co_return done(step);
}

StepEnd StepRunner::accept_observed(const Step& step) {
  std::optional<Record> record;
  if (plan_.mode == PlanMode::refresh_only) {
    record = record_of(step, step.after, {step.id, step.etag, step.facts});
  } else {
    record = changed_record(step, ledger_.state());
  }
  if (record) ledger_.record({}, std::move(*record));
  return done(step);
}

}  // namespace sluice::run
