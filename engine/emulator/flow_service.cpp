#include "emulator/flow_service.hpp"

#include "emulator/accounts.hpp"
#include "emulator/flow_specs.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::emulator {

namespace {

// An integer, or a text of digits; -1 for anything else.
int version_number(const Json& value) {
  if (value.is_string()) return read_number(value.get_ref<const std::string&>()).value_or(-1);
  if (!value.is_number_integer()) return -1;
  const auto number = value.get<std::int64_t>();
  return number >= 0 && number <= 1'000'000'000 ? static_cast<int>(number) : -1;
}

std::string plain_version(const std::string& media_type) {
  std::string result = media_type;
  std::erase(result, ' ');
  if (result.ends_with("version=1.0")) result.resize(result.size() - 2);
  return result;
}

// The schema that version of the mapping set writes to; null when there is no such version.
Json mapping_schema(const Record& mapping_set, int version) {
  if (mapping_set.body["version"] == version) return mapping_set.body["outputSchema"]["schemaRef"];
  for (const Json& older : mapping_set.own["versions"]) {
    if (older["version"] == version) return older["outputSchema"]["schemaRef"];
  }
  return Json();
}

bool is_same_schema(const Json& schema_ref, const Json& target_schema) {
  return schema_ref["id"] == target_schema["id"] &&
         is_same_version(schema_ref["contentType"], target_schema["version"]);
}

}  // namespace

Refusal check_text(const Call& call, const Json& object, std::string_view key, bool required) {
  const auto found = object.find(key);
  if (found == object.end()) {
    if (!required) return std::nullopt;
    return flow_error(call, kMissingField, fmt::format("The field {} is missing", key));
  }
  const bool may_be_empty = !required;
  if (found->is_string() && (may_be_empty || *found != "")) return std::nullopt;
  return flow_error(call, "FLOW-400",
                    fmt::format("The field {} must be a text that is not empty", key));
}

Refusal check_object(const Call& call, const Json& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end()) {
    return flow_error(call, kMissingField, fmt::format("The field {} is missing", key));
  }
  if (found->is_object()) return std::nullopt;
  return flow_error(call, "FLOW-400", fmt::format("The field {} must be an object", key));
}

Refusal check_spec_reference(const Call& call, const Json& object, std::string_view key) {
  if (const Refusal refusal = check_object(call, object, key)) return refusal;
  const Json& reference = *object.find(key);
  if (const Refusal refusal = check_keys(call, reference, key, {"id", "version"})) return refusal;
  if (const Refusal refusal = check_text(call, reference, "id", true)) return refusal;
  if (const Refusal refusal = check_text(call, reference, "version", true)) return refusal;
  if (reference["version"] == "1.0") return std::nullopt;
  return flow_error(call, "FLOW-1413-400", fmt::format("{}.version must be 1.0", key));
}

Refusal read_connection_spec(const Call& call, const Json& body, Json& spec) {
  if (const Refusal refusal = check_spec_reference(call, body, "connectionSpec")) return refusal;
  const std::string id = body["connectionSpec"]["id"];
  spec = find_spec(connection_specs(), id);
  if (!spec.is_null()) return std::nullopt;
  return flow_error(call, "FLOW-1413-400",
                    fmt::format("There is no connection specification {}", id));
}

Record new_object(World& world, const Call& call, const Json& body) {
  Record record;
  record.id = world.new_uuid();
  record.body = body;
  record.body["id"] = record.id;
  record.body["createdAt"] = call.now.count();
  record.body["createdBy"] = world.technical_account();
  record.body["createdClient"] = world.access().client_id;
  record.body["updatedClient"] = world.access().client_id;
  record.body["sandboxId"] = world.sandbox_id(call.sandbox);
  record.body["sandboxName"] = call.sandbox;
  record.body["imsOrgId"] = world.access().org;
  world.touch(record, call.now, world.technical_account());
  return record;
}

Json id_and_etag(const Record& record) {
  return {{"id", record.id}, {"etag", record.body["etag"]}};
}

Json shown(const World& world, const std::string& collection, const Record& record) {
  const Switches& switches = world.switches();
  Json body = record.body;
  if (switches.echo_provider_id && record.own.contains("providerId")) {
    body["providerId"] = record.own["providerId"];
  }
  if (collection == kTargets && switches.schema_key_is_schema_id) {
    Json& schema = body["data"]["schema"];
    schema["schemaId"] = schema["id"];
    schema.erase("id");
  }
  if (collection == kAccounts) mask_secrets(body, switches.secret_mask);
  if (collection == kFlows && body.contains("transformations")) {
    for (Json& transformation : body["transformations"]) {
      Json& version = transformation["params"]["mappingVersion"];
      const int number = version_number(version);
      version = switches.mapping_version_as_text ? Json(std::to_string(number)) : Json(number);
    }
  }
  return body;
}

http::Response unknown_id(const Call& call, const std::string& id) {
  return flow_error(call, "FLOW-1439-404",
                    fmt::format("No entity was found for the given id {}", id));
}

Refusal check_label(World& world, const Call& call) {
  if (call.service != Service::flow_service || call.captures.empty()) return std::nullopt;
  const std::string& id = call.captures[0];
  const Record* record = world.find(call.sandbox, call.segments[3], id);
  if (record == nullptr || !record->own.contains("label")) return std::nullopt;
  if (call.method == "GET") return unknown_id(call, id);
  return flow_error(call, "FLOW-2120-403",
                    fmt::format("The access labels of {} do not allow this", id));
}

bool is_same_version(const std::string& one, const std::string& other) {
  return plain_version(one) == plain_version(other);
}

Refusal check_transformation(World& world, const Call& call, const Json& element,
                             const Record& target) {
  if (const Refusal refusal = check_keys(call, element, "transformations[0]", {"name", "params"})) {
    return refusal;
  }
  if (element.value("name", Json()) != "Mapping") {
    return flow_error(call, "FLOW-400", "transformations[0].name must be exactly Mapping");
  }
  if (const Refusal refusal = check_object(call, element, "params")) return refusal;
  const Json& params = element["params"];
  const std::vector<std::string_view> keys = {"mappingId", "mappingVersion"};
  if (const Refusal refusal = check_keys(call, params, "params", keys)) return refusal;
  if (const Refusal refusal = check_text(call, params, "mappingId", true)) return refusal;
  if (!params.contains("mappingVersion")) {
    return flow_error(call, kMissingField, "The field mappingVersion is missing");
  }
  const std::string id = params["mappingId"];
  const Record* mapping_set = world.find(call.sandbox, kMappingSets, id);
  if (mapping_set == nullptr) {
    return flow_error(call, "FLOW-1412-400", fmt::format("There is no mapping set {}", id));
  }
  const Json schema = mapping_schema(*mapping_set, version_number(params["mappingVersion"]));
  if (schema.is_null()) {
    return flow_error(
        call, "FLOW-1412-400",
        fmt::format("The mapping set {} has no version {}", id, params["mappingVersion"].dump()));
  }
  const std::string data_set_id = target.body["params"]["dataSetId"];
  const Record* data_set = world.find(call.sandbox, kDataSets, data_set_id);
  const Json& target_schema = target.body["data"]["schema"];
  if (data_set != nullptr && is_same_schema(schema, target_schema) &&
      is_same_schema(data_set->body["schemaRef"], target_schema)) {
    return std::nullopt;
  }
  return flow_error(
      call, "FLOW-1425-400",
      fmt::format("The schema id and version of the mapping set {} differ from those of dataset {}",
                  id, data_set_id));
}

}  // namespace sluice::emulator
