#pragma once

// A platform, a disk, and processes that come and go on them, at any moment if need be.

#include "support/engine.hpp"
#include "support/memory_files.hpp"

namespace sluice::test {

/// At its Nth mutation a fault strikes, or the process dies: before the platform sees it, or after
/// it was done.
class DyingTransport final : public http::Transport {
 public:
  DyingTransport(http::Transport& inner, emulator::Platform& platform)
      : inner_(inner), platform_(platform) {}

  int die_at = 0;
  bool after = false;
  bool keeps = false;  ///< All mutations before that one are done, too, and unanswered.
  int strike_at = 0;
  emulator::Fault fault;

  void start(http::Request request, Done done) override {
    if (dead_) return;
    if (request.method != "GET" && ++mutations_ == strike_at) {
      fault.method = request.method;
      fault.path_part = request.target.substr(0, request.target.find('?'));
      platform_.add_fault(fault);
    }
    if (request.method != "GET" && mutations_ == die_at) {
      if (after) (void)platform_.handle(request);
      dead_ = true;
      return;
    }
    if (keeps && request.method != "GET") {
      (void)platform_.handle(request);
      return;
    }
    inner_.start(std::move(request), std::move(done));
  }

  int mutations() const { return mutations_; }

  void poll(Millis wait) override {
    if (dead_) throw ProcessDied();
    inner_.poll(wait);
  }

 private:
  http::Transport& inner_;
  emulator::Platform& platform_;
  int mutations_ = 0;
  bool dead_ = false;
};

/// A platform and a disk that outlive the processes that use them.
struct Site {
  explicit Site(std::uint64_t seed, const emulator::Switches& switches = {})
      : random(seed), platform(clock, random, switches) {}

  SimClock clock;
  SeededRandom random;
  emulator::Platform platform;
  MemoryFiles files;
};

/// One process on a site. Its connections end with it, whatever they still waited for.
struct EngineProcess {
  explicit EngineProcess(Site& site)
      : transport(site.platform, site.clock),
        dying(transport, site.platform),
        engine(dying, site.clock, site.random, site.files) {}

  emulator::EmulatorTransport transport;
  DyingTransport dying;
  Engine engine;
};

}  // namespace sluice::test
