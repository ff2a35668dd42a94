#include "run/observe.hpp"

#include <algorithm>

namespace sluice::run {

namespace {

/// What all the tasks of one observation write to.
struct Observation {
  Remote& remote;
  ObservedWorld world;
  std::optional<Trouble> trouble;
  std::map<std::string, std::map<std::string, std::string>> gone;  ///< Names by kind and id.
};

http::Task<http::Done> read_one(Observation& all, std::string kind, std::string id,
                                std::int64_t version, std::string name) {
  // A flow that is just being enabled is no drift; its settled state is what counts.
  ReadResult result = co_await all.remote.read_settled(kind, id, version);
  all.world.looked_up.insert(id);
  if (auto* object = std::get_if<Observed>(&result)) {
    all.world.objects[id] = std::move(*object);
  } else if (auto* trouble = std::get_if<Trouble>(&result)) {
    if (!all.trouble) all.trouble = std::move(*trouble);
  } else {
    all.gone[kind][id] = std::move(name);
  }
  co_return http::Done{};
}

/// An object that the state knows.
struct Known {
  std::int64_t version = 0;
  std::string name;
};

/// Below this many, a list is not worth its while.
constexpr std::size_t kListMin = 3;

/// Whether what a list says of an object will do. It must be settled and whole, and at its newest
/// version as far as we know: lists may leave out what is long, or tell of the first version.
bool will_do(const kinds::Kind& kind, const Observed& object, const Known& known) {
  if (object.id.empty() || (kind.settles && kinds::is_transitional(object))) return false;
  if (kind.guard == kinds::Guard::etag && object.etag.empty()) return false;
  if (kind.guard == kinds::Guard::version && version_of(object.facts) < known.version) return false;
  const std::vector<FieldRule>& fields = kind.rules.fields;
  return std::all_of(fields.begin(), fields.end(), [&object](const FieldRule& field) {
    return field.equality != Equality::keyed || object.fields.contains(field.name);
  });
}

/// Reads by pages as long as that is cheaper: while each page so far gave at least one object that
/// we looked for. Returns in `wanted` what is left to be read one by one.
http::Task<http::Done> read_pages(Observation& all, std::string kind_name,
                                  std::map<std::string, Known>& wanted) {
  const kinds::Kind& kind = all.remote.kind(kind_name);
  std::vector<std::string> names;
  for (const auto& [id, known] : wanted)
    names.push_back(known.name);
  // Of those with these names where they fit into a filter, else of all.
  PagedList listing(kind.list(names));
  std::size_t pages = 0;
  std::size_t found = 0;
  while (!wanted.empty() && found >= pages) {
    PageResult result = co_await all.remote.page(kind_name, listing);
    auto* page = std::get_if<kinds::Page>(&result);
    // What is wrong with a list may be all right with a read; that one says so if not.
    if (page == nullptr) break;
    ++pages;
    for (Observed& object : page->objects) {
      const auto known = wanted.find(object.id);
      if (known == wanted.end() || !will_do(kind, object, known->second)) continue;
      ++found;
      all.world.looked_up.insert(object.id);
      const std::string id = object.id;
      all.world.objects[id] = std::move(object);
      wanted.erase(known);
    }
    if (page->next.empty()) break;
  }
  co_return http::Done{};
}

http::Task<http::Done> read_all(Observation& all, std::string kind,
                                std::map<std::string, Known> wanted) {
  if (wanted.size() >= kListMin && all.remote.kind(kind).list)
    co_await read_pages(all, kind, wanted);
  for (const auto& [id, known] : wanted)
    all.remote.loop().spawn(read_one(all, kind, id, known.version, known.name));
  co_return http::Done{};
}

http::Task<http::Done> find_names(Observation& all, std::string kind,
                                  std::vector<std::string> names) {
  FindResult result = co_await all.remote.find(kind, std::move(names));
  if (auto* trouble = std::get_if<Trouble>(&result)) {
    if (!all.trouble) all.trouble = std::move(*trouble);
    co_return http::Done{};
  }
  for (Observed& object : std::get<std::vector<Observed>>(result)) {
    const std::string name = object.fields.at("name").get<std::string>();
    all.world.by_name[kind][name].push_back(std::move(object));
  }
  co_return http::Done{};
}

/// A plan that took for gone what is not would make it twice, or leave it behind.
http::Task<http::Done> check_gone(Observation& all, std::string kind,
                                  std::map<std::string, std::string> names) {
  std::optional<Trouble> doubt = co_await all.remote.doubt_gone(kind, std::move(names));
  if (doubt && !all.trouble) all.trouble = std::move(doubt);
  co_return http::Done{};
}

http::Task<http::Done> probe(Observation& all) {
  all.trouble = co_await all.remote.probe();
  co_return http::Done{};
}

/// Names to look for, by kind: those of what is not on the platform as far as we know.
std::map<std::string, std::vector<std::string>> names_to_find(const Remote& remote,
                                                              const std::vector<Resource>& desired,
                                                              const State& recorded,
                                                              const ObservedWorld& world) {
  std::map<std::string, std::vector<std::string>> names;
  for (const Resource& resource : desired) {
    const auto record = recorded.records.find(resource.address);
    const bool there = record != recorded.records.end() && !record->second.id.empty() &&
                       world.objects.contains(record->second.id);
    const auto name = resource.fields.find("name");
    if (there || !remote.kind(resource.kind).has_name || name == resource.fields.end() ||
        !name->second.is_string()) {
      continue;
    }
    names[resource.kind].push_back(name->second.get<std::string>());
  }
  return names;
}

}  // namespace

ObservedWorld observe(Remote& remote, const std::vector<Resource>& desired, const State& recorded) {
  Observation all{remote, {}, std::nullopt, {}};
  const int calls_before = remote.calls();
  std::map<std::string, std::map<std::string, Known>> known;  // By kind and id.
  for (const auto& [address, record] : recorded.records) {
    if (!record.id.empty()) {
      known[record.kind][record.id] = {version_of(record.facts), record.name};
    }
    for (const Deposed& deposed : record.deposed)
      known[deposed.kind][deposed.id] = {version_of(deposed.facts), record.name};
  }
  for (auto& [kind, objects] : known)
    remote.loop().spawn(read_all(all, kind, std::move(objects)));
  remote.loop().run();
  give_up_if(all.trouble);
  for (const auto& [kind, names] : all.gone)
    remote.loop().spawn(check_gone(all, kind, names));
  for (auto& [kind, names] : names_to_find(remote, desired, recorded, all.world)) {
    remote.loop().spawn(find_names(all, kind, std::move(names)));
  }
  remote.loop().run();
  give_up_if(all.trouble);
  if (remote.calls() == calls_before) {
    remote.loop().spawn(probe(all));
    remote.loop().run();
    give_up_if(all.trouble);
  }
  return std::move(all.world);
}

std::vector<Unready> unready_in(const Remote& remote, const std::vector<Resource>& desired,
                                const State& recorded, const ObservedWorld& world) {
  std::vector<Unready> result;
  for (const Resource& resource : desired) {
    const auto record = recorded.records.find(resource.address);
    if (record == recorded.records.end() || !remote.kind(resource.kind).settles) continue;
    const auto object = world.objects.find(record->second.id);
    if (object == world.objects.end() || !kinds::is_transitional(object->second)) continue;
    result.push_back(
        {resource.address, resource.kind, object->first, kinds::transition_text(object->second)});
  }
  return result;
}

}  // namespace sluice::run
