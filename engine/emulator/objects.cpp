// What all collections of Flow Service do alike: reading one object, listing them, deleting a
// connection, and the fixed specifications.

#include "emulator/flow_service.hpp"
#include "emulator/flow_specs.hpp"
#include "emulator/lists.hpp"
#include "emulator/services.hpp"

#include <fmt/format.h>

namespace sluice::emulator {

namespace {

http::Response items_reply(Json item) {
  return json_reply(200, {{"items", Json::array({std::move(item)})}});
}

const std::vector<Json>& specs_of(const Call& call) {
  return call.segments[3] == "flowSpecs" ? flow_specs() : connection_specs();
}

}  // namespace

http::Response list_objects(World& world, const Call& call) {
  const std::string& name = call.segments[3];
  std::vector<const Record*> records;
  for (const auto& [serial, record] : world.collection(call.sandbox, name).in_order()) {
    if (!record.own.contains("label")) records.push_back(&record);
  }
  return list_reply(world, call, records);
}

http::Response get_object(World& world, const Call& call) {
  const Record* record = world.find(call.sandbox, call.segments[3], call.captures[0]);
  if (record == nullptr) return unknown_id(call, call.captures[0]);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  return items_reply(shown(world, call.segments[3], *record));
}

http::Response delete_connection(World& world, const Call& call) {
  const std::string& id = call.captures[0];
  Collection& connections = world.collection(call.sandbox, call.segments[3]);
  if (connections.find(id) == nullptr) return unknown_id(call, id);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (world.switches().refuse_delete_in_use &&
      world.collection(call.sandbox, kFlows).has_flow_over(id)) {
    return flow_error(call, "FLOW-1447-400",
                      fmt::format("Found active flows containing id {}", id));
  }
  connections.erase(id);
  return no_content();
}

http::Response list_specs(World& world, const Call& call) {
  std::vector<Record> records;
  for (Json spec : specs_of(call)) {
    Record record;
    record.serial = records.size() + 1;
    record.body = std::move(spec);
    records.push_back(std::move(record));
  }
  std::vector<const Record*> pointers;
  for (const Record& record : records)
    pointers.push_back(&record);
  http::Response response = list_reply(world, call, pointers);
  // Unlike the other lists, one that is complete says nothing of pages.
  Json body = Json::parse(response.body);
  if (body.value("_links", Json()) != Json::object()) return response;
  body.erase("_links");
  return json_reply(response.status, body);
}

http::Response get_spec(World& /*world*/, const Call& call) {
  Json spec = find_spec(specs_of(call), call.captures[0]);
  if (spec.is_null()) return unknown_id(call, call.captures[0]);
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  return items_reply(std::move(spec));
}

}  // namespace sluice::emulator
