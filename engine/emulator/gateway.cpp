#include "emulator/gateway.hpp"

#include <fmt/format.h>

namespace sluice::emulator {

Refusal check_gateway(const World& world, const Call& call) {
  constexpr std::string_view kBearer = "Bearer ";
  const auto authorization = call.header("authorization");
  if (!authorization) return gateway_error("403010", "Oauth token is missing.");
  const bool is_good = authorization->starts_with(kBearer) &&
                       world.is_token_good(authorization->substr(kBearer.size()), call.now);
  if (!is_good) return gateway_error("401013", "Oauth token is not valid");

  const auto key = call.header("x-api-key");
  if (!key) return gateway_error("403000", "Api Key is required");
  if (*key != world.access().client_id) return gateway_error("403003", "Api Key is invalid");

  const auto org = call.header("x-gw-ims-org-id");
  if (!org) return gateway_error("400003", "Missing header: x-gw-ims-org-id");
  if (*org != world.access().org) return gateway_error("403025", "Profile is not valid");
  return std::nullopt;
}

Refusal check_sandbox(const World& world, Call& call) {
  if (call.service == Service::sandboxes) return std::nullopt;
  const bool is_flow_service = call.service == Service::flow_service;
  const auto refuse = [&call, is_flow_service](std::string_view code, std::string_view detail) {
    if (is_flow_service) return flow_error(call, code, detail);
    const int status = code.ends_with("404") ? 404 : 400;
    return service_error(call, status, detail);
  };
  const auto name = call.header("x-sandbox-name");
  if (!name) return refuse("FLOW-2105-400", "The header x-sandbox-name is missing");
  if (!world.has_sandbox(*name)) {
    return refuse("FLOW-2100-404", fmt::format("The sandbox {} was not found", *name));
  }
  if (call.header("x-sandbox-id")) {
    return refuse("FLOW-2110-400", "The header x-sandbox-id is not allowed with this token");
  }
  call.sandbox = *name;
  return std::nullopt;
}

}  // namespace sluice::emulator
