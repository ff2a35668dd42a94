#pragma once

// A network that answers from a script, under a simulated clock.

#include "http/transport.hpp"

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sluice::test {

class ScriptedTransport final : public http::Transport {
 public:
  explicit ScriptedTransport(Clock& clock) : clock_(clock) {}

  /// The next request for `target` is answered with `outcome` after `delay`. A request that the
  /// script has no answer for fails for good.
  void answer(const std::string& target, http::Outcome outcome, Millis delay = Millis(10)) {
    script_[target].emplace_back(std::move(outcome), delay);
  }

  /// What was asked, in order.
  const std::vector<http::Request>& requests() const { return requests_; }

  /// "GET /a, POST /b" with the second of the simulated clock in front: "0 GET /a, 3 POST /b".
  std::string log() const { return log_; }

  void start(http::Request request, Done done) override {
    log_ += (log_.empty() ? "" : ", ") + std::to_string(clock_.monotonic().count() / 1000) + " " +
            request.method + " " + request.target;
    std::deque<std::pair<http::Outcome, Millis>>& answers = script_[request.target];
    if (answers.empty()) answers.emplace_back(no_answer(request), Millis(0));
    const Millis due = clock_.monotonic() + answers.front().second;
    under_way_.emplace(due, std::pair{std::move(answers.front().first), std::move(done)});
    answers.pop_front();
    requests_.push_back(std::move(request));
  }

  void poll(Millis wait) override {
    const Millis until = clock_.monotonic() + wait;
    const Millis stop = under_way_.empty() ? until : std::min(until, under_way_.begin()->first);
    clock_.wait(std::max(Millis(0), stop - clock_.monotonic()));
    while (!under_way_.empty() && under_way_.begin()->first <= clock_.monotonic()) {
      auto [outcome, done] = std::move(under_way_.begin()->second);
      under_way_.erase(under_way_.begin());
      done(std::move(outcome));
    }
  }

 private:
  static http::Failure no_answer(const http::Request& request) {
    return {"the script has no answer to " + request.method + " " + request.target, false, true};
  }

  Clock& clock_;
  std::map<std::string, std::deque<std::pair<http::Outcome, Millis>>> script_;
  std::multimap<Millis, std::pair<http::Outcome, Done>> under_way_;
  std::vector<http::Request> requests_;
  std::string log_;
};

}  // namespace sluice::test
