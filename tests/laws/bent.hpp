#pragma once

// A process whose requests are changed on their way, so that the platform answers something else
// than it was asked.

#include "laws/whole_spec.hpp"

#include <functional>

namespace sluice::test {

using Change = std::function<void(http::Request&)>;

/// Changes requests on their way, and counts what is not read.
class Bending final : public http::Transport {
 public:
  explicit Bending(http::Transport& inner) : inner_(inner) {}

  Change change;
  std::function<void(const http::Request&)> seen;

  void start(http::Request request, Done done) override {
    if (seen) seen(request);
    if (change) change(request);
    inner_.start(std::move(request), std::move(done));
  }
  void poll(Millis wait) override { inner_.poll(wait); }

 private:
  http::Transport& inner_;
};

/// A process whose requests are bent.
struct BentProcess {
  explicit BentProcess(Site& site)
      : transport(site.platform, site.clock),
        bending(transport),
        engine(bending, site.clock, site.random, site.files) {}

  Run apply(const Wanted& wanted, const PlanOptions& options = {}) {
    Run run;
    engine.options().secrets["token"] = wanted.token;
    engine.options().on_event = [&run](const run::ApplyEvent& event) {
      run.said += event.address.text() + ": " + event.detail + " " + event.advice + "\n";
    };
    run.report = engine.apply(wanted.resources, options);
    run.plan = engine.last_plan;
    return run;
  }

  emulator::EmulatorTransport transport;
  Bending bending;
  Engine engine;
};

inline PlanOptions destroying() {
  PlanOptions options;
  options.mode = PlanMode::destroy;
  options.allow_data_loss = true;
  return options;
}

}  // namespace sluice::test
