// The streaming inlet of a flow, or of the account that its source has: it takes any JSON, and
// keeps none of it but its number and size.

#include "emulator/accounts.hpp"
#include "emulator/runs.hpp"
#include "emulator/services.hpp"

#include <fmt/format.h>

namespace sluice::emulator {

namespace {

constexpr std::size_t kEventSizeMax = 1024UL * 1024UL;

// The account of the flow's source; null when there is none.
Json inlet_account(World& world, const std::string& sandbox, const Record& flow) {
  const std::string source_id = flow.body["sourceConnectionIds"][0];
  const Record* source = world.find(sandbox, kSources, source_id);
  return source == nullptr ? Json() : account_of(world, sandbox, *source);
}

std::string inlet_url(const Record& flow, const Json& account) {
  if (!account.is_null()) return account["auth"]["params"].value("inletUrl", "");
  return flow.body.value("options", Json::object()).value("inletUrl", "");
}

bool has_token(const World& world, const Call& call) {
  const std::string authorization = call.header("authorization").value_or("");
  const std::string_view bearer = "Bearer ";
  return authorization.starts_with(bearer) &&
         world.is_token_good(authorization.substr(bearer.size()), call.now);
}

}  // namespace

http::Response receive_event(World& world, const Call& call) {
  const std::string& inlet_id = call.captures[0];
  const auto in_query = call.parameter("x-adobe-flow-id");
  const auto flow_id = in_query ? in_query : call.header("x-adobe-flow-id");
  if (!flow_id) return inlet_error(400, "x-adobe-flow-id is missing");
  const auto [sandbox, flow] = world.find_anywhere(kFlows, *flow_id);
  const Json account = flow == nullptr ? Json() : inlet_account(world, sandbox, *flow);
  if (flow == nullptr ||
      inlet_url(*flow, account) != "https://dcs.adobedc.net/collection/" + inlet_id) {
    return inlet_error(400, fmt::format("The flow {} has no such inlet", *flow_id));
  }
  const bool needs_token =
      !account.is_null() && account["auth"]["params"]["authenticationRequired"] == true;
  if (needs_token && !has_token(world, call)) {
    return inlet_error(401, fmt::format("[{}] Ims service token is empty", inlet_id));
  }
  if (call.content_type() != "application/json") {
    return inlet_error(400, "The event must be sent with Content-Type: application/json");
  }
  if (call.body.size() > kEventSizeMax) return inlet_error(413, "The event is larger than 1 MB");
  if (!Json::accept(call.body)) return inlet_error(400, "The event is not JSON");
  count_event(world, sandbox, *flow, call.body, call.now);
  return json_reply(200,
                    {{"inletId", inlet_id},
                     {"xactionId", fmt::format("{}:{}:0", call.now.count(), world.next_count())},
                     {"receivedTimeMs", call.now.count()}});
}

}  // namespace sluice::emulator
