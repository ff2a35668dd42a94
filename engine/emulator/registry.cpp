// Schema Registry: schemas and field groups, and the two standard classes.

#include "emulator/registry_lists.hpp"
#include "emulator/services.hpp"
#include "emulator/xdm_checks.hpp"
#include "emulator/xdm_forms.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::emulator {

namespace {

// The documents give the range of the codes, and not which is whose.
http::Response unknown_resource(const Call& call, const std::string& collection) {
  std::string_view code = "XDM-1010-404";
  if (collection == kFieldGroups) code = "XDM-1012-404";
  if (collection == "classes") code = "XDM-1011-404";
  return registry_error(call, code, fmt::format("{} was not found", call.captures.back()));
}

// Field groups have an older name, which still works.
std::string collection_of(const Call& call) {
  return call.segments[4] == kSchemas ? kSchemas : kFieldGroups;
}

void drop_texts(Json& node) {
  if (!node.is_structured()) return;
  if (node.is_object()) {
    for (const char* key : {"title", "description"}) {
      if (node.contains(key) && node[key].is_string()) node.erase(key);
    }
  }
  for (Json& child : node)
    drop_texts(child);
}

bool asks_for(const Call& call, std::string_view word) {
  return call.header("accept").value_or("").find(word) != std::string::npos;
}

Json listed_form(const Call& call, const Json& resource) {
  if (!asks_for(call, "xed-id")) return resource;
  Json brief;
  for (const char* key : {"title", "$id", "meta:altId", "version"})
    brief[key] = resource[key];
  return brief;
}

Json looked_up_form(World& world, const Call& call, Json resource) {
  if (asks_for(call, "-full")) {
    resource["properties"] = resolved_properties(world, call.sandbox, resource);
    resource.erase("allOf");
    resource.erase("definitions");
  }
  if (asks_for(call, "-notext")) drop_texts(resource);
  resource["meta:allFieldAccess"] = true;
  return resource;
}

// The fields that people set, of a whole resource.
Json set_by_people(const Json& resource) {
  Json result = Json::object();
  for (const char* key : {"type", "title", "description", "allOf", "definitions",
                          "meta:intendedToExtend", "meta:immutableTags"}) {
    if (resource.contains(key)) result[key] = resource[key];
  }
  return result;
}

Json with_references(Json resource) {
  std::vector<std::string> references = references_of(resource);
  std::sort(references.begin(), references.end());
  resource["refs"] = references;
  return resource;
}

void decorate(const std::string& collection, Json& body) {
  if (collection == kSchemas) {
    decorate_schema(body);
  } else {
    decorate_field_group(body);
  }
}

// Makes `sent` the resource's own fields, when nothing forbids it.
http::Response change_resource(World& world, const Call& call, Record& record, const Json& sent) {
  const std::string collection = collection_of(call);
  const std::string id = record.body["$id"];
  if (const Refusal refusal = check_resource(world, call, collection, sent, id)) return *refusal;
  if (const Refusal refusal = check_change(world, call, collection, record, sent)) return *refusal;
  const Json replaced = set_by_people(record.body);
  for (const auto& [key, unused] : replaced.items())
    record.body.erase(key);
  record.body.update(sent);
  decorate(collection, record.body);
  stamp(world, record.body, call.now, world.technical_account());
  return json_reply(200, call.method == "PATCH" ? with_references(record.body) : record.body);
}

Refusal check_patch(const Call& call, const Json& operations) {
  if (!operations.is_array() || operations.empty()) {
    return service_error(call, 400, "The body must be an array of at least one operation");
  }
  for (const Json& operation : operations) {
    const Json place = operation.is_object() ? operation.value("path", Json()) : Json();
    const std::string path = place.is_string() ? place.get<std::string>() : place.dump();
    const std::string root = path.substr(0, path.find('/', 1));
    const bool is_open = root == "/title" || root == "/description" || root == "/allOf" ||
                         root == "/definitions" || root == "/meta:intendedToExtend" ||
                         root == "/meta:immutableTags";
    if (is_open) continue;
    return service_error(call, 400, fmt::format("The path {} cannot be updated", path));
  }
  return std::nullopt;
}

}  // namespace

http::Response get_stats(World& world, const Call& call) {
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  Json counts = Json::object();
  counts["schemas"] = world.collection(call.sandbox, kSchemas).in_order().size();
  counts["mixins"] = world.collection(call.sandbox, kFieldGroups).in_order().size();
  return json_reply(200,
                    {{"imsOrg", world.access().org}, {"tenantId", kTenant}, {"counts", counts}});
}

http::Response list_resources(World& world, const Call& call) {
  const std::vector<std::string_view> known = {"property", "orderby", "start", "limit"};
  if (const Refusal refusal = check_parameters(call, known)) return *refusal;
  if (const Refusal refusal = check_accept(call, true)) return *refusal;
  std::vector<Json> resources;
  if (call.segments[3] == "global") {
    resources = standard_classes();
  } else {
    for (const auto& [serial, record] :
         world.collection(call.sandbox, collection_of(call)).in_order())
      resources.push_back(record.body);
  }
  return resource_page(call, std::move(resources), listed_form);
}

http::Response get_resource(World& world, const Call& call) {
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = check_accept(call, false)) return *refusal;
  if (call.segments[3] == "global") {
    const Json found = find_class(call.captures[0]);
    return found.is_null() ? unknown_resource(call, "classes") : json_reply(200, found);
  }
  const std::string collection = collection_of(call);
  const Record* record = find_resource(world, call.sandbox, collection, call.captures[0]);
  if (record == nullptr) return unknown_resource(call, collection);
  return json_reply(200, looked_up_form(world, call, record->body));
}

http::Response create_resource(World& world, const Call& call) {
  Json body;
  const std::string collection = collection_of(call);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  if (const Refusal refusal = check_resource(world, call, collection, body, "")) return *refusal;
  Record record;
  name_resource(body, collection, world.new_hex(48), world, call.sandbox);
  decorate(collection, body);
  stamp(world, body, call.now, world.technical_account());
  record.id = body["meta:altId"];
  record.body = std::move(body);
  return json_reply(201, with_references(world.add(call.sandbox, collection, record).body));
}

http::Response replace_resource(World& world, const Call& call) {
  const std::string collection = collection_of(call);
  Record* record = find_resource(world, call.sandbox, collection, call.captures[0]);
  if (record == nullptr) return unknown_resource(call, collection);
  Json body;
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  // Whoever sends back what GET told of may leave in it what is the platform's own.
  if (body.is_object()) {
    for (const auto& [key, value] : record->body.items()) {
      if (!set_by_people(record->body).contains(key)) body.erase(key);
    }
    body.erase("meta:allFieldAccess");
  }
  return change_resource(world, call, *record, body);
}

http::Response patch_resource(World& world, const Call& call) {
  const std::string collection = collection_of(call);
  Record* record = find_resource(world, call.sandbox, collection, call.captures[0]);
  if (record == nullptr) return unknown_resource(call, collection);
  Json operations;
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = read_json(call, operations)) return *refusal;
  if (const Refusal refusal = check_patch(call, operations)) return *refusal;
  Json body;
  try {
    body = set_by_people(record->body).patch(operations);
  } catch (const Json::exception&) {
    return service_error(call, 400, "The operations do not fit the resource");
  }
  return change_resource(world, call, *record, body);
}

http::Response delete_resource(World& world, const Call& call) {
  const std::string collection = collection_of(call);
  Record* record = find_resource(world, call.sandbox, collection, call.captures[0]);
  if (record == nullptr) return unknown_resource(call, collection);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = check_deletion(world, call, collection, *record)) return *refusal;
  // A descriptor is nothing without its schema.
  std::vector<std::string> gone;
  for (const auto& [serial, descriptor] : world.collection(call.sandbox, kDescriptors).in_order()) {
    if (descriptor.body["xdm:sourceSchema"] == record->body["$id"]) gone.push_back(descriptor.id);
  }
  for (const std::string& id : gone)
    world.collection(call.sandbox, kDescriptors).erase(id);
  const std::string own_id = record->id;
  world.collection(call.sandbox, collection).erase(own_id);
  return no_content();
}

}  // namespace sluice::emulator
