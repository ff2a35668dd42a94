// Creating source and target connections.

#include "emulator/accounts.hpp"
#include "emulator/flow_service.hpp"
#include "emulator/flow_specs.hpp"
#include "emulator/services.hpp"

#include <fmt/format.h>

namespace sluice::emulator {

namespace {

const std::vector<std::string_view> kConnectionKeys = {
    "name", "description", "providerId", "connectionSpec", "data", "params", "baseConnectionId"};

// What source and target connections have in common.
Refusal check_connection(const Call& call, const Json& body) {
  if (const Refusal refusal = check_keys(call, body, "The body", kConnectionKeys)) return refusal;
  if (const Refusal refusal = check_text(call, body, "description", false)) return refusal;
  if (const Refusal refusal = check_text(call, body, "providerId", false)) return refusal;
  Json spec;
  if (const Refusal refusal = read_connection_spec(call, body, spec)) return refusal;
  const std::string spec_id = spec["id"];
  if (body.contains("providerId") && body["providerId"] != spec["providerId"]) {
    return flow_error(call, "FLOW-400",
                      fmt::format("The providerId of {} is not {}", spec_id,
                                  body["providerId"].get_ref<const std::string&>()));
  }
  if (body.contains("baseConnectionId") && spec["authSpec"].empty()) {
    return flow_error(
        call, "CONNECTOR-1332-400",
        fmt::format("A connection with the connectionSpec {} cannot have a baseConnectionId",
                    spec_id));
  }
  // Where there is an account, its type of data says it.
  if (!body.contains("data") && !spec["authSpec"].empty()) return std::nullopt;
  return check_object(call, body, "data");
}

Refusal check_source(World& world, const Call& call, const Json& body) {
  if (const Refusal refusal = check_connection(call, body)) return refusal;
  if (const Refusal refusal = check_text(call, body, "name", true)) return refusal;
  const std::string spec_id = body["connectionSpec"]["id"];
  if (spec_id == kDataLakeSpec) {
    return flow_error(call, "FLOW-1413-400", fmt::format("{} is not a source", spec_id));
  }
  if (!is_webhook_source(find_spec(connection_specs(), spec_id))) {
    if (const Refusal refusal = check_base_connection(world, call, body)) return refusal;
    if (!body.contains("data")) return std::nullopt;
  }
  if (body.contains("params")) {
    if (const Refusal refusal = check_object(call, body, "params")) return refusal;
  }
  const Json& data = body["data"];
  if (const Refusal refusal = check_keys(call, data, "data", {"format"})) return refusal;
  if (const Refusal refusal = check_text(call, data, "format", true)) return refusal;
  if (data["format"] == "json") return std::nullopt;
  return flow_error(call, "CONNECTOR-1327-400",
                    fmt::format("The data.format {} is not supported",
                                data["format"].get_ref<const std::string&>()));
}

Refusal check_target_schema(World& world, const Call& call, const Json& body) {
  const Json& schema = body["data"]["schema"];
  if (const Refusal refusal = check_keys(call, schema, "data.schema", {"id", "version"})) {
    return refusal;
  }
  if (const Refusal refusal = check_text(call, schema, "id", true)) return refusal;
  if (const Refusal refusal = check_text(call, schema, "version", true)) return refusal;
  const std::string data_set_id = body["params"]["dataSetId"];
  const Record* data_set = world.find(call.sandbox, kDataSets, data_set_id);
  if (data_set == nullptr) {
    return flow_error(call, "FLOW-400", fmt::format("There is no dataset {}", data_set_id));
  }
  const Json& expected = data_set->body["schemaRef"];
  if (schema["id"] == expected["id"] &&
      is_same_version(schema["version"], expected["contentType"])) {
    return std::nullopt;
  }
  return flow_error(
      call, "FLOW-400",
      fmt::format("data.schema differs from the schema of dataset {}, which is {} in {}",
                  data_set_id, expected["id"].dump(), expected["contentType"].dump()));
}

Refusal check_target(World& world, const Call& call, const Json& body) {
  if (const Refusal refusal = check_connection(call, body)) return refusal;
  if (const Refusal refusal = check_text(call, body, "name", false)) return refusal;
  if (body["connectionSpec"]["id"] != kDataLakeSpec) {
    return flow_error(call, "CONNECTOR-1307-400",
                      fmt::format("The connectionSpec of a target must be {}", kDataLakeSpec));
  }
  const Json& data = body["data"];
  if (const Refusal refusal = check_keys(call, data, "data", {"format", "schema"})) return refusal;
  if (const Refusal refusal = check_text(call, data, "format", false)) return refusal;
  const std::string format = data.value("format", "json");
  if (format != "json" && format != "parquet_xdm") {
    return flow_error(call, "CONNECTOR-1327-400",
                      fmt::format("The data.format {} is not supported", format));
  }
  if (const Refusal refusal = check_object(call, data, "schema")) return refusal;
  const Json params = body.value("params", Json::object());
  if (const Refusal refusal = check_keys(call, params, "params", {"dataSetId"})) return refusal;
  if (!params.contains("dataSetId")) {
    return flow_error(call, "CONNECTOR-1325-400", "The field params.dataSetId is missing");
  }
  if (const Refusal refusal = check_text(call, params, "dataSetId", true)) return refusal;
  return check_target_schema(world, call, body);
}

http::Response create(World& world, const Call& call, const Json& body) {
  Record record = new_object(world, call, body);
  record.body["state"] = "enabled";
  if (body.contains("providerId")) {
    record.own["providerId"] = body["providerId"];
    record.body.erase("providerId");
  }
  if (const Json account = account_of(world, call.sandbox, record); !account.is_null()) {
    record.body["inheritedAttributes"]["baseConnection"] = {
        {"id", account["id"]}, {"connectionSpec", account["connectionSpec"]}};
  }
  return json_reply(201, id_and_etag(world.add(call.sandbox, call.segments[3], record)));
}

}  // namespace

http::Response create_source(World& world, const Call& call) {
  Json body;
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  if (const Refusal refusal = check_source(world, call, body)) return *refusal;
  return create(world, call, body);
}

http::Response create_target(World& world, const Call& call) {
  Json body;
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = read_json(call, body)) return *refusal;
  if (const Refusal refusal = check_target(world, call, body)) return *refusal;
  return create(world, call, body);
}

}  // namespace sluice::emulator
