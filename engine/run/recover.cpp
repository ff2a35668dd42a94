#include "core/compare.hpp"
#include "core/fatal.hpp"
#include "run/apply.hpp"
#include "run/lookup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace sluice::run {

namespace {

/// What became of one open intent. Exactly one of the two is set, or none when it had no effect.
struct Settled {
  std::string op;
  Address address;
  std::optional<kinds::Written> made;  ///< The object as it is now, made or changed as intended.
  std::string removed;                 ///< The id of the object that is gone.
  std::optional<Trouble> trouble;
  std::string line;
};

/// Whether to look until it is clear, or once and to decide nothing.
enum class Look { until_clear, once };

struct Asking {
  Remote& remote;
  const State& state;
  const ApplyOptions& options;
  Look look;
  std::vector<Settled> settled = {};
  std::multiset<Address> open = {};  ///< What is not settled yet.

  Millis settle() const { return look == Look::once ? Millis(0) : options.settle; }

  void end(Settled one) {
    open.erase(open.find(one.address));
    settled.push_back(std::move(one));
  }

  /// What a run that does not only look will do about what is not there.
  std::string and_then() const {
    if (options.settle <= Millis(0)) return "apply looks for it again";
    const double seconds = std::chrono::duration<double>(options.settle).count();
    return fmt::format("apply looks for it for up to {:g} s", seconds);
  }
};

http::Task<http::Done> settle_create(Asking& asking, PendingIntent intent) {
  LookupOptions options = lookup_options(asking.options, asking.state, intent.kind);
  options.settle = asking.settle();
  const auto choice = asking.options.adopt.find(intent.address);
  if (choice != asking.options.adopt.end()) options.chosen = choice->second;
  LookupResult found = co_await look_up(asking.remote, intent, options);
  Settled result{intent.op, intent.address, std::nullopt, {}, std::nullopt, {}};
  const std::string text = intent.address.text();
  if (auto* object = std::get_if<Observed>(&found)) {
    result.made = kinds::Written{object->id, object->etag, object->facts};
    result.line = fmt::format("{}: an earlier run created it as {}; {}", text, object->id,
                              asking.look == Look::once ? "it would be taken over" : "taken over");
  } else if (auto* trouble = std::get_if<Trouble>(&found)) {
    result.trouble = *trouble;
  } else {
    result.line = fmt::format("{}: an earlier run meant to create it and did not", text);
    if (asking.look == Look::once) {
      result.line =
          fmt::format("{}: an earlier run meant to create it, and it is not there yet; {}", text,
                      asking.and_then());
    }
  }
  asking.end(std::move(result));
  co_return http::Done{};
}

/// Whether the change was of what no reply tells. It counts as not done then: to send it once more
/// does no harm.
bool has_unseen(const KindRules& rules, const State& state, const PendingIntent& intent) {
  const auto record = state.records.find(intent.address);
  if (record == state.records.end()) return false;
  const auto value = [](const Fields& fields, const std::string& name) {
    const auto found = fields.find(name);
    return found == fields.end() ? Json() : found->second;
  };
  return std::any_of(rules.fields.begin(), rules.fields.end(), [&](const FieldRule& rule) {
    return (rule.field_class == FieldClass::recorded || rule.hides_entries) &&
           value(record->second.inputs, rule.name) != value(intent.inputs, rule.name);
  });
}

/// Whether the object is as the intent was to leave it.
bool is_done(const Asking& asking, const PendingIntent& intent, const Observed& object) {
  if (intent.action == "delete") return false;
  const kinds::Kind& kind = asking.remote.kind(intent.kind);
  Fields wanted = intent.inputs;
  if (intent.action == "update") wanted.erase(kind.action_field);
  return differences(kind.rules, object.fields, wanted).empty() &&
         !has_unseen(kind.rules, asking.state, intent);
}

/// Looks until the change is there, or could not arrive any more: what arrived after the next plan
/// would undo it.
http::Task<ReadResult> look_for_change(Asking& asking, PendingIntent intent) {
  http::EventLoop& loop = asking.remote.loop();
  const Millis limit = loop.clock().monotonic() + asking.settle();
  while (true) {
    ReadResult read =
        co_await asking.remote.read_newest(intent.kind, intent.id, version_of(intent.facts));
    const auto* object = std::get_if<Observed>(&read);
    const Millis left = limit - loop.clock().monotonic();
    if (object == nullptr || is_done(asking, intent, *object) || left <= Millis(0)) co_return read;
    if (loop.hurried()) {
      co_return Trouble{
          "The run was stopped before it was known whether its " + intent.action + " was done",
          "The next apply looks.", false, false};
    }
    co_await loop.sleep(std::min(left, kLookPause));
  }
}

http::Task<http::Done> settle_change(Asking& asking, PendingIntent intent) {
  Settled result{intent.op, intent.address, std::nullopt, {}, std::nullopt, {}};
  const std::string text = intent.address.text();
  ReadResult read = co_await look_for_change(asking, intent);
  if (std::holds_alternative<Gone>(read)) {
    std::optional<Trouble> doubt;
    if (asking.look == Look::until_clear) {
      doubt = co_await asking.remote.doubt_all(intent.kind, intent.id, intent.name);
    } else {
      // Who only looks sends no change, be it one that cannot take effect.
      std::map<std::string, std::string> names;
      names[intent.id] = intent.name;
      doubt = co_await asking.remote.doubt_gone(intent.kind, std::move(names));
    }
    if (doubt) read = std::move(*doubt);
  }
  if (auto* trouble = std::get_if<Trouble>(&read)) {
    result.trouble = *trouble;
  } else if (auto* object = std::get_if<Observed>(&read)) {
    const bool done = is_done(asking, intent, *object);
    if (done) result.made = kinds::Written{object->id, object->etag, object->facts};
    result.line = fmt::format("{}: an earlier run's {} {}", text, intent.action,
                              done ? "was done" : "was not done");
    if (!done && asking.look == Look::once) {
      result.line = fmt::format("{}: an earlier run's {} is not done yet; {}", text, intent.action,
                                asking.and_then());
    }
  } else {
    result.removed = intent.id;
    result.line = fmt::format("{}: {} is gone from the platform", text, intent.id);
  }
  asking.end(std::move(result));
  co_return http::Done{};
}

/// An object that two addresses would own, as when two choices name one.
void refuse_shared(const std::vector<Settled>& all) {
  std::map<std::string, const Settled*> owners;
  for (const Settled& settled : all) {
    if (!settled.made) continue;
    const auto [owner, is_new] = owners.emplace(settled.made->id, &settled);
    // Several calls may have been for one object.
    if (is_new || owner->second->address == settled.address) continue;
    throw Fatal(ExitCode::conflict,
                fmt::format("{} and {} would both become {}", owner->second->address.text(),
                            settled.address.text(), settled.made->id),
                "Nothing was changed. An object has one address: choose another for one of them.");
  }
}

std::vector<Settled> settle_all(const State& state, Remote& remote, const ApplyOptions& options,
                                Look look) {
  Asking asking{remote, state, options, look};
  for (const auto& [op, intent] : state.pending) {
    asking.open.insert(intent.address);
    if (intent.action == "create") {
      remote.loop().spawn(settle_create(asking, intent));
    } else {
      remote.loop().spawn(settle_change(asking, intent));
    }
  }
  const Clock& clock = remote.loop().clock();
  const Millis limit = clock.monotonic() + asking.settle();
  remote.loop().set_end_of_turn([&] {
    if (options.interrupted && options.interrupted()) remote.loop().hurry();
    if (options.on_looking) {
      options.on_looking(asking.open, std::max(limit - clock.monotonic(), Millis(0)));
    }
    return false;
  });
  remote.loop().run();
  remote.loop().set_end_of_turn({});
  refuse_shared(asking.settled);
  return std::move(asking.settled);
}

/// Whether only people can tell what became of the call.
bool is_unclear(const Settled& settled) {
  return settled.trouble && settled.trouble->conflict;
}

/// Tells the first call of which the platform could not be asked.
void give_up_if_failed(const std::vector<Settled>& all) {
  for (const Settled& settled : all) {
    if (!settled.trouble || is_unclear(settled)) continue;
    Trouble trouble = *settled.trouble;
    trouble.what = settled.address.text() + ": " + trouble.what;
    give_up(trouble);
  }
}

Record record_for(const State& state, const kinds::Kind& kind, const PendingIntent& intent,
                  const kinds::Written& written, const std::string& now) {
  // What an action was to move is not known to have been moved, unless the action was the intent.
  Fields inputs = intent.inputs;
  if (intent.action != "action") inputs.erase(kind.action_field);
  return make_record(state,
                     {intent.address, intent.kind, intent.name, intent.depends_on, intent.protect,
                      intent.replaces},
                     std::move(inputs), written, now);
}

}  // namespace

void refuse_needless(const State& state, const std::map<Address, std::string>& adopt) {
  for (const auto& [address, id] : adopt) {
    const bool is_open = std::any_of(
        state.pending.begin(), state.pending.end(), [&wanted = address](const auto& entry) {
          return entry.second.action == "create" && entry.second.address == wanted;
        });
    const auto record = state.records.find(address);
    const bool is_done = record != state.records.end() && record->second.id == id;
    if (is_open || is_done) continue;
    throw Fatal(ExitCode::failed,
                "--adopt names " + address.text() + ", of which no create was lost",
                "No object was taken over. `sluice import` does that with one that is there.");
  }
}

void refuse_unclear(const Unclear& unclear) {
  if (unclear.empty()) return;
  std::vector<Diagnostic> all;
  for (const auto& [address, trouble] : unclear)
    all.push_back({Severity::error, {}, address.text() + ": " + trouble.what, trouble.advice, {}});
  throw Fatal(ExitCode::conflict, std::move(all));
}

Unclear recover(Ledger& ledger, Remote& remote, const ApplyOptions& options) {
  const std::vector<Settled> all = settle_all(ledger.state(), remote, options, Look::until_clear);
  // What is clear is recorded, whatever is not: people may choose one thing after the other.
  for (const Settled& settled : all) {
    if (settled.trouble) continue;
    const PendingIntent intent = ledger.state().pending.at(settled.op);
    if (settled.made) {
      ledger.record(settled.op, record_for(ledger.state(), remote.kind(intent.kind), intent,
                                           *settled.made, ledger.now_text()));
    } else if (!settled.removed.empty()) {
      ledger.removed(settled.op, intent.address, settled.removed);
    } else {
      ledger.absent(settled.op);
    }
  }
  ledger.commit();
  for (const Settled& settled : all) {
    if (!settled.trouble && options.on_settled) options.on_settled(settled.line);
  }
  // What an interrupt left unknown stays open for the next run.
  if (options.interrupted && options.interrupted()) return {};
  give_up_if_failed(all);
  Unclear unclear;
  for (const Settled& settled : all) {
    if (is_unclear(settled)) unclear.emplace(settled.address, *settled.trouble);
  }
  return unclear;
}

std::vector<std::string> recover_in_memory(State& state, Remote& remote,
                                           const ApplyOptions& options) {
  std::vector<std::string> lines;
  std::vector<Settled> all = settle_all(state, remote, options, Look::once);
  give_up_if_failed(all);
  for (Settled& settled : all) {
    if (is_unclear(settled)) {
      // It stays open: the plan has to know of which objects people are to choose one.
      lines.push_back(settled.trouble->what + ". " + settled.trouble->advice);
      continue;
    }
    const PendingIntent intent = state.pending.at(settled.op);
    if (settled.made) {
      state.records[intent.address] =
          record_for(state, remote.kind(intent.kind), intent, *settled.made, {});
    }
    state.pending.erase(settled.op);
    lines.push_back(std::move(settled.line));
  }
  return lines;
}

}  // namespace sluice::run
