#include "run/observe.hpp"

#include "core/fatal.hpp"

namespace sluice::run {

namespace {

/// What all the tasks of one observation write to.
struct Observation {
  Remote& remote;
  ObservedWorld world;
  std::optional<Trouble> trouble;
};

http::Task<http::Done> read_one(Observation& all, std::string kind, std::string id,
                                std::int64_t version) {
  // A flow that is just being enabled is no drift; its settled state is what counts.
  ReadResult result = co_await all.remote.read_settled(kind, id, version);
  all.world.looked_up.insert(id);
  if (auto* object = std::get_if<Observed>(&result)) {
    all.world.objects[id] = std::move(*object);
  } else if (auto* trouble = std::get_if<Trouble>(&result)) {
    if (!all.trouble) all.trouble = std::move(*trouble);
  }
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

http::Task<http::Done> probe(Observation& all) {
  all.trouble = co_await all.remote.probe();
  co_return http::Done{};
}

void throw_if_troubled(const Observation& all) {
  if (!all.trouble) return;
  throw Fatal(all.trouble->credentials ? ExitCode::credentials : ExitCode::failed,
              all.trouble->what, all.trouble->advice);
}

/// Names to look for, by kind: those of what is not on the platform as far as we know.
std::map<std::string, std::vector<std::string>> names_to_find(const std::vector<Resource>& desired,
                                                              const State& recorded,
                                                              const ObservedWorld& world) {
  std::map<std::string, std::vector<std::string>> names;
  for (const Resource& resource : desired) {
    const auto record = recorded.records.find(resource.address);
    const bool there = record != recorded.records.end() && !record->second.id.empty() &&
                       world.objects.contains(record->second.id);
    const auto name = resource.fields.find("name");
    if (there || name == resource.fields.end() || !name->second.is_string()) continue;
    names[resource.kind].push_back(name->second.get<std::string>());
  }
  return names;
}

}  // namespace

ObservedWorld observe(Remote& remote, const std::vector<Resource>& desired, const State& recorded) {
  Observation all{remote, {}, std::nullopt};
  const int calls_before = remote.calls();
  for (const auto& [address, record] : recorded.records) {
    if (!record.id.empty()) {
      remote.loop().spawn(read_one(all, record.kind, record.id, version_of(record.facts)));
    }
    for (const Deposed& deposed : record.deposed) {
      remote.loop().spawn(read_one(all, deposed.kind, deposed.id, 0));
    }
  }
  remote.loop().run();
  throw_if_troubled(all);
  for (auto& [kind, names] : names_to_find(desired, recorded, all.world)) {
    remote.loop().spawn(find_names(all, kind, std::move(names)));
  }
  remote.loop().run();
  throw_if_troubled(all);
  if (remote.calls() == calls_before) {
    remote.loop().spawn(probe(all));
    remote.loop().run();
    throw_if_troubled(all);
  }
  return std::move(all.world);
}

}  // namespace sluice::run
