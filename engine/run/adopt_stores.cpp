#include "run/adopt_stores.hpp"

#include "core/value.hpp"
#include "spec/store_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sluice::run {

namespace {

struct StoreWalk {
  Remote& remote;
  FoundStores found;
  std::optional<Trouble> trouble;
};

std::string field_text(const Observed& object, const std::string& field) {
  const auto found = object.fields.find(field);
  return found != object.fields.end() && found->second.is_string()
             ? found->second.get<std::string>()
             : std::string();
}

/// The object, or nothing with the reason among the notes or as trouble.
http::Task<std::optional<Observed>> read_store(StoreWalk& all, std::string kind, std::string id) {
  ReadResult result = co_await all.remote.read(kind, id, 0);
  if (auto* object = std::get_if<Observed>(&result)) co_return std::move(*object);
  if (auto* trouble = std::get_if<Trouble>(&result)) {
    if (!all.trouble) all.trouble = std::move(*trouble);
  } else {
    all.found.notes.push_back(
        fmt::format("The {} {} is gone, or hidden by a label.", all.remote.kind(kind).noun, id));
  }
  co_return std::nullopt;
}

http::Task<http::Done> read_dataset(StoreWalk& all, std::string id) {
  std::optional<Observed> dataset = co_await read_store(all, "dataset", id);
  if (dataset) all.found.datasets.push_back(std::move(*dataset));
  co_return http::Done{};
}

/// The schema's own fields are those of a field group that is called after it, as this program
/// calls them. A group of another name may be anybody's, and stays named by its id.
http::Task<http::Done> read_own_fields(StoreWalk& all, FoundSchema& found) {
  const std::string name = field_text(found.schema, "name") + " fields";
  for (const Json& group : found.schema.fields.at("field_groups")) {
    ReadResult result = co_await all.remote.read("fieldGroup", group.get<std::string>(), 0);
    auto* object = std::get_if<Observed>(&result);
    if (object == nullptr || field_text(*object, "name") != name) continue;
    if (!spec::can_be_written(object->fields.at("properties"))) continue;
    found.fields = std::move(*object);
    break;
  }
  co_return http::Done{};
}

http::Task<http::Done> read_schema(StoreWalk& all, std::string id) {
  std::optional<Observed> schema = co_await read_store(all, "schema", id);
  if (!schema) co_return http::Done{};
  FoundSchema found;
  found.schema = std::move(*schema);
  co_await read_own_fields(all, found);
  Fields of_schema;
  of_schema["schema"] = id;
  FindResult listed = co_await all.remote.find_candidates("identity", of_schema);
  if (auto* trouble = std::get_if<Trouble>(&listed)) {
    if (!all.trouble) all.trouble = std::move(*trouble);
    co_return http::Done{};
  }
  for (Observed& identity : std::get<std::vector<Observed>>(listed)) {
    const bool own = found.fields && field_text(identity, "schema") == id &&
                     found.fields->fields.at("properties").contains(field_text(identity, "path"));
    if (own) found.identities.push_back(std::move(identity));
  }
  ReadResult profile = co_await all.remote.read("schemaProfile", kinds::profile_id(id), 0);
  if (auto* object = std::get_if<Observed>(&profile)) found.profile = std::move(*object);
  if (!found.fields) {
    all.found.notes.push_back(
        fmt::format("The schema \"{}\" is managed with its field groups named by their ids; its "
                    "fields and identities stay as they are.",
                    field_text(found.schema, "name")));
  }
  all.found.schemas.push_back(std::move(found));
  co_return http::Done{};
}

/// Why a dataset must stay named by its id; empty when it need not.
std::string dataset_problem(const std::string& id, const std::vector<Observed>& targets,
                            const std::set<std::string>& own_targets, const Owners& owners) {
  const auto owner = owners.find(id);
  if (owner != owners.end()) return "is " + owner->second + " already";
  const auto other = std::find_if(targets.begin(), targets.end(), [&](const Observed& target) {
    return field_text(target, "dataset") == id && !own_targets.contains(target.id);
  });
  if (other == targets.end()) return {};
  return "is written to by the target connection " + other->id + ", too";
}

std::vector<std::string> names_of(const std::vector<Observed>& objects, const char* otherwise) {
  std::vector<std::string> names;
  for (const Observed& object : objects) {
    const std::string name = field_text(object, "name");
    names.push_back(name.empty() ? otherwise : name);
  }
  return names;
}

/// What the spec says of one object: the fields that the language has a word for and that are not
/// as they are by themselves.
Fields told_fields(const KindRules& rules, const Observed& object) {
  Fields fields;
  for (const FieldRule& rule : rules.fields) {
    const auto found = object.fields.find(rule.name);
    if (found == object.fields.end() || found->second == "" || found->second == false) continue;
    fields[rule.name] = found->second;
  }
  return fields;
}

Resource store_resource(const Address& address, const KindRules& rules, const Observed& object) {
  Resource resource;
  resource.address = address;
  resource.kind = rules.kind;
  resource.fields = told_fields(rules, object);
  return resource;
}

}  // namespace

FoundStores walk_stores(Remote& remote, const std::vector<FoundFlow>& flows, const Owners& owners,
                        bool schemas) {
  StoreWalk all{remote, {}, std::nullopt};
  std::set<std::string> own_targets;
  std::set<std::string> ids;
  for (const FoundFlow& flow : flows) {
    own_targets.insert(flow.target.id);
    ids.insert(field_text(flow.target, "dataset"));
  }
  Objects listed = list_sandbox(remote, {"targetConnection"});
  for (const std::string& id : ids) {
    const std::string problem =
        dataset_problem(id, listed.at("targetConnection"), own_targets, owners);
    if (problem.empty()) {
      remote.loop().spawn(read_dataset(all, id));
    } else {
      all.found.notes.push_back("The dataset " + id + " " + problem +
                                "; it stays named by its id.");
    }
  }
  remote.loop().run();
  give_up_if(all.trouble);
  std::set<std::string> schema_ids;
  for (const Observed& dataset : all.found.datasets)
    schema_ids.insert(field_text(dataset, "schema.id"));
  for (const std::string& id : schema_ids) {
    if (schemas && !owners.contains(id)) remote.loop().spawn(read_schema(all, id));
  }
  remote.loop().run();
  give_up_if(all.trouble);
  const auto by_id = [](const Observed& left, const Observed& right) { return left.id < right.id; };
  std::sort(all.found.datasets.begin(), all.found.datasets.end(), by_id);
  std::sort(all.found.schemas.begin(), all.found.schemas.end(),
            [&by_id](const FoundSchema& left, const FoundSchema& right) {
              return by_id(left.schema, right.schema);
            });
  std::sort(all.found.notes.begin(), all.found.notes.end());
  const std::vector<std::string> keys = unique_keys(names_of(all.found.datasets, "dataset"));
  for (std::size_t at = 0; at < keys.size(); ++at)
    all.found.keys[all.found.datasets[at].id] = keys[at];
  std::vector<Observed> heads;
  for (const FoundSchema& found : all.found.schemas)
    heads.push_back(found.schema);
  const std::vector<std::string> schema_keys = unique_keys(names_of(heads, "schema"));
  for (std::size_t at = 0; at < schema_keys.size(); ++at)
    all.found.keys[heads[at].id] = schema_keys[at];
  return std::move(all.found);
}

std::map<Address, const Observed*> store_objects(const FoundStores& stores) {
  std::map<Address, const Observed*> objects;
  for (const Observed& dataset : stores.datasets)
    objects[{"datasets", stores.keys.at(dataset.id), "", ""}] = &dataset;
  for (const FoundSchema& found : stores.schemas) {
    const std::string& key = stores.keys.at(found.schema.id);
    objects[{"schemas", key, "", ""}] = &found.schema;
    if (found.fields) objects[{"schemas", key, "", "fields"}] = &*found.fields;
    if (found.profile) objects[{"schemas", key, "", "profile"}] = &*found.profile;
    for (const Observed& identity : found.identities)
      objects[{"schemas", key, field_text(identity, "path"), "identity"}] = &identity;
  }
  return objects;
}

std::vector<Resource> store_resources(const FoundStores& stores, const Catalogue& catalogue) {
  std::vector<Resource> resources;
  for (const auto& [address, object] : store_objects(stores)) {
    std::string kind = "dataset";
    if (address.section == "schemas") {
      kind = address.part.empty()        ? "schema"
             : address.part == "fields"  ? "fieldGroup"
             : address.part == "profile" ? "schemaProfile"
                                         : "identity";
    }
    Resource resource = store_resource(address, catalogue.rules(kind), *object);
    if (kind == "identity") resource.fields["primary"] = object->fields.at("primary");
    if (kind == "dataset") {
      const auto schema = stores.keys.find(field_text(*object, "schema.id"));
      if (schema != stores.keys.end()) {
        resource.fields["schema.id"] = reference_value({{"schemas", schema->second, "", ""}, "id"});
      }
    }
    if (kind == "schema") {
      // Its own fields stand below it.
      const Address own{"schemas", address.key, "", "fields"};
      for (const FoundSchema& found : stores.schemas) {
        if (found.schema.id != object->id || !found.fields) continue;
        for (Json& group : resource.fields["field_groups"]) {
          if (group == found.fields->id) group = reference_value({own, "id"});
        }
      }
    }
    resources.push_back(std::move(resource));
  }
  return resources;
}

}  // namespace sluice::run
