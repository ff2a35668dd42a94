// Catalog: making, changing and deleting datasets.

#include "emulator/data_set_forms.hpp"
#include "emulator/services.hpp"
#include "emulator/xdm_forms.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::emulator {

namespace {

constexpr std::size_t kDataSetIdSize = 24;

// What people may set, and of that, what they may change.
const std::vector<std::string_view> kDataSetKeys = {
    "name", "description", "schemaRef", "fileDescription", "tags", "enableErrorDiagnostics"};
const std::vector<std::string_view> kChangeableKeys = {"name", "description", "tags",
                                                       "enableErrorDiagnostics"};

Refusal catalog_refusal(const Call& call, std::string_view detail) {
  return service_error(call, 400, detail);
}

http::Response data_set_reply(int status, const std::string& id) {
  return json_reply(status, Json::array({"@/dataSets/" + id}));
}

bool is_list_of_texts(const Json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(),
                                         [](const Json& element) { return element.is_string(); });
}

// The fields that may be changed, as they are to be.
Refusal check_data_set(const Call& call, const Json& body) {
  if (!body.value("name", Json()).is_string() || body["name"] == "") {
    return catalog_refusal(call, "The field name must be a text that is not empty");
  }
  if (!body.value("description", Json("")).is_string()) {
    return catalog_refusal(call, "The field description must be a text");
  }
  if (!body.value("enableErrorDiagnostics", Json(false)).is_boolean()) {
    return catalog_refusal(call, "enableErrorDiagnostics must be true or false");
  }
  const Json tags = body.value("tags", Json::object());
  if (!tags.is_object()) return catalog_refusal(call, "The field tags must be an object");
  for (const auto& [tag, values] : tags.items()) {
    if (is_list_of_texts(values)) continue;
    return catalog_refusal(call, fmt::format("The tag {} must be a list of texts", tag));
  }
  return std::nullopt;
}

Refusal check_schema_ref(World& world, const Call& call, const Json& body) {
  if (!body.contains("schemaRef")) return catalog_refusal(call, "The field schemaRef is missing");
  const Json& schema_ref = body["schemaRef"];
  if (const Refusal refusal = check_keys(call, schema_ref, "schemaRef", {"id", "contentType"})) {
    return refusal;
  }
  for (const char* key : {"id", "contentType"}) {
    if (schema_ref.value(key, Json()).is_string()) continue;
    return catalog_refusal(call, fmt::format("The field schemaRef.{} must be a text", key));
  }
  std::string type = schema_ref["contentType"];
  std::erase(type, ' ');
  const bool is_known = type.starts_with("application/vnd.adobe.xed") &&
                        (type.ends_with("+json;version=1") || type.ends_with("+json;version=1.0"));
  if (!is_known) {
    return catalog_refusal(call, fmt::format("schemaRef.contentType is {}", type));
  }
  const std::string id = schema_ref["id"];
  const Record* schema = find_resource(world, call.sandbox, kSchemas, id);
  if (schema != nullptr && schema->body["$id"] == id) return std::nullopt;
  return catalog_refusal(call, fmt::format("There is no schema {}", id));
}

Refusal check_data_set_match(const Call& call, const Record& record) {
  auto match = call.header("if-match");
  if (!match) return std::nullopt;
  std::erase(*match, '"');
  if (record.body["version"] == *match) return std::nullopt;
  return service_error(call, 412, fmt::format("The version {} is not that of the dataset", *match));
}

http::Response put_change(World& world, const Call& call, Record& record, Json after) {
  if (const Refusal refusal = check_data_set(call, after)) return *refusal;
  if (!after.contains("tags")) after["tags"] = Json::object();
  note_enabling(after, record.body, call.now);
  stamp_data_set(after, call.now, world.technical_account());
  record.body = std::move(after);
  return data_set_reply(200, record.id);
}

http::Response patch_by_operations(World& world, const Call& call, Record& record) {
  const Json operations = Json::parse(call.body, nullptr, false);
  if (!operations.is_array() || operations.empty()) {
    return service_error(call, 400, "The body must be an array of at least one operation");
  }
  for (const Json& operation : operations) {
    const Json place = operation.is_object() ? operation.value("path", Json()) : Json();
    const std::string path = place.is_string() ? place.get<std::string>() : place.dump();
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string root = path.empty() ? "" : path.substr(1, end - 1);
    if (std::find(kChangeableKeys.begin(), kChangeableKeys.end(), root) != kChangeableKeys.end()) {
      continue;
    }
    return service_error(call, 400, fmt::format("The path {} cannot be updated", path));
  }
  Json after;
  try {
    after = record.body.patch(operations);
  } catch (const Json::exception&) {
    return service_error(call, 400, "The operations do not fit the dataset");
  }
  return put_change(world, call, record, std::move(after));
}

}  // namespace

http::Response create_data_set(World& world, const Call& call) {
  Json body;
  if (call.header("pragma")) return not_yet(call);
  if (const Refusal refusal = check_parameters(call, {"requestDataSource"})) return *refusal;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  if (const Refusal refusal = check_keys(call, body, "The body", kDataSetKeys)) return *refusal;
  if (const Refusal refusal = check_data_set(call, body)) return *refusal;
  if (const Refusal refusal = check_schema_ref(world, call, body)) return *refusal;
  Record record;
  record.id = world.new_hex(kDataSetIdSize);
  record.body =
      new_data_set(world, call.sandbox, body, {record.id, world.new_hex(kDataSetIdSize)}, call.now);
  world.add(call.sandbox, kDataSets, record);
  http::Response response = data_set_reply(201, record.id);
  response.headers["location"] = call.path + "/" + record.id;
  return response;
}

http::Response patch_data_set(World& world, const Call& call) {
  Record* record = world.find(call.sandbox, kDataSets, call.captures[0]);
  if (record == nullptr) return unknown_data_set(call);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = check_data_set_match(call, *record)) return *refusal;
  if (call.content_type() == "application/json-patch+json") {
    return patch_by_operations(world, call, *record);
  }
  Json body;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  if (body.is_array()) {
    return service_error(call, world.switches().array_as_json_status,
                         "An array of operations must be sent as application/json-patch+json");
  }
  if (const Refusal refusal = check_keys(call, body, "The body", kChangeableKeys)) return *refusal;
  Json after = record->body;
  // Only the top level is merged: whoever sends tags here sends them all.
  after.update(body);
  return put_change(world, call, *record, std::move(after));
}

http::Response merge_data_set(World& world, const Call& call) {
  Record* record = world.find(call.sandbox, kDataSets, call.captures[0]);
  if (record == nullptr) return unknown_data_set(call);
  Json body;
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = check_data_set_match(call, *record)) return *refusal;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  if (const Refusal refusal = check_keys(call, body, "The body", kChangeableKeys)) return *refusal;
  Json after = record->body;
  after.merge_patch(body);
  return put_change(world, call, *record, std::move(after));
}

http::Response delete_data_set(World& world, const Call& call) {
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  const std::string& id = call.captures[0];
  if (!world.collection(call.sandbox, kDataSets).erase(id)) return json_reply(200, Json::array());
  return data_set_reply(200, id);
}

}  // namespace sluice::emulator
