#pragma once

// The whole engine without its command line, over the embedded platform, a disk in memory and a
// simulated clock: one object is one process.

#include "core/moves.hpp"
#include "core/planner.hpp"
#include "emulator/transport.hpp"
#include "http/session.hpp"
#include "kinds/kind.hpp"
#include "run/apply.hpp"
#include "run/namesakes.hpp"
#include "run/observe.hpp"
#include "spec/spec.hpp"
#include "store/journal.hpp"
#include "store/state_store.hpp"
#include "support/sim_clock.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace sluice::test {

inline http::SessionOptions embedded_session() {
  const emulator::Access access;
  http::SessionOptions options;
  options.endpoint = "https://embedded.invalid";
  options.ims = options.endpoint;
  options.sandbox = "dev";
  options.credentials.access_token = http::Secret(access.access_token);
  options.credentials.client_id = access.client_id;
  options.credentials.api_key = access.client_id;
  options.credentials.org = access.org;
  return options;
}

/// The desired resources of a spec's text. Throws when it is wrong.
inline std::vector<Resource> read_resources(const std::string& text) {
  const kinds::Registry registry;
  Diagnostics diagnostics;
  auto spec = spec::read_spec({{"test.yaml", text}}, {}, registry.catalogue(), diagnostics);
  if (!spec) throw std::runtime_error(diagnostics.list().front().summary);
  return spec->resources;
}

class Engine {
 public:
  /// `transport` is the embedded platform's, or one that a test put before it.
  Engine(http::Transport& transport, Clock& clock, Random& random, store::Files& files,
         http::SessionOptions session = embedded_session())
      : random_(random),
        loop_(transport, clock),
        session_(loop_, random, redactor_, std::move(session)),
        slots_(loop_, 4, 4),
        remote_(session_, loop_, registry_, slots_),
        store_(files, clock, "state/test.json", "sluice test") {
    options_.own_client = embedded_session().credentials.client_id;
    options_.settle = Millis(5000);
  }

  run::Remote& remote() { return remote_; }
  store::StateStore& store() { return store_; }
  run::ApplyOptions& options() { return options_; }
  http::Redactor& redactor() { return redactor_; }

  /// As `plan` does it: without a lock, and without a write.
  Plan plan(const std::vector<Resource>& desired, const PlanOptions& options = {}) {
    return plan_on(desired, store_.read(), options);
  }

  /// As `apply` does it, from the lock to the saved state. The plan is left in `last_plan`.
  run::ApplyReport apply(const std::vector<Resource>& desired, const PlanOptions& options = {}) {
    store_.lock({}, Millis(0));
    State state = store_.load();
    if (state.lineage.empty()) state.lineage = make_uuid(random_);
    state.place = {"https://embedded.invalid", "EMULATOR@AdobeOrg", "dev"};
    state.spec_name = "test";
    if (!state.pending.empty()) state = recovered(std::move(state));
    last_plan = plan_on(desired, state, options);
    if (before_apply) before_apply();
    state.applied_plan = last_plan.id;
    store_.begin(state, last_plan.id, "test");
    run::Ledger ledger(store_, std::move(state), loop_, random_);
    run::ApplyReport report = run::apply(last_plan, ledger, remote_, options_);
    store_.save(ledger.state());
    return report;
  }

  Plan last_plan;
  bool goes_on_unclear = false;  ///< With the rest, when only people can tell what a call did.
  std::function<void()> before_apply;                      ///< Called once there is a plan.
  std::vector<std::pair<std::string, std::string>> moves;  ///< Of the spec: from and to.

 private:
  State recovered(State state) {
    store_.begin(state, {}, "test");
    run::Ledger ledger(store_, std::move(state), loop_, random_);
    options_.unclear = run::recover(ledger, remote_, options_);
    if (!goes_on_unclear) run::refuse_unclear(options_.unclear);
    return store_.save(ledger.state());
  }

  Plan plan_on(const std::vector<Resource>& desired, State state, const PlanOptions& options) {
    Diagnostics diagnostics;
    std::vector<Relocation> moved = relocations(state, moves, diagnostics);
    for (const Relocation& move : moved) {
      store::JournalRecord record;
      record.type = store::JournalRecord::Type::moved;
      record.address = move.from;
      record.to = move.to;
      store::fold(state, record);
    }
    ObservedWorld observed;
    if (options.refreshed) {
      const bool makes = options.mode == PlanMode::normal;
      observed = run::observe(remote_, makes ? desired : std::vector<Resource>(), state);
    }
    auto plan = make_plan(desired, state, observed, registry_.catalogue(), options, diagnostics);
    if (!plan) throw std::runtime_error(diagnostics.list().front().summary);
    if (options.refreshed) {
      for (NameClash& clash : run::find_namesakes(remote_, state, *plan, run::Making::replacements))
        plan->clashes.push_back(std::move(clash));
    }
    plan->id = make_uuid(random_);
    plan->moves = std::move(moved);
    return std::move(*plan);
  }

  Random& random_;
  kinds::Registry registry_;
  http::Redactor redactor_;
  http::EventLoop loop_;
  http::Session session_;
  run::Slots slots_;
  run::Remote remote_;
  store::StateStore store_;
  run::ApplyOptions options_;
};

}  // namespace sluice::test
