#include "run/lookup.hpp"

#include "core/compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace sluice::run {

namespace {

/// Clocks of a platform's servers differ a little, and some creation times come rounded down.
constexpr std::int64_t kClockSlackMs = 5000;

bool may_be_it(const kinds::Kind& kind, const PendingIntent& intent, const LookupOptions& options,
               const Observed& object) {
  if (options.owned.contains(object.id)) return false;
  const bool too_old = intent.server_time != 0 && object.created_at != 0 &&
                       object.created_at < intent.server_time - kClockSlackMs;
  if (too_old) return false;
  // Another run may settle what this one of other credentials sent.
  const std::string& client = intent.client.empty() ? options.own_client : intent.client;
  const bool other_client = kind.has_client && !client.empty() && !object.created_client.empty() &&
                            object.created_client != client;
  return !other_client;
}

/// A new object is compared without the field that an action moves, since it is moved later.
bool equals_intent(const kinds::Kind& kind, const PendingIntent& intent, const Observed& object) {
  Fields wanted = intent.inputs;
  wanted.erase(kind.action_field);
  return differences(kind.rules, object.fields, wanted).empty();
}

/// Whether an object that is not as it was to be is one and the same to people.
bool is_namesake(const kinds::Kind& kind, const PendingIntent& intent, const Observed& object) {
  if (kind.has_name) {
    const auto name = object.fields.find("name");
    return name != object.fields.end() && name->second == intent.name;
  }
  const auto agrees = [&](const std::string& field) {
    const auto is = object.fields.find(field);
    const auto wanted = intent.inputs.find(field);
    return is != object.fields.end() && wanted != intent.inputs.end() &&
           is->second == wanted->second;
  };
  return !kind.key_fields.empty() &&
         std::all_of(kind.key_fields.begin(), kind.key_fields.end(), agrees);
}

std::string ids_of(const std::vector<Observed>& objects) {
  std::vector<std::string> ids;
  for (const Observed& object : objects)
    ids.push_back(object.id);
  std::sort(ids.begin(), ids.end());
  return fmt::format("{}", fmt::join(ids, ", "));
}

/// Nobody but people can tell which of these it is, if any.
Trouble unclear(const kinds::Kind& kind, const PendingIntent& intent,
                const std::vector<Observed>& objects, bool are_equal) {
  const std::string address = intent.address.text();
  std::string named;
  if (kind.has_name) {
    const bool told = objects.front().fields.contains("name");
    named = told ? " named \"" + intent.name + "\"" : " whose name the platform does not tell";
  }
  const std::string several = kind.noun == "identity" ? "identities" : kind.noun + "s";
  std::string what = fmt::format(
      "The answer to the create of {} was lost, and {}{} may be it: {}", address,
      objects.size() == 1 ? "one " + kind.noun : fmt::format("{} {}", objects.size(), several),
      named, ids_of(objects));
  if (!are_equal) what += "; it is not as it was to be, so somebody may have edited it";
  return {what,
          fmt::format("Choose with `sluice apply --adopt {}=ID`; or delete or rename what should "
                      "not be, and apply again.",
                      address),
          false, true};
}

http::Task<LookupResult> look_once(Remote& remote, PendingIntent intent, LookupOptions options) {
  const kinds::Kind& kind = remote.kind(intent.kind);
  std::vector<std::string> names(1, intent.name);
  FindResult listed = std::vector<Observed>();
  if (kind.has_name) {
    listed = co_await remote.find(intent.kind, std::move(names), Untold::keep);
  } else {
    listed = co_await remote.find_candidates(intent.kind, intent.inputs);
  }
  if (auto* trouble = std::get_if<Trouble>(&listed)) co_return std::move(*trouble);
  std::vector<Observed> equal;
  std::vector<Observed> edited;
  std::vector<Observed> unnamed;
  for (const Observed& object : std::get<std::vector<Observed>>(listed)) {
    if (!may_be_it(kind, intent, options, object)) continue;
    // A list may be shorter on details than a read.
    ReadResult read = co_await remote.read(intent.kind, object.id, 0);
    if (auto* trouble = std::get_if<Trouble>(&read)) co_return std::move(*trouble);
    auto* whole = std::get_if<Observed>(&read);
    if (whole == nullptr) continue;
    if (whole->id == options.chosen) co_return std::move(*whole);
    if (equals_intent(kind, intent, *whole)) {
      const bool nameless = kind.has_name && !whole->fields.contains("name");
      (nameless ? unnamed : equal).push_back(std::move(*whole));
    } else if (is_namesake(kind, intent, *whole)) {
      edited.push_back(std::move(*whole));
    }
  }
  if (!options.chosen.empty()) {
    co_return Trouble{fmt::format("{} is no {} that the lost create of {} may have made",
                                  options.chosen, kind.noun, intent.address.text()),
                      "It has another name, is older, or is in the state already. Without --adopt "
                      "the run names those that may be it.",
                      false, true};
  }
  if (equal.size() == 1) co_return std::move(equal.front());
  if (!equal.empty()) co_return unclear(kind, intent, equal, true);
  if (!unnamed.empty()) co_return unclear(kind, intent, unnamed, true);
  if (!edited.empty()) co_return unclear(kind, intent, edited, false);
  co_return Gone{};
}

}  // namespace

http::Task<LookupResult> look_up(Remote& remote, PendingIntent intent, LookupOptions options) {
  const Millis limit = remote.loop().clock().monotonic() + options.settle;
  while (true) {
    LookupResult found = co_await look_once(remote, intent, options);
    if (!std::holds_alternative<Gone>(found)) co_return found;
    const Millis left = limit - remote.loop().clock().monotonic();
    if (left <= Millis(0)) co_return found;
    if (remote.loop().hurried()) {
      co_return Trouble{
          "Interrupted before it was known whether " + intent.address.text() + " was created",
          "The next apply looks it up.", false, false};
    }
    co_await remote.loop().sleep(std::min(left, kLookPause));
  }
}

}  // namespace sluice::run
