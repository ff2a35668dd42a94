#include "core/compare.hpp"
#include "run/step_runner.hpp"

#include <algorithm>

namespace sluice::run {

namespace {

/// A deletion that is refused because something still uses the object is tried again this often;
/// the platform may take a moment to notice that the user of it is gone.
constexpr int kRemoveAttempts = 5;
constexpr Millis kRetryPause{1000};
/// The platform deletes in its own time.
constexpr Millis kGoneLimit{60'000};

/// Some gateway that does not know the path for a moment says 404 as well, so it counts when it is
/// said again.
bool says_no_delete(const http::Outcome& outcome, int attempt) {
  const auto* response = std::get_if<http::Response>(&outcome);
  if (response == nullptr) return false;
  return response->status == 405 || response->status == 501 ||
         (response->status == 404 && attempt > 1);
}

}  // namespace

http::Task<StepEnd> StepRunner::remove(const Step& step) {
  for (int attempt = 1; true; ++attempt) {
    bool gone = false;
    StepEnd checked = co_await check_before_remove(step, gone);
    if (checked.status != StepEnd::Status::done) co_return checked;
    if (gone) {
      ledger_.removed({}, step.address, step.id);
      ledger_.superseded(step.address, "delete", step.id);
      co_await ledger_.synced();
      co_return done(step);
    }
    bool again = attempt < kRemoveAttempts;
    StepEnd end = co_await send_remove(step, attempt, again);
    if (!again) co_return end;
    co_await remote_.loop().sleep(kRetryPause);
  }
}

/// The platform takes no If-Match on a delete, so the object is read and compared right before.
http::Task<StepEnd> StepRunner::check_before_remove(const Step& step, bool& gone) {
  const kinds::Kind& kind = remote_.kind(step.kind);
  const ReadResult read = co_await remote_.read_newest(step.kind, step.id, version_of(step.facts));
  if (const auto* trouble = std::get_if<Trouble>(&read)) co_return failed(*trouble);
  const auto* now = std::get_if<Observed>(&read);
  gone = now == nullptr;
  if (gone) {
    const auto doubt = co_await remote_.doubt_all(step.kind, step.id, step.name);
    if (doubt) co_return failed(*doubt);
  }
  if (gone || (!step.etag.empty() && now->etag == step.etag)) co_return done(step);
  if (auto conflict = conflict_since_plan(kind.rules, step, step.before, *now)) {
    co_return *conflict;
  }
  co_return done(step);
}

/// One attempt. Leaves `again` set when it failed in a way that another one may mend.
http::Task<StepEnd> StepRunner::send_remove(const Step& step, int attempt, bool& again) {
  const kinds::Kind& kind = remote_.kind(step.kind);
  const http::Request request = kind.remove(step.id);
  const Sent sent = co_await mutate(intent_for(step, "delete", {}), request);
  const Verdict verdict = judge(sent.outcome);
  Trouble last = trouble_of(request, sent);
  const auto* response = std::get_if<http::Response>(&sent.outcome);
  if (kind.may_lack_delete && says_no_delete(sent.outcome, attempt)) {
    again = false;
    ledger_.removed(sent.op, step.address, step.id);
    ledger_.superseded(step.address, "delete", step.id);
    co_await ledger_.synced();
    co_return StepEnd{StepEnd::Status::kept, step.id,
                      "The platform cannot delete a " + kind.noun + "; it does no harm.", false,
                      false};
  }
  const http::ApiError error =
      response != nullptr ? remote_.session().read_error(*response) : http::ApiError{};
  const bool is_unknown = kind.may_lack_delete && error.gone;
  const bool is_gone = kind.gone_has_code ? error.gone_by_code : error.gone && !is_unknown;
  if (verdict == Verdict::accepted || verdict == Verdict::ambiguous || is_gone) {
    // One that may be on its way is waited for as long as calls are on their way.
    const Millis limit =
        verdict == Verdict::ambiguous ? std::min(options_.settle, kGoneLimit) : kGoneLimit;
    const ReadResult read = co_await remote_.await_gone(step.kind, step.id, limit);
    if (std::holds_alternative<Gone>(read)) {
      again = false;
      ledger_.removed(sent.op, step.address, step.id);
      ledger_.superseded(step.address, "delete", step.id);
      co_await ledger_.synced();
      co_return done(step);
    }
    if (const auto* trouble = std::get_if<Trouble>(&read)) last = *trouble;
    if (verdict == Verdict::accepted && std::holds_alternative<Observed>(read)) {
      last = {"The platform accepted the deletion, but the object is still there",
              "Run it again later.", false, false};
    }
  }
  // One whose answer was lost may arrive yet, so the next apply looks.
  if (verdict == Verdict::ambiguous) {
    ledger_.ambiguous(sent.op, last.what);
  } else {
    ledger_.failed(sent.op, last.what);
  }
  co_await ledger_.synced();
  const bool may_mend =
      verdict == Verdict::ambiguous || error.in_use || error.in_transition || is_unknown;
  again = again && may_mend && !remote_.loop().hurried();
  co_return failed(last);
}

}  // namespace sluice::run
