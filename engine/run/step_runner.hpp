#pragma once

// One step of a plan, from its first call to its last. `apply` schedules; this carries out.

#include "run/apply.hpp"
#include "run/lookup.hpp"

#include <optional>
#include <string>
#include <variant>

namespace sluice::run {

/// How a step ended.
struct StepEnd {
  enum class Status { done, failed, kept };
  Status status = Status::done;
  std::string detail;  ///< The object's id, or what went wrong.
  std::string advice;
  bool conflict = false;
  bool credentials = false;
};

class StepRunner {
 public:
  StepRunner(Ledger& ledger, Remote& remote, const ApplyOptions& options, const Plan& plan)
      : ledger_(ledger), remote_(remote), options_(options), plan_(plan) {}

  http::Task<StepEnd> run(const Step& step);

 private:
  /// A mutation that was announced and sent; or neither, or announced alone, since the run was
  /// stopped or the disk is full.
  struct Sent {
    std::string op;
    http::Outcome outcome;
    bool is_held_back = false;
  };

  /// An update on its way: what is wanted, and the object as last seen.
  struct Updating {
    const Step& step;
    Fields after;
    std::string etag;
    Json facts = Json::object();
    Fields found;
    std::optional<Observed> settled;  ///< As read after the last call, when it was read.
  };

  /// Why nothing is to be done at the step's address, if it is not known what is there, or what
  /// may stand on what the step takes away; nullopt otherwise.
  std::optional<Trouble> unclear_at(const Step& step) const;
  http::Task<StepEnd> create(const Step& step);
  http::Task<StepEnd> finish_create(const Step& step, std::string op, Fields inputs,
                                    kinds::Written written);
  http::Task<StepEnd> update(const Step& step);
  http::Task<StepEnd> patch(Updating& updating);
  http::Task<StepEnd> put(Updating& updating);
  http::Task<StepEnd> act(Updating& updating);
  /// Reads the object again after its etag moved: done, to be tried again, or a conflict.
  http::Task<StepEnd> look_again(Updating& updating, bool& is_done);
  /// After a look that ended with `end`: looks on until it is done, or may be sent once more.
  http::Task<StepEnd> look_on(Updating& updating, bool& is_done, StepEnd end);
  /// Notes that what the update was to bring about is there.
  http::Task<http::Done> note_written(const Updating& updating, std::string op);
  http::Task<StepEnd> finish_update(Updating& updating);
  http::Task<StepEnd> remove(const Step& step);
  http::Task<StepEnd> check_before_remove(const Step& step, bool& gone);
  http::Task<StepEnd> send_remove(const Step& step, int attempt, bool& again);
  http::Task<StepEnd> forget(const Step& step);
  StepEnd accept_observed(const Step& step);

  /// The fields as a request needs them: with the secrets, and the tenant where the kind asks for
  /// it. They go into the request alone, and are kept nowhere.
  http::Task<std::variant<Fields, Trouble>> fields_to_send(const kinds::Kind& kind,
                                                           const Fields& fields);
  /// Asks the platform whether the object works, where it can tell.
  http::Task<StepEnd> test(const Step& step, std::string id);
  http::Task<Sent> mutate(PendingIntent intent, http::Request request);
  /// Whether no mutation is to be begun any more.
  bool is_stopped() const;
  /// Why a mutation did not come through.
  Trouble trouble_of(const http::Request& request, const Sent& sent) const;
  PendingIntent intent_for(const Step& step, std::string action, Fields inputs) const;
  std::optional<Fields> resolved(const Step& step) const;
  Record record_of(const Step& step, Fields inputs, kinds::Written written) const;
  void waiting(const Step& step, std::string what) const;

  Ledger& ledger_;
  Remote& remote_;
  const ApplyOptions& options_;
  const Plan& plan_;
};

/// What an answer to a mutation means.
enum class Verdict { accepted, refused, ambiguous, not_sent };
Verdict judge(const http::Outcome& outcome);

StepEnd done(const Step& step);
StepEnd failed(const Trouble& trouble);

/// What the step wants with its references put in; nullopt while one of them is not known.
std::optional<Fields> resolved_inputs(const Step& step, const State& state);

/// The record as it should be after a step that changes nothing on the platform, if it is another
/// than the one in the state.
std::optional<Record> changed_record(const Step& step, const State& state);

/// How the managed fields of an object moved since the plan: nullopt when they did not. Of a
/// replaced object of which neither the plan nor the state knows a field, nothing but the etag can
/// tell; it must not have moved at all.
std::optional<StepEnd> conflict_since_plan(const KindRules& rules, const Step& step,
                                           const Fields& managed, const Observed& now);

}  // namespace sluice::run
