#include "run/sandbox.hpp"

#include <algorithm>
#include <tuple>

namespace sluice::run {

namespace {

struct Listing {
  Remote& remote;
  Objects objects;
  std::map<std::string, Trouble> troubles;
};

http::Task<http::Done> list_kind(Listing& listing, std::string kind) {
  FindResult result = co_await listing.remote.list(kind);
  if (auto* trouble = std::get_if<Trouble>(&result)) {
    listing.troubles.emplace(kind, std::move(*trouble));
    co_return http::Done{};
  }
  std::vector<Observed>& objects = listing.objects[kind];
  objects = std::move(std::get<std::vector<Observed>>(result));
  std::sort(objects.begin(), objects.end(), [](const Observed& left, const Observed& right) {
    return std::tie(left.created_at, left.id) < std::tie(right.created_at, right.id);
  });
  co_return http::Done{};
}

/// What a flow names, whether it names one or several.
std::vector<std::string> used_by(const Observed& flow) {
  std::vector<std::string> ids;
  for (const char* list : {"source_ids", "target_ids"}) {
    for (const Json& id : flow.attributes.value(list, Json::array())) {
      if (id.is_string()) ids.push_back(id.get<std::string>());
    }
  }
  const auto mapping = flow.fields.find("mapping.id");
  if (mapping != flow.fields.end() && mapping->second.is_string()) {
    ids.push_back(mapping->second.get<std::string>());
  }
  return ids;
}

}  // namespace

Objects list_sandbox(Remote& remote, const std::vector<std::string>& kinds) {
  Objects objects;
  const auto troubles = add_listed(remote, kinds, objects);
  if (!troubles.empty()) give_up(troubles.begin()->second);
  return objects;
}

std::map<std::string, Trouble> add_listed(Remote& remote, const std::vector<std::string>& kinds,
                                          Objects& objects) {
  Listing listing{remote, {}, {}};
  for (const std::string& kind : kinds)
    remote.loop().spawn(list_kind(listing, kind));
  remote.loop().run();
  for (const auto& [kind, trouble] : listing.troubles) {
    if (trouble.credentials) give_up(trouble);
  }
  objects.merge(listing.objects);
  return std::move(listing.troubles);
}

std::map<std::string, std::vector<std::string>> users_of(const std::vector<Observed>& flows) {
  std::map<std::string, std::vector<std::string>> users;
  for (const Observed& flow : flows) {
    for (const std::string& id : used_by(flow))
      users[id].push_back(flow.id);
  }
  return users;
}

Objects unowned(Objects all, const Owners& owners) {
  const auto users = users_of(all["flow"]);
  for (auto& [kind, objects] : all) {
    std::erase_if(objects, [&](const Observed& object) {
      return owners.contains(object.id) || users.contains(object.id);
    });
  }
  return all;
}

}  // namespace sluice::run
