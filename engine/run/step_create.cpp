#include "core/compare.hpp"
#include "run/step_runner.hpp"

namespace sluice::run {

namespace {

/// A create whose answer was lost and which turned out not to have happened is made again this
/// often at most.
constexpr int kCreateAttempts = 3;

/// Whether it may have been refused since the object is there already. Something on the way may
/// have sent the create twice, so that the one that is there is ours.
bool may_be_taken(const kinds::Kind& kind, const http::Outcome& outcome) {
  const auto* response = std::get_if<http::Response>(&outcome);
  if (response == nullptr) return false;
  return response->status == 409 || (response->status == 400 && kind.says_taken_with_400);
}

/// A refusal whose look whether the object is there failed.
Trouble refused_and_unlooked(const Trouble& refusal, const Trouble& look) {
  return {refusal.what + "; and it could not be looked whether it is there already: " + look.what,
          look.advice, look.credentials, false};
}

}  // namespace

http::Task<StepEnd> StepRunner::create(const Step& step) {
  const kinds::Kind& kind = remote_.kind(step.kind);
  const std::optional<Fields> inputs = resolved(step);
  if (!inputs) {
    co_return failed({"A value that it needs is not known", "Plan again.", false, false});
  }
  const auto before = ledger_.state().records.find(step.address);
  if (step.reason == Reason::gone && before != ledger_.state().records.end()) {
    const std::string id = before->second.id;
    const auto doubt = co_await remote_.doubt_still_gone(step.kind, id, step.name);
    if (doubt) co_return failed(*doubt);
  }
  Trouble last;
  std::int64_t begun = 0;
  for (int attempt = 0; attempt < kCreateAttempts; ++attempt) {
    PendingIntent intent = intent_for(step, "create", *inputs);
    const auto to_send = co_await fields_to_send(kind, *inputs);
    if (const auto* trouble = std::get_if<Trouble>(&to_send)) co_return failed(*trouble);
    const http::Request request = kind.create(std::get<Fields>(to_send));
    const Sent sent = co_await mutate(intent, request);
    // Whichever of the attempts made it, it is no older than the first.
    if (attempt == 0) begun = ledger_.server_time_of(sent.op);
    intent.server_time = begun;
    const Verdict verdict = judge(sent.outcome);
    if (verdict == Verdict::accepted) {
      std::optional<kinds::Written> written =
          kind.parse_written(std::get<http::Response>(sent.outcome));
      if (written) {
        StepEnd end = co_await finish_create(step, sent.op, *inputs, std::move(*written));
        co_return end;
      }
    }
    last = trouble_of(request, sent);
    const bool is_refused = verdict == Verdict::refused || verdict == Verdict::not_sent;
    if (is_refused && !may_be_taken(kind, sent.outcome)) {
      ledger_.failed(sent.op, last.what);
      co_await ledger_.synced();
      co_return failed(last);
    }
    ledger_.ambiguous(sent.op, last.what);
    LookupOptions options = lookup_options(options_, ledger_.state(), step.kind);
    if (is_refused) {
      options.settle = Millis(0);
    } else {
      waiting(step, "the answer was lost; looking whether it was created");
    }
    LookupResult found = co_await look_up(remote_, intent, options);
    if (auto* object = std::get_if<Observed>(&found)) {
      kinds::Written written{object->id, object->etag, object->facts};
      StepEnd end = co_await finish_create(step, sent.op, *inputs, std::move(written));
      co_return end;
    }
    const auto* trouble = std::get_if<Trouble>(&found);
    // Left open on trouble: the next apply settles it. What was refused since another object is
    // there made none.
    if (trouble != nullptr && is_refused && !trouble->conflict) {
      co_return failed(refused_and_unlooked(last, *trouble));
    }
    if (trouble != nullptr && !is_refused) co_return failed(*trouble);
    ledger_.absent(sent.op);
    co_await ledger_.synced();
    if (is_refused) co_return failed(last);
  }
  co_return failed(last);
}

http::Task<StepEnd> StepRunner::finish_create(const Step& step, std::string op, Fields inputs,
                                              kinds::Written written) {
  const kinds::Kind& kind = remote_.kind(step.kind);
  Updating updating{step, inputs, written.etag, written.facts, {}, std::nullopt};
  // Until the action has been carried out, the state must not say that it has.
  Fields so_far = inputs;
  if (kind.action) so_far.erase(kind.action_field);
  ledger_.record(op, record_of(step, so_far, written));
  co_await ledger_.synced();
  if (!kind.settles) {
    StepEnd tested = co_await test(step, written.id);
    co_return tested;
  }
  waiting(step, "the platform is making it ready");
  ReadResult settled = co_await remote_.settle_after_write(step.kind, written.id);
  auto* object = std::get_if<Observed>(&settled);
  if (object == nullptr) {
    const auto* trouble = std::get_if<Trouble>(&settled);
    if (trouble != nullptr) co_return failed(*trouble);
    co_return failed({"It was created as " + written.id + " and is gone again",
                      "Plan again; if it is still missing, a label may hide it.", false, true});
  }
  if (kinds::is_transitional(*object)) {
    co_return failed({"It was created as " + written.id + " but is not ready yet",
                      "Run apply again in a minute; nothing will be made twice.", false, false});
  }
  updating.found = object->fields;
  updating.settled = std::move(*object);
  StepEnd end = co_await act(updating);
  co_return end;
}

}  // namespace sluice::run
