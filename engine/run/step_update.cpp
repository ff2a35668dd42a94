#include "core/compare.hpp"
#include "run/lookup.hpp"
#include "run/step_runner.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::run {

namespace {

/// A PATCH is tried again this often when only the etag moved.
constexpr int kPatchAttempts = 4;

/// The plan's changes with the values that became known meanwhile, less what an action moves.
std::vector<Change> changes_to_write(const std::vector<Change>& planned, const Fields& after,
                                     const std::string& action_field) {
  std::vector<Change> result;
  for (Change change : planned) {
    if (change.field == action_field) continue;
    const auto value = after.find(change.field);
    if (value != after.end()) change.after = value->second;
    result.push_back(std::move(change));
  }
  return result;
}

Trouble moved_at_every_try() {
  return {"Its etag moved at every try", "Plan again.", false, true};
}

/// Nothing guards a PUT. What it went over is told, since its version still has it.
Trouble went_over(const kinds::Kind& kind, const std::string& id, std::int64_t theirs,
                  std::int64_t made) {
  return {
      fmt::format(
          "Somebody made version {} of the mapping set between the look and the write, which made "
          "version {}",
          theirs, made),
      fmt::format("Theirs is not in force any more. Look at it (GET {}), and put into the spec "
                  "what is to stay of it.",
                  kind.read_version(id, theirs).target),
      false, true};
}

/// Whether a change is of what the state alone may know.
bool has_unseen(const KindRules& rules, const std::vector<Change>& changes) {
  return std::any_of(changes.begin(), changes.end(), [&rules](const Change& change) {
    const FieldRule* rule = rules.field(change.field.substr(0, change.field.find('[')));
    return rule != nullptr && (rule->field_class == FieldClass::recorded || rule->hides_entries);
  });
}

}  // namespace

http::Task<StepEnd> StepRunner::update(const Step& step) {
  const kinds::Kind& kind = remote_.kind(step.kind);
  std::optional<Fields> after = resolved(step);
  if (!after) co_return failed({"A value that it needs is not known", "Plan again.", false, false});
  Updating updating{step, std::move(*after), step.etag, step.facts, step.before, std::nullopt};
  if (kind.guard == kinds::Guard::version) {
    StepEnd end = co_await put(updating);
    co_return end;
  }
  StepEnd end = co_await patch(updating);
  if (end.status != StepEnd::Status::done || !kind.settles) co_return end;
  end = co_await act(updating);
  co_return end;
}

http::Task<StepEnd> StepRunner::patch(Updating& updating) {
  const Step& step = updating.step;
  const kinds::Kind& kind = remote_.kind(step.kind);
  const std::vector<Change> changes =
      changes_to_write(step.changes, updating.after, kind.action_field);
  bool is_done = false;
  // Without an etag that the platform insists on, nothing but a look guards somebody else's edit.
  if (kind.guard == kinds::Guard::compare) {
    StepEnd looked = co_await look_again(updating, is_done);
    if (looked.status != StepEnd::Status::done) co_return looked;
    if (is_done) {
      co_await note_written(updating, {});
      co_return looked;
    }
  }
  Trouble last;
  for (int attempt = 0; attempt < kPatchAttempts; ++attempt) {
    const auto to_send = co_await fields_to_send(kind, updating.after);
    if (const auto* trouble = std::get_if<Trouble>(&to_send)) co_return failed(*trouble);
    const std::optional<http::Request> request =
        kind.update({step.id, updating.etag, updating.facts, changes, std::get<Fields>(to_send)});
    if (!request) {
      // What an action moves is noted once it is done.
      if (!kind.settles) co_await note_written(updating, {});
      co_return done(step);
    }
    const Sent sent = co_await mutate(intent_for(step, "update", updating.after), *request);
    const Verdict verdict = judge(sent.outcome);
    last = trouble_of(*request, sent);
    if (verdict == Verdict::accepted) {
      const auto written = kind.parse_written(std::get<http::Response>(sent.outcome));
      if (written) {
        updating.etag = written->etag;
        co_await note_written(updating, sent.op);
        StepEnd tested = co_await test(step, step.id);
        co_return tested;
      }
    }
    const auto* response = std::get_if<http::Response>(&sent.outcome);
    const bool moved = response != nullptr && response->status == 412;
    const bool moving =
        response != nullptr && remote_.session().read_error(*response).in_transition;
    const bool is_lost = verdict != Verdict::refused && verdict != Verdict::not_sent;
    if (is_lost) {
      ledger_.ambiguous(sent.op, last.what);
    } else {
      ledger_.failed(sent.op, last.what);
      co_await ledger_.synced();
      if (!moved && !moving) co_return failed(last);
      if (moved) last = moved_at_every_try();
    }
    const std::string done_by = is_lost ? sent.op : std::string();
    StepEnd end = co_await look_again(updating, is_done);
    if (is_lost && kind.guard == kinds::Guard::compare) {
      end = co_await look_on(updating, is_done, std::move(end));
    }
    if (is_done) {
      co_await note_written(updating, done_by);
      co_return end;
    }
    if (end.status != StepEnd::Status::done) co_return end;
    // Sent once more it is guarded by what was just seen. The lost one may arrive yet, so its
    // intent stays open until one of the others has come through.
    if (is_lost) waiting(step, "the answer was lost, and it is as before; sending it once more");
  }
  co_return failed(last);
}

http::Task<http::Done> StepRunner::note_written(const Updating& updating, std::string op) {
  const Step& step = updating.step;
  const kinds::Kind& kind = remote_.kind(step.kind);
  Fields so_far = updating.after;
  if (kind.action) so_far.erase(kind.action_field);
  ledger_.record(op, record_of(step, so_far, {step.id, updating.etag, updating.facts}));
  ledger_.superseded(step.address, "update", step.id);
  co_await ledger_.synced();
  co_return http::Done{};
}

http::Task<StepEnd> StepRunner::look_again(Updating& updating, bool& is_done) {
  const Step& step = updating.step;
  const kinds::Kind& kind = remote_.kind(step.kind);
  const ReadResult read = co_await remote_.read_settled(step.kind, step.id, 0);
  if (const auto* trouble = std::get_if<Trouble>(&read)) co_return failed(*trouble);
  const auto* now = std::get_if<Observed>(&read);
  if (now == nullptr) {
    co_return failed({"It was deleted since the plan", "Plan again.", false, true});
  }
  Fields wanted = updating.after;
  wanted.erase(kind.action_field);
  // What no reply tells may still have to be sent, though all that is told is right.
  const bool is_there = differences(kind.rules, now->fields, wanted).empty();
  is_done = is_there && !has_unseen(kind.rules, step.changes);
  if (!is_there) {
    if (auto conflict = conflict_since_plan(kind.rules, step, updating.after, *now)) {
      co_return *conflict;
    }
  }
  updating.etag = now->etag;
  updating.facts = now->facts;
  updating.found = now->fields;
  co_return done(step);
}

/// No etag keeps a lost change from arriving after the one that is sent in its place, and after
/// somebody's edit of that. So it is waited for as long as it may still arrive.
http::Task<StepEnd> StepRunner::look_on(Updating& updating, bool& is_done, StepEnd end) {
  http::EventLoop& loop = remote_.loop();
  const Millis limit = loop.clock().monotonic() + options_.settle;
  if (!is_done && options_.settle > Millis(0)) {
    waiting(updating.step, "the answer was lost; looking whether it was changed");
  }
  while (!is_done && end.status == StepEnd::Status::done && !loop.hurried()) {
    const Millis left = limit - loop.clock().monotonic();
    if (left <= Millis(0)) break;
    co_await loop.sleep(std::min(left, kLookPause));
    end = co_await look_again(updating, is_done);
  }
  const bool is_unknown = !is_done && end.status == StepEnd::Status::done;
  if (is_unknown && loop.hurried()) {
    co_return failed({"The run was stopped before it was known whether it was changed",
                      "The next apply looks.", false, false});
  }
  co_return end;
}

http::Task<StepEnd> StepRunner::put(Updating& updating) {
  const Step& step = updating.step;
  const kinds::Kind& kind = remote_.kind(step.kind);
  const std::int64_t planned = version_of(step.facts);
  const ReadResult newest = co_await remote_.read_newest(step.kind, step.id, planned);
  if (const auto* trouble = std::get_if<Trouble>(&newest)) co_return failed(*trouble);
  const auto* now = std::get_if<Observed>(&newest);
  if (now == nullptr) {
    co_return failed({"It was deleted since the plan", "Plan again.", false, true});
  }
  if (version_of(now->facts) != planned) {
    if (auto conflict = conflict_since_plan(kind.rules, step, updating.after, *now)) {
      // A platform that tells of the first version unless asked for another hides it from a plan.
      conflict->advice += fmt::format(
          " If no plan shows it, take their version over: `sluice state rm {0}`, then `sluice "
          "import {0} {1}`.",
          step.address.text(), step.id);
      co_return *conflict;
    }
  }
  const std::int64_t next = version_of(now->facts) + 1;
  const auto request = kind.update({step.id, {}, now->facts, step.changes, updating.after});
  const Sent sent = co_await mutate(intent_for(step, "update", updating.after), *request);
  const Verdict verdict = judge(sent.outcome);
  if (verdict == Verdict::accepted) {
    const auto written = kind.parse_written(std::get<http::Response>(sent.outcome));
    if (written) {
      ledger_.record(sent.op, record_of(step, updating.after, {step.id, {}, written->facts}));
      co_await ledger_.synced();
      const std::int64_t made = version_of(written->facts);
      if (made <= next) co_return done(step);
      // Something on the way may have sent the PUT twice: then that version is ours, too.
      const ReadResult between = co_await remote_.read_version(step.kind, step.id, next);
      const auto* theirs = std::get_if<Observed>(&between);
      const bool is_twin =
          theirs != nullptr && differences(kind.rules, theirs->fields, updating.after).empty();
      if (is_twin) co_return done(step);
      co_return failed(went_over(kind, step.id, next, made));
    }
  }
  const Trouble trouble = trouble_of(*request, sent);
  if (verdict == Verdict::refused || verdict == Verdict::not_sent) {
    ledger_.failed(sent.op, trouble.what);
    co_await ledger_.synced();
    co_return failed(trouble);
  }
  // A PUT would make one more version each time, so it is never sent again: the version that it
  // would have made is looked for instead.
  ledger_.ambiguous(sent.op, trouble.what);
  const ReadResult after = co_await remote_.read_version(step.kind, step.id, next);
  const auto* made = std::get_if<Observed>(&after);
  if (made != nullptr && differences(kind.rules, made->fields, updating.after).empty()) {
    ledger_.record(sent.op, record_of(step, updating.after, {step.id, {}, made->facts}));
    co_await ledger_.synced();
    co_return done(step);
  }
  co_return failed({trouble.what,
                    "It is not known whether version " + std::to_string(next) +
                        " was made. Run apply again; it looks first.",
                    false, false});
}

http::Task<StepEnd> StepRunner::act(Updating& updating) {
  const Step& step = updating.step;
  const kinds::Kind& kind = remote_.kind(step.kind);
  for (int attempt = 0; attempt < kPatchAttempts; ++attempt) {
    const std::string id = ledger_.state().records.at(step.address).id;
    const std::optional<http::Request> request =
        kind.action ? kind.action(id, updating.found, updating.after) : std::nullopt;
    if (!request) break;
    PendingIntent intent = intent_for(step, "action", updating.after);
    intent.id = id;
    const Sent sent = co_await mutate(std::move(intent), *request);
    const Verdict verdict = judge(sent.outcome);
    const Trouble trouble = trouble_of(*request, sent);
    const auto* response = std::get_if<http::Response>(&sent.outcome);
    const bool moving =
        response != nullptr && remote_.session().read_error(*response).in_transition;
    if (verdict == Verdict::not_sent || (verdict == Verdict::refused && !moving)) {
      ledger_.failed(sent.op, trouble.what);
      co_await ledger_.synced();
      co_return failed(trouble);
    }
    // Sent again it would be refused in the state that it led to, so the state is read instead. One
    // whose answer was lost may arrive yet, and stays open until the state is the one asked for.
    if (verdict == Verdict::ambiguous) {
      ledger_.ambiguous(sent.op, trouble.what);
    } else {
      ledger_.failed(sent.op, "the state is read");
    }
    co_await ledger_.synced();
    const ReadResult read = co_await remote_.settle_after_write(step.kind, id);
    const auto* now = std::get_if<Observed>(&read);
    if (now == nullptr) {
      if (const auto* why = std::get_if<Trouble>(&read)) co_return failed(*why);
      co_return failed({"It was deleted meanwhile", "Plan again.", false, true});
    }
    updating.found = now->fields;
    updating.settled = *now;
  }
  StepEnd end = co_await finish_update(updating);
  co_return end;
}

http::Task<StepEnd> StepRunner::finish_update(Updating& updating) {
  const Step& step = updating.step;
  const kinds::Kind& kind = remote_.kind(step.kind);
  const std::string id = ledger_.state().records.at(step.address).id;
  if (!updating.settled) {
    ReadResult read = co_await remote_.settle(step.kind, id);
    if (const auto* trouble = std::get_if<Trouble>(&read)) co_return failed(*trouble);
    auto* now = std::get_if<Observed>(&read);
    if (now == nullptr) co_return failed({"It was deleted meanwhile", "Plan again.", false, true});
    updating.settled = std::move(*now);
  }
  const Observed& now = *updating.settled;
  if (kind.action && kind.action(id, now.fields, updating.after)) {
    co_return failed({"It did not come to the state that was asked for",
                      "Look at the flow in the platform, then run apply again.", false, false});
  }
  ledger_.record({}, record_of(step, updating.after, {id, now.etag, now.facts}));
  ledger_.superseded(step.address, "action", id);
  co_await ledger_.synced();
  co_return StepEnd{StepEnd::Status::done, id, {}, false, false};
}

}  // namespace sluice::run
