#include "run/namesakes.hpp"

#include <algorithm>

namespace sluice::run {

namespace {

using NamesByKind = std::map<std::string, std::set<std::string>>;
using Ids = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;

struct Search {
  Remote& remote;
  Ids found;  ///< By kind and name.
  std::optional<Trouble> trouble;
};

http::Task<http::Done> look_for(Search& search, std::string kind, std::set<std::string> names) {
  FindResult result =
      co_await search.remote.find(kind, std::vector<std::string>(names.begin(), names.end()));
  if (auto* trouble = std::get_if<Trouble>(&result)) {
    if (!search.trouble) search.trouble = std::move(*trouble);
    co_return http::Done{};
  }
  for (const Observed& object : std::get<std::vector<Observed>>(result)) {
    const std::string name = object.fields.at("name").get<std::string>();
    search.found[{kind, name}].push_back(object.id);
  }
  co_return http::Done{};
}

/// What the platform did not delete when it was replaced keeps its name, and does no harm.
bool is_made(const kinds::Kind& kind, const Step& step, Making which) {
  if (!kind.has_name) return false;
  const bool creates = which == Making::all && step.action == Action::create;
  return creates || (step.action == Action::replace && !kind.may_lack_delete);
}

/// Not every list can be filtered by several names, and to read all of one takes long.
constexpr std::size_t kNamesEach = 8;

std::vector<std::set<std::string>> questions(const std::set<std::string>& names) {
  if (names.size() > kNamesEach) return {names};
  std::vector<std::set<std::string>> result;
  for (const std::string& name : names)
    result.push_back({name});
  return result;
}

}  // namespace

std::vector<NameClash> find_namesakes(Remote& remote, const State& state, const Plan& plan,
                                      Making which) {
  NamesByKind names;
  for (const Step& step : plan.steps) {
    if (is_made(remote.kind(step.kind), step, which)) names[step.kind].insert(step.name);
  }
  Search search{remote, {}, std::nullopt};
  std::map<std::string, std::set<std::string>> owned;
  for (const auto& [kind, of_kind] : names) {
    owned[kind] = state.ids_of(kind);
    for (std::set<std::string>& some : questions(of_kind))
      remote.loop().spawn(look_for(search, kind, std::move(some)));
  }
  remote.loop().run();
  give_up_if(search.trouble);
  std::set<Address> known;
  if (which == Making::replacements) {
    for (const NameClash& clash : plan.clashes)
      known.insert(clash.address);
  }
  std::vector<NameClash> result;
  for (const Step& step : plan.steps) {
    const auto found = search.found.find({step.kind, step.name});
    if (found == search.found.end() || known.contains(step.address) ||
        !is_made(remote.kind(step.kind), step, which))
      continue;
    NameClash clash{step.address, step.kind, step.name, {}};
    for (const std::string& id : found->second) {
      if (!owned[step.kind].contains(id)) clash.ids.push_back(id);
    }
    std::sort(clash.ids.begin(), clash.ids.end());
    if (!clash.ids.empty()) result.push_back(std::move(clash));
  }
  return result;
}

void mark_lost_creates(const State& state, Plan& plan) {
  for (const auto& [op, intent] : state.pending) {
    for (NameClash& clash : plan.clashes) {
      if (intent.action == "create" && intent.address == clash.address) clash.lost_create = true;
    }
  }
}

}  // namespace sluice::run
