#include "cli/settling.hpp"

#include "cli/system.hpp"
#include "cli/takeover.hpp"
#include "run/apply.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sluice::cli {

namespace {

constexpr Millis kSilence{1000};  ///< Most of it is clear by then.
constexpr Millis kRewriteEvery{1000};
constexpr Millis kLineEvery{10'000};
constexpr std::size_t kNamedMost = 3;

/// Tells people that wait what is waited for: on a terminal in a line that changes, else in a line
/// now and then.
class LookingView {
 public:
  LookingView(World& world, bool is_silent)
      : world_(world),
        is_silent_(is_silent),
        is_live_(world.err_is_terminal && world.environment.get("TERM") != "dumb"),
        next_(world.clock.monotonic() + kSilence) {}
  LookingView(const LookingView&) = delete;
  LookingView& operator=(const LookingView&) = delete;
  ~LookingView() { end(); }

  void on_looking(const std::multiset<Address>& open, Millis left) {
    const Millis now = world_.clock.monotonic();
    if (is_silent_ || open.empty() || now < next_) return;
    next_ = now + (is_live_ ? kRewriteEvery : kLineEvery);
    const std::string line = text(open, left);
    if (!is_live_) {
      world_.say(line + "\n");
      return;
    }
    // A line that wraps could not be taken back as a whole.
    world_.say("\r" + line.substr(0, world_.columns - 1) + "\x1b[K");
    is_drawn_ = true;
  }

  /// Takes the line off the screen.
  void end() {
    if (is_drawn_) world_.say("\r\x1b[K");
    is_drawn_ = false;
  }

 private:
  static std::string text(const std::multiset<Address>& open, Millis left) {
    std::vector<std::string> names;
    for (const Address& address : open) {
      if (names.size() < kNamedMost) names.push_back(report::harmless(address.text()));
    }
    std::string more;
    if (open.size() > names.size()) more = fmt::format(" and {} more", open.size() - names.size());
    return fmt::format("{} s left to look for {}{}", (left.count() + 999) / 1000,
                       fmt::join(names, ", "), more);
  }

  World& world_;
  bool is_silent_;
  bool is_live_;
  bool is_drawn_ = false;
  Millis next_;
};

}  // namespace

run::ApplyOptions looking_options(Workspace& workspace, Connection& connection,
                                  const Place& place) {
  run::ApplyOptions options;
  options.settle = workspace.settle();
  options.own_client = connection.remote().session().creator();
  options.beside = ask_beside(workspace.world(), workspace.store().path(), place);
  return options;
}

State settle_open_calls(Workspace& workspace, Connection& connection, State state,
                        const std::map<Address, std::string>& adopt, run::Unclear* unclear) {
  if (state.pending.empty()) return state;
  World& world = workspace.world();
  const Draining draining;
  if (!adopt.empty()) {
    // Another state may wait for people to choose here first.
    std::vector<LostCreate> lost;
    const run::Owners owners = owners_beside(world, workspace.store().path(), state.place, lost);
    for (const auto& [address, id] : adopt)
      refuse_owned(owners, id);
  }
  world.say("An earlier run was cut off; looking what became of its calls.\n");
  run::ApplyOptions options = looking_options(workspace, connection, state.place);
  options.adopt = adopt;
  options.interrupted = [] { return caught_signal() != 0; };
  workspace.store().begin(state, {}, state.applied_by);
  run::Ledger ledger(workspace.store(), std::move(state), connection.loop(), world.random);
  LookingView view(world, workspace.options().quiet || workspace.options().json);
  const Connection::Notices notices(connection, [&view, &world](const std::string& line) {
    view.end();
    world.say(line + "\n");
  });
  options.on_looking = [&view](const std::multiset<Address>& open, Millis left) {
    view.on_looking(open, left);
  };
  options.on_settled = [&view, &world](const std::string& line) {
    view.end();
    world.say(report::harmless(line) + "\n");
  };
  const run::Unclear found = run::recover(ledger, connection.remote(), options);
  if (unclear == nullptr) run::refuse_unclear(found);
  State saved = workspace.store().save(ledger.take_state());
  if (caught_signal() != 0) {
    throw Fatal(interrupted_code(), "It was interrupted",
                "What was found out is in the state. Run the command again to go on.");
  }
  if (unclear != nullptr) *unclear = found;
  return saved;
}

}  // namespace sluice::cli
