// Data Prep: mapping sets and their versions. There is no etag; a PUT replaces the whole and makes
// a new version, and older ones stay readable.

#include "emulator/mapping_rows.hpp"
#include "emulator/services.hpp"
#include "emulator/xdm_forms.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::emulator {

namespace {

constexpr std::size_t kIdSize = 32;

http::Response not_found(const Call& call, const std::string& id) {
  return service_error(call, 404, fmt::format("The mapping set {} was not found", id));
}

Refusal check_expand_schema(const Call& call) {
  const auto expand = call.parameter("expandSchema");
  if (!expand || expand == "true" || expand == "false") return std::nullopt;
  return service_error(call, 400, "expandSchema must be true or false");
}

// Reads the body and makes sure that its schema is there.
Refusal read_body(World& world, const Call& call, MappingSetBody& result) {
  Json body;
  if (const Refusal refusal = read_json(call, body)) return refusal;
  if (const Refusal refusal = read_mapping_set(call, body, result)) return refusal;
  const auto& schemas = world.collection(call.sandbox, kSchemas).in_order();
  const bool is_known = std::any_of(schemas.begin(), schemas.end(), [&result](const auto& entry) {
    return entry.second.body["$id"] == result.schema_ref["id"];
  });
  if (is_known) return std::nullopt;
  return service_error(call, 400,
                       fmt::format("There is no schema {}", result.schema_ref["id"].dump()));
}

// The fields that a new version sets, whether it is the first or not.
void fill(World& world, const Call& call, const MappingSetBody& sent, Json& body) {
  const std::string& who = world.technical_account();
  body["modifiedDate"] = call.now.count();
  body["modifiedBy"] = who;
  body.erase("name");
  if (!sent.name.is_null()) body["name"] = sent.name;
  body["outputSchema"] = {
      {"id", world.new_hex(kIdSize)}, {"version", 0}, {"schemaRef", sent.schema_ref}};
  body["schemaRef"] = sent.schema_ref;
  body["xdmSchema"] = sent.schema_ref["id"];
  body["xdmVersion"] = sent.schema_ref["contentType"];
  Json rows = Json::array();
  for (Json row : sent.rows) {
    row["id"] = world.new_hex(kIdSize);
    row["version"] = 0;
    for (const char* key : {"createdDate", "modifiedDate"})
      row[key] = call.now.count();
    for (const char* key : {"createdBy", "modifiedBy"})
      row[key] = who;
    rows.push_back(std::move(row));
  }
  body["mappings"] = std::move(rows);
}

// GET rounds dates to seconds, although POST tells them to the millisecond.
void round_dates(Json& object) {
  for (const char* key : {"createdDate", "modifiedDate"}) {
    const auto millis = object[key].get<std::int64_t>();
    object[key] = (millis + 500) / 1000 * 1000;
  }
}

// Leaves of a field what JSON Schema knows.
void drop_marks(Json& field) {
  field.erase("isRequired");
  field.erase("meta:xdmType");
  if (field.contains("items")) drop_marks(field["items"]);
  if (!field.contains("properties")) return;
  for (Json& child : field["properties"])
    drop_marks(child);
}

// The schema as `expandSchema` shows it: with the fields of all that it is composed of.
Json expanded(World& world, const Call& call, const Json& schema) {
  Json whole;
  for (const char* key : {"$id", "title", "description", "type", "version", "imsOrg"})
    whole[key] = schema[key];
  whole["properties"] = resolved_properties(world, call.sandbox, schema);
  drop_marks(whole);
  return whole;
}

Json told(World& world, const Call& call, Json body) {
  round_dates(body);
  for (Json& row : body["mappings"])
    round_dates(row);
  if (!world.switches().echo_mapping_name) body.erase("name");
  if (call.parameter("expandSchema") == "true") {
    for (const auto& [serial, schema] : world.collection(call.sandbox, kSchemas).in_order()) {
      if (schema.body["$id"] == body["xdmSchema"]) {
        body["outputSchema"]["jsonSchema"] = expanded(world, call, schema.body);
      }
    }
  }
  return body;
}

// The body of that version; null when there is none.
Json version_of(const Record& record, int version) {
  if (record.body["version"] == version) return record.body;
  for (const Json& older : record.own["versions"]) {
    if (older["version"] == version) return older;
  }
  return Json();
}

}  // namespace

http::Response create_mapping_set(World& world, const Call& call) {
  MappingSetBody sent;
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = read_body(world, call, sent)) return *refusal;
  Record record;
  record.id = world.new_hex(kIdSize);
  record.own["versions"] = Json::array();
  record.body = {{"id", record.id},
                 {"version", 0},
                 {"createdDate", call.now.count()},
                 {"createdBy", world.technical_account()},
                 {"supportVersion", "1.1"},
                 {"status", "DRAFT"},
                 {"strictMapping", false},
                 {"allowNullValues", false}};
  fill(world, call, sent, record.body);
  const Json& body = world.add(call.sandbox, kMappingSets, record).body;
  Json reply;
  for (const char* key :
       {"id", "version", "createdDate", "modifiedDate", "createdBy", "modifiedBy"})
    reply[key] = body[key];
  return json_reply(200, reply);
}

http::Response get_mapping_set(World& world, const Call& call) {
  const Record* record = world.find(call.sandbox, kMappingSets, call.captures[0]);
  if (record == nullptr) return not_found(call, call.captures[0]);
  if (const Refusal refusal = check_parameters(call, {"version", "expandSchema"})) return *refusal;
  if (const Refusal refusal = check_expand_schema(call)) return *refusal;
  const auto asked = call.parameter("version");
  if (!asked) {
    const bool is_first =
        world.switches().default_mapping_version == Switches::MappingVersion::first;
    return json_reply(200, told(world, call, is_first ? version_of(*record, 0) : record->body));
  }
  const auto version = read_number(*asked);
  if (!version) return service_error(call, 400, "version must be a number");
  const Json body = version_of(*record, *version);
  if (body.is_null()) {
    return service_error(call, world.switches().missing_version_status,
                         fmt::format("{} in version {} was not found", record->id, *asked));
  }
  return json_reply(200, told(world, call, body));
}

http::Response list_mapping_sets(World& world, const Call& call) {
  const std::vector<std::string_view> known = {"limit", "start", "name", "orderBy", "expandSchema"};
  if (const Refusal refusal = check_parameters(call, known)) return *refusal;
  if (const Refusal refusal = check_expand_schema(call)) return *refusal;
  if (call.parameter("orderBy")) return not_yet(call);
  const auto limit = read_number(call.parameter("limit").value_or(""));
  const auto start = read_number(call.parameter("start").value_or(""));
  if (!limit || *limit < 1) return service_error(call, 400, "limit must be a number above 0");
  if (!start) return service_error(call, 400, "start must be a number");
  const auto name = call.parameter("name");
  const int size = std::min(*limit, world.switches().page_size_max);
  Json data = Json::array();
  Json links = Json::object();
  int at = 0;
  for (const auto& [serial, record] : world.collection(call.sandbox, kMappingSets).in_order()) {
    if (name && record.body.value("name", "") != *name) continue;
    if (at++ < *start) continue;
    if (data.size() == static_cast<std::size_t>(size)) {
      links["next"] = {
          {"href", fmt::format("/mappingSets?limit={}&start={}", size, *start + size)}};
      break;
    }
    data.push_back(told(world, call, record.body));
  }
  const Json page = {{"count", data.size()}, {"limit", size}};
  return json_reply(200, {{"data", std::move(data)}, {"_page", page}, {"_links", links}});
}

http::Response replace_mapping_set(World& world, const Call& call) {
  Record* record = world.find(call.sandbox, kMappingSets, call.captures[0]);
  if (record == nullptr) return not_found(call, call.captures[0]);
  MappingSetBody sent;
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = read_body(world, call, sent)) return *refusal;
  record->own["versions"].push_back(record->body);
  record->body["version"] = record->body["version"].get<int>() + 1;
  fill(world, call, sent, record->body);
  return json_reply(200, told(world, call, record->body));
}

http::Response delete_mapping_set(World& world, const Call& call) {
  if (world.find(call.sandbox, kMappingSets, call.captures[0]) == nullptr) {
    return not_found(call, call.captures[0]);
  }
  const int status = world.switches().mapping_delete_status;
  if (status != 204) return service_error(call, status, "Mapping sets cannot be deleted");
  world.collection(call.sandbox, kMappingSets).erase(call.captures[0]);
  return no_content();
}

}  // namespace sluice::emulator
