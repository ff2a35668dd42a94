// The streaming inlet of a flow: it takes any JSON and keeps none of it.

#include "emulator/services.hpp"

#include <fmt/format.h>

namespace sluice::emulator {

namespace {

constexpr std::size_t kEventSizeMax = 1024UL * 1024UL;

}  // namespace

http::Response receive_event(World& world, const Call& call) {
  const std::string& inlet_id = call.captures[0];
  const auto in_query = call.parameter("x-adobe-flow-id");
  const auto flow_id = in_query ? in_query : call.header("x-adobe-flow-id");
  if (!flow_id) return inlet_error(400, "x-adobe-flow-id is missing");
  const Record* flow = world.find_anywhere(kFlows, *flow_id).second;
  const std::string url = "https://dcs.adobedc.net/collection/" + inlet_id;
  const bool has_inlet = flow != nullptr && flow->body.contains("options") &&
                         flow->body["options"].value("inletUrl", "") == url;
  if (!has_inlet) {
    return inlet_error(400, fmt::format("The flow {} has no such inlet", *flow_id));
  }
  if (call.content_type() != "application/json") {
    return inlet_error(400, "The event must be sent with Content-Type: application/json");
  }
  if (call.body.size() > kEventSizeMax) return inlet_error(413, "The event is larger than 1 MB");
  if (!Json::accept(call.body)) return inlet_error(400, "The event is not JSON");
  return json_reply(200,
                    {{"inletId", inlet_id},
                     {"xactionId", fmt::format("{}:{}:0", call.now.count(), world.next_count())},
                     {"receivedTimeMs", call.now.count()}});
}

}  // namespace sluice::emulator
