#include "run/apply.hpp"

#include "core/value.hpp"
#include "run/step_runner.hpp"

#include <algorithm>
#include <cassert>

namespace sluice::run {

namespace {

/// For so long a result may be on its way to the disk. Until it is there its intent is, and if the
/// machine fails, the next run looks the object up.
constexpr Millis kResultsShare{20};

enum class Progress { waiting, running, done, failed, skipped };

bool makes_calls(const Step& step) {
  return step.action != Action::noop && step.action != Action::forget;
}

/// Starts the steps whose needs are done in the plan's order, and no more of them than keep the
/// remote's slots busy: so pipelines are finished one after the other, the platform enables the
/// first flows while the next are made, and a stopped run leaves few unfinished. A step that only
/// waits for a flow to be ready holds nobody up.
class Scheduler {
 public:
  Scheduler(const Plan& plan, Ledger& ledger, Remote& remote, const ApplyOptions& options)
      : plan_(plan),
        ledger_(ledger),
        remote_(remote),
        options_(options),
        runner_(ledger, remote, options, plan),
        progress_(plan.steps.size(), Progress::waiting),
        open_needs_(plan.steps.size(), 0) {}

  ApplyReport run() {
    std::map<std::string, std::size_t> index;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i)
      index[plan_.steps[i].key] = i;
    wanted_by_.resize(plan_.steps.size());
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      for (const std::string& key : plan_.steps[i].waits_for) {
        const auto need = index.find(key);
        assert(need != index.end());
        wanted_by_[need->second].push_back(i);
        ++open_needs_[i];
      }
    }
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      if (open_needs_[i] == 0) ready_.insert(i);
    }
    start_ready();
    remote_.loop().run();
    // An interrupt cuts waits short, also when there was nothing left to start.
    (void)stopped();
    for (std::size_t i = 0; i < progress_.size(); ++i) {
      if (progress_[i] == Progress::waiting) skip(i, "the run was stopped");
    }
    return report_;
  }

  /// True when there was something to start, and room for it.
  bool start_ready() {
    bool started = false;
    int room = remote_.slots().room();
    while (!ready_.empty() && !stopped()) {
      const std::size_t i = *ready_.begin();
      if (makes_calls(plan_.steps[i]) && room-- <= 0) break;
      ready_.erase(ready_.begin());
      progress_[i] = Progress::running;
      remote_.loop().spawn(drive(i));
      started = true;
    }
    return started;
  }

 private:
  bool stopped() {
    if (options_.interrupted && options_.interrupted()) report_.interrupted = true;
    if (ledger_.disk_full()) report_.disk_full = true;
    return report_.interrupted || report_.credentials || report_.disk_full || ledger_.has_failed();
  }

  http::Task<http::Done> drive(std::size_t i) {
    const Step& step = plan_.steps[i];
    const Millis begun = remote_.loop().clock().monotonic();
    // Asked again here, since many steps may have been started in one go.
    if (stopped()) {
      progress_[i] = Progress::waiting;
      co_return http::Done{};
    }
    const bool shown = step.action != Action::noop;
    if (shown) tell(ApplyEvent::Kind::started, step, {}, {}, Millis(0));
    const StepEnd end = co_await runner_.run(step);
    const Millis elapsed = remote_.loop().clock().monotonic() - begun;
    if (end.status == StepEnd::Status::failed) {
      progress_[i] = Progress::failed;
      ++report_.failed;
      report_.conflict = report_.conflict || end.conflict;
      report_.credentials = report_.credentials || end.credentials;
      tell(ApplyEvent::Kind::failed, step, end.detail, end.advice, elapsed);
      skip_dependents(i);
      co_return http::Done{};
    }
    progress_[i] = Progress::done;
    if (end.status == StepEnd::Status::kept) {
      report_.kept.push_back(step.address.text() + " (" + end.detail + ")");
      tell(ApplyEvent::Kind::kept, step, end.detail, end.advice, elapsed);
    } else {
      if (shown) tell(ApplyEvent::Kind::done, step, end.detail, {}, elapsed);
      add_count(step, report_.done);
    }
    for (const std::size_t other : wanted_by_[i]) {
      if (--open_needs_[other] == 0) ready_.insert(other);
    }
    co_return http::Done{};
  }

  void skip_dependents(std::size_t i) {
    std::vector<std::size_t> open = wanted_by_[i];
    while (!open.empty()) {
      const std::size_t next = open.back();
      open.pop_back();
      if (progress_[next] != Progress::waiting) continue;
      skip(next, plan_.steps[i].key + " failed");
      open.insert(open.end(), wanted_by_[next].begin(), wanted_by_[next].end());
    }
  }

  void skip(std::size_t i, std::string why) {
    progress_[i] = Progress::skipped;
    const Step& step = plan_.steps[i];
    if (step.action == Action::noop) return;
    ++report_.skipped;
    tell(ApplyEvent::Kind::skipped, step, std::move(why), {}, Millis(0));
  }

  void tell(ApplyEvent::Kind kind, const Step& step, std::string detail, std::string advice,
            Millis elapsed) const {
    if (!options_.on_event) return;
    options_.on_event({kind, step.address, step.action, step.deposed, std::move(detail),
                       std::move(advice), elapsed});
  }

  const Plan& plan_;
  const Ledger& ledger_;
  Remote& remote_;
  const ApplyOptions& options_;
  StepRunner runner_;
  std::vector<Progress> progress_;
  std::vector<int> open_needs_;
  std::set<std::size_t> ready_;  // Steps that wait for nothing any more.
  std::vector<std::vector<std::size_t>> wanted_by_;
  ApplyReport report_;
};

}  // namespace

std::set<std::string> secrets_of(const Plan& plan) {
  std::set<std::string> result;
  for (const Step& step : plan.steps) {
    const bool sends = step.action == Action::create || step.action == Action::update ||
                       step.action == Action::replace;
    if (!sends) continue;
    for (const auto& [name, value] : step.after)
      result.merge(secrets_in(value));
  }
  return result;
}

bool needs_bookkeeping(const Plan& plan, const State& state) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&state](const Step& step) {
    return step.action == Action::noop && changed_record(step, state).has_value();
  });
}

LookupOptions lookup_options(const ApplyOptions& options, const State& state,
                             const std::string& kind) {
  LookupOptions result;
  result.settle = options.settle;
  result.own_client = options.own_client;
  result.owned = state.ids_of(kind);
  result.beside = options.beside;
  return result;
}

ApplyReport apply(const Plan& plan, Ledger& ledger, Remote& remote, const ApplyOptions& options) {
  Scheduler scheduler(plan, ledger, remote, options);
  const Clock& clock = remote.loop().clock();
  Millis next_sync = clock.monotonic();
  remote.loop().set_end_of_turn([&] {
    if (ledger.has_failed() || (options.interrupted && options.interrupted())) {
      remote.loop().hurry();
    }
    if (options.on_turn) options.on_turn();
    // What starts now shares the sync, and while enough synced intents wait for a slot, those that
    // come meanwhile share one too. So do results for a short while, when nobody waits for them.
    if (scheduler.start_ready()) return true;
    if (remote.slots().well_fed()) return false;
    if (!ledger.is_awaited() && clock.monotonic() < next_sync) return false;
    next_sync = clock.monotonic() + kResultsShare;
    return ledger.share_sync();
  });
  for (const Relocation& move : plan.moves)
    ledger.moved(move.from, move.to);
  ApplyReport report = scheduler.run();
  remote.loop().set_end_of_turn({});
  ledger.commit();
  return report;
}

}  // namespace sluice::run
