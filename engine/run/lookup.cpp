#include "run/lookup.hpp"

#include "core/compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace sluice::run {

namespace {

/// Clocks of a platform's servers differ a little, and some creation times come rounded down.
constexpr std::int64_t kClockSlackMs = 5000;

/// Whether the platform tells that something else made the object: another client, or the same one
/// before the call. It may tell wrong: clocks differ, and so may the name that a token stands for.
bool looks_foreign(const kinds::Kind& kind, const PendingIntent& intent,
                   const LookupOptions& options, const Observed& object) {
  const bool too_old = intent.server_time != 0 && object.created_at != 0 &&
                       object.created_at < intent.server_time - kClockSlackMs;
  // Another run may settle what this one of other credentials sent.
  const std::string& client = intent.client.empty() ? options.own_client : intent.client;
  const bool other_client = kind.has_client && !client.empty() && !object.created_client.empty() &&
                            object.created_client != client;
  return too_old || other_client;
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

/// Nobody but people can tell which of these it is, if any; `why` says what keeps us from it.
Trouble unclear(const kinds::Kind& kind, const PendingIntent& intent,
                const std::vector<Observed>& objects, const std::string& why) {
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
  if (!why.empty()) what += "; " + why;
  return {what,
          fmt::format("Choose with `sluice apply --adopt {0}=ID`, or `--adopt {0}={1}` if it is "
                      "none of what is there.",
                      address, kNoneChosen),
          false, true};
}

/// What a lost create may have made, sorted by what speaks for it.
struct Candidates {
  std::vector<Observed> equal;
  std::vector<Observed> edited;
  std::vector<Observed> unnamed;
};

/// The one that it is, Gone, or what only people can tell.
LookupResult choice_of(const kinds::Kind& kind, const PendingIntent& intent,
                       const LookupOptions& options, Candidates candidates) {
  if (!options.chosen.empty()) {
    return Trouble{fmt::format("{} is no {} that the lost create of {} may have made",
                               options.chosen, kind.noun, intent.address.text()),
                   "It has another name, was there before, or is in the state already. Without "
                   "--adopt the run names those that may be it.",
                   false, true};
  }
  if (candidates.equal.size() == 1) return std::move(candidates.equal.front());
  if (!candidates.equal.empty()) return unclear(kind, intent, candidates.equal, {});
  if (!candidates.unnamed.empty()) return unclear(kind, intent, candidates.unnamed, {});
  if (!candidates.edited.empty()) {
    return unclear(kind, intent, candidates.edited,
                   "it is not as it was to be, so somebody may have edited it");
  }
  return Gone{};
}

/// What one look found. Objects that look foreign are none of those that it may be, as long as the
/// right one may still come.
struct Sighting {
  LookupResult result = Gone{};
  std::vector<Observed> foreign;
  std::string why_foreign =
      "the platform tells another client or an earlier time of its making, or lists what it does "
      "not show";
};

/// Of what may be it, puts to the foreign what another state has, and all while another state's
/// create of that name is open. Trouble when the other states cannot be read.
std::optional<Trouble> set_others_aside(const PendingIntent& intent, const LookupOptions& options,
                                        Candidates& candidates, Sighting& sighting) {
  const bool is_none =
      candidates.equal.empty() && candidates.edited.empty() && candidates.unnamed.empty();
  if (is_none || !options.beside) return std::nullopt;
  auto asked = options.beside();
  if (auto* trouble = std::get_if<Trouble>(&asked)) return std::move(*trouble);
  const auto& beside = std::get<Beside>(asked);
  const auto rival = beside.creating.find({intent.kind, intent.name});
  const auto is_theirs = [&](const Observed& object) { return beside.owners.contains(object.id); };
  std::erase_if(candidates.edited, is_theirs);
  for (std::vector<Observed>* list : {&candidates.equal, &candidates.unnamed}) {
    for (const Observed& object : *list) {
      if (is_theirs(object)) {
        sighting.why_foreign = object.id + " is " + beside.owners.at(object.id);
      } else if (rival != beside.creating.end()) {
        sighting.why_foreign = "a create of that name is open in " + rival->second + ", too";
      } else {
        continue;
      }
      sighting.foreign.push_back(object);
    }
    std::erase_if(*list, [&](const Observed& object) {
      return is_theirs(object) || rival != beside.creating.end();
    });
  }
  return std::nullopt;
}

http::Task<Sighting> look_once(Remote& remote, PendingIntent intent, LookupOptions options) {
  const kinds::Kind& kind = remote.kind(intent.kind);
  std::vector<std::string> names(1, intent.name);
  FindResult listed = std::vector<Observed>();
  if (kind.has_name) {
    listed = co_await remote.find(intent.kind, std::move(names), Untold::keep);
  } else {
    listed = co_await remote.find_candidates(intent.kind, intent.inputs);
  }
  Sighting sighting;
  if (auto* trouble = std::get_if<Trouble>(&listed)) {
    sighting.result = std::move(*trouble);
    co_return sighting;
  }
  Candidates candidates;
  for (const Observed& object : std::get<std::vector<Observed>>(listed)) {
    if (options.owned.contains(object.id) || intent.namesakes.contains(object.id)) continue;
    // A list may be shorter on details than a read.
    ReadResult read = co_await remote.read(intent.kind, object.id, 0);
    if (auto* trouble = std::get_if<Trouble>(&read)) {
      sighting.result = std::move(*trouble);
      co_return sighting;
    }
    auto* whole = std::get_if<Observed>(&read);
    if (whole == nullptr) {
      const bool may_be_it =
          !looks_foreign(kind, intent, options, object) && is_namesake(kind, intent, object);
      if (may_be_it) sighting.foreign.push_back(object);
      continue;
    }
    if (whole->id == options.chosen) {
      sighting.result = std::move(*whole);
      co_return sighting;
    }
    if (looks_foreign(kind, intent, options, object)) {
      if (equals_intent(kind, intent, *whole)) sighting.foreign.push_back(std::move(*whole));
    } else if (equals_intent(kind, intent, *whole)) {
      const bool nameless = kind.has_name && !whole->fields.contains("name");
      (nameless ? candidates.unnamed : candidates.equal).push_back(std::move(*whole));
    } else if (is_namesake(kind, intent, *whole)) {
      candidates.edited.push_back(std::move(*whole));
    }
  }
  if (auto trouble = set_others_aside(intent, options, candidates, sighting)) {
    sighting.result = std::move(*trouble);
    co_return sighting;
  }
  sighting.result = choice_of(kind, intent, options, std::move(candidates));
  co_return sighting;
}

}  // namespace

http::Task<LookupResult> look_up(Remote& remote, PendingIntent intent, LookupOptions options) {
  if (options.chosen == kNoneChosen) co_return Gone{};
  const Millis limit = remote.loop().clock().monotonic() + options.settle;
  while (true) {
    const Sighting sighting = co_await look_once(remote, intent, options);
    if (!std::holds_alternative<Gone>(sighting.result)) co_return sighting.result;
    const Millis left = limit - remote.loop().clock().monotonic();
    if (left <= Millis(0)) {
      if (sighting.foreign.empty()) co_return sighting.result;
      co_return unclear(remote.kind(intent.kind), intent, sighting.foreign, sighting.why_foreign);
    }
    if (remote.loop().hurried()) {
      co_return Trouble{"The run was stopped before it was known whether " + intent.address.text() +
                            " was created",
                        "The next apply looks it up.", false, false};
    }
    co_await remote.loop().sleep(std::min(left, kLookPause));
  }
}

}  // namespace sluice::run
