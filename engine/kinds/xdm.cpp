#include "kinds/xdm.hpp"

#include "http/json_body.hpp"
#include "kinds/collection.hpp"
#include "kinds/fields.hpp"

#include <algorithm>
#include <array>

namespace sluice::kinds {

namespace {

/// What people set of a field; the platform adds keys of its own.
constexpr std::array kFieldKeys = {"type", "title",   "description", "format",
                                   "enum", "minimum", "maximum",     "pattern"};
constexpr std::string_view kItem = "[]";

void flatten(const Json& node, const std::string& path, Json& into) {
  Json own = Json::object();
  for (const char* key : kFieldKeys) {
    if (node.contains(key)) own[key] = node.at(key);
  }
  into[path] = std::move(own);
  const Json& items = at_path(node, {"items"});
  if (items.is_object()) flatten(items, path + std::string(kItem), into);
  const Json& below = at_path(node, {"properties"});
  if (!below.is_object()) return;
  for (const auto& [name, child] : below.items()) {
    if (child.is_object()) flatten(child, path + "." + name, into);
  }
}

Observed resource_in(const Json& resource) {
  Observed object;
  object.id = id_at(resource, "$id");
  const Json& metadata = at_path(resource, {"meta:registryMetadata"});
  object.updated_by = text_at(metadata, "xdm:lastModifiedUserId");
  object.updated_at = number_at(metadata, "repo:lastModifiedDate");
  object.created_at = number_at(metadata, "repo:createdDate");
  if (object.created_at == 0) object.created_at = number_at(metadata, "repo:createDate");
  object.created_client = text_at(metadata, "xdm:createdClientId");
  put(object.fields, "name", at_path(resource, {"title"}));
  put(object.fields, "description", at_path(resource, {"description"}));
  return object;
}

std::optional<Written> resource_written(const http::Response& response) {
  const std::optional<Json> body = http::parse_json(response.body);
  if (!body || id_at(*body, "$id").empty()) return std::nullopt;
  return Written{id_at(*body, "$id"), {}, Json::object()};
}

}  // namespace

std::string registry_path(const std::string& collection) {
  return "/data/foundation/schemaregistry/tenant/" + collection;
}

http::Request registry_list(const std::string& collection, const std::string& property,
                            const std::string& value) {
  const std::string order = collection == "descriptors" ? "@id" : "title";
  std::string target = registry_path(collection) + "?orderby=" + encode(order) + "&limit=300";
  if (!property.empty()) target += "&property=" + encode(property + "==" + value);
  http::Request result = request("GET", std::move(target));
  result.headers["Accept"] =
      collection == "descriptors" ? "application/vnd.adobe.xdm-v2+json" : kWholeForms;
  return result;
}

std::optional<Page> registry_page(const http::Response& response, const http::Request& asked,
                                  std::optional<Observed> (*read)(const Json& entry)) {
  const std::optional<Json> body = http::parse_json(response.body);
  if (!body || !at_path(*body, {"results"}).is_array()) return std::nullopt;
  Page page;
  for (const Json& entry : body->at("results")) {
    if (std::optional<Observed> object = read(entry)) page.objects.push_back(std::move(*object));
  }
  const std::string next = text_at(at_path(*body, {"_page"}), "next");
  if (next.empty()) return page;
  page.next = asked.target.substr(0, asked.target.find("&start=")) + "&start=" + encode(next);
  if (page.next == asked.target) return std::nullopt;
  return page;
}

std::optional<Observed> read_resource(const Json& resource,
                                      void (*put_fields)(const Json& resource, Observed& into)) {
  if (id_at(resource, "$id").empty()) return std::nullopt;
  Observed object = resource_in(resource);
  put_fields(resource, object);
  return object;
}

void add_registry(Kind& kind, const RegistryShape& shape) {
  kind.guard = Guard::compare;
  kind.says_taken_with_400 = true;
  kind.gone_has_code = true;
  const std::string base = registry_path(shape.collection);
  add_collection(kind, base, shape.to_body);
  kind.read = [base](const std::string& id) {
    http::Request result = request("GET", base + "/" + encode(id));
    result.headers["Accept"] = kWholeForm;
    return result;
  };
  kind.parse = [shape](const http::Response& response) -> std::optional<Observed> {
    const std::optional<Json> body = http::parse_json(response.body);
    return body ? read_resource(*body, shape.put_fields) : std::nullopt;
  };
  kind.list = [shape](const std::vector<std::string>& names) {
    const bool one = names.size() == 1;
    return registry_list(shape.collection, one ? "title" : "", one ? names.front() : "");
  };
  kind.parse_written = resource_written;
}

std::optional<http::Request> registry_patch(const std::string& collection, const std::string& id,
                                            const Json& operations) {
  if (operations.empty()) return std::nullopt;
  http::Request result = request("PATCH", registry_path(collection) + "/" + encode(id));
  result.body = operations.dump();
  return result;
}

Json add_operation(const std::string& path, const Json& value) {
  return {{"op", "add"}, {"path", path}, {"value", value}};
}

Json flat_properties(const Json& properties) {
  Json flat = Json::object();
  if (!properties.is_object()) return flat;
  for (const auto& [name, node] : properties.items()) {
    if (node.is_object()) flatten(node, name, flat);
  }
  return flat;
}

std::string pointer_to_field(const std::string& path) {
  std::string pointer;
  std::size_t at = 0;
  while (at < path.size()) {
    if (path.compare(at, kItem.size(), kItem) == 0) {
      pointer += "/items";
      at += kItem.size();
      continue;
    }
    if (path[at] == '.') ++at;
    const std::size_t end = std::min(path.find_first_of(".[", at), path.size());
    pointer += "/properties/" + path.substr(at, end - at);
    at = end;
  }
  return pointer;
}

Json nested_properties(const Json& flat) {
  Json root = Json::object();
  // A field's path begins with that of the one above it, so that one comes first.
  for (const auto& [path, node] : flat.items()) {
    Json& place = root[Json::json_pointer(pointer_to_field(path))];
    place.update(node);
    // A field that is added below it later needs a place to go.
    if (node.value("type", "") == "object") place.emplace("properties", Json::object());
  }
  const Json& properties = at_path(root, {"properties"});
  return properties.is_null() ? Json::object() : properties;
}

}  // namespace sluice::kinds
