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

bool is_made(const Step& step, Making which) {
  return step.action == Action::replace || (which == Making::all && step.action == Action::create);
}

}  // namespace

std::vector<NameClash> find_namesakes(Remote& remote, const State& state, const Plan& plan,
                                      Making which) {
  NamesByKind names;
  for (const Step& step : plan.steps) {
    if (is_made(step, which) && remote.kind(step.kind).has_name) {
      names[step.kind].insert(step.name);
    }
  }
  Search search{remote, {}, std::nullopt};
  std::map<std::string, std::set<std::string>> owned;
  for (const auto& [kind, of_kind] : names) {
    owned[kind] = state.ids_of(kind);
    remote.loop().spawn(look_for(search, kind, of_kind));
  }
  remote.loop().run();
  give_up_if(search.trouble);
  std::vector<NameClash> result;
  for (const Step& step : plan.steps) {
    const auto found = search.found.find({step.kind, step.name});
    if (!is_made(step, which) || found == search.found.end()) continue;
    NameClash clash{step.address, step.kind, step.name, {}};
    for (const std::string& id : found->second) {
      if (!owned[step.kind].contains(id)) clash.ids.push_back(id);
    }
    std::sort(clash.ids.begin(), clash.ids.end());
    if (!clash.ids.empty()) result.push_back(std::move(clash));
  }
  return result;
}

}  // namespace sluice::run
