#include "emulator/routes.hpp"

#include "emulator/flow_service.hpp"
#include "emulator/gateway.hpp"
#include "emulator/services.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace sluice::emulator {

namespace {

http::Response answer_not_yet(World& /*world*/, const Call& call) {
  return not_yet(call);
}

struct Route {
  std::string_view method;
  std::string_view pattern;  // "{}" stands for one segment that is not empty.
  http::Response (*handler)(World&, const Call&);
};

// Those that stand before the gateway's checks.
constexpr std::array kOpenRoutes = {
    Route{"POST", "/ims/token/v3", give_token},
    Route{"POST", "/collection/batch/{}", answer_not_yet},
    Route{"POST", "/collection/{}", receive_event},
};

// Below /data/foundation.
constexpr std::array kRoutes = {
    Route{"GET", "/flowservice/sourceConnections", list_objects},
    Route{"POST", "/flowservice/sourceConnections", create_source},
    Route{"GET", "/flowservice/sourceConnections/{}", get_object},
    Route{"PATCH", "/flowservice/sourceConnections/{}", patch_object},
    Route{"DELETE", "/flowservice/sourceConnections/{}", delete_connection},
    Route{"POST", "/flowservice/sourceConnections/{}/action", answer_not_yet},
    Route{"GET", "/flowservice/targetConnections", list_objects},
    Route{"POST", "/flowservice/targetConnections", create_target},
    Route{"GET", "/flowservice/targetConnections/{}", get_object},
    Route{"PATCH", "/flowservice/targetConnections/{}", patch_object},
    Route{"DELETE", "/flowservice/targetConnections/{}", delete_connection},
    Route{"POST", "/flowservice/targetConnections/{}/action", answer_not_yet},
    Route{"GET", "/flowservice/flows", list_objects},
    Route{"POST", "/flowservice/flows", create_flow},
    Route{"POST", "/flowservice/flows/search", answer_not_yet},
    Route{"GET", "/flowservice/flows/{}", get_object},
    Route{"PATCH", "/flowservice/flows/{}", patch_object},
    Route{"DELETE", "/flowservice/flows/{}", delete_flow},
    Route{"POST", "/flowservice/flows/{}/action", act_on_flow},
    Route{"GET", "/flowservice/runs", list_objects},
    Route{"POST", "/flowservice/runs", answer_not_yet},
    Route{"GET", "/flowservice/runs/{}", get_object},
    Route{"GET", "/flowservice/connectionSpecs", list_specs},
    Route{"GET", "/flowservice/connectionSpecs/{}", get_spec},
    Route{"GET", "/flowservice/flowSpecs", list_specs},
    Route{"GET", "/flowservice/flowSpecs/{}", get_spec},
    Route{"POST", "/flowservice/flowSpecs/search", answer_not_yet},
    Route{"GET", "/flowservice/connections", list_objects},
    Route{"POST", "/flowservice/connections", create_account},
    Route{"POST", "/flowservice/connections/search", answer_not_yet},
    Route{"GET", "/flowservice/connections/{}", get_object},
    Route{"PATCH", "/flowservice/connections/{}", patch_object},
    Route{"DELETE", "/flowservice/connections/{}", delete_account},
    Route{"GET", "/flowservice/connections/{}/test", test_account},
    Route{"POST", "/flowservice/connections/{}/action", answer_not_yet},

    Route{"POST", "/conversion/mappingSets", create_mapping_set},
    Route{"GET", "/conversion/mappingSets", list_mapping_sets},
    Route{"POST", "/conversion/mappingSets/validate", answer_not_yet},
    Route{"POST", "/conversion/mappingSets/preview", answer_not_yet},
    Route{"GET", "/conversion/mappingSets/{}", get_mapping_set},
    Route{"PUT", "/conversion/mappingSets/{}", replace_mapping_set},
    Route{"DELETE", "/conversion/mappingSets/{}", delete_mapping_set},
    Route{"GET", "/conversion/mappingSets/{}/mappings", answer_not_yet},
    Route{"GET", "/conversion/mappingSets/{}/mappings/{}", answer_not_yet},
    Route{"POST", "/conversion/languages/el/validate", answer_not_yet},

    Route{"GET", "/schemaregistry/stats", get_stats},
    Route{"GET", "/schemaregistry/tenant/schemas", list_resources},
    Route{"POST", "/schemaregistry/tenant/schemas", create_resource},
    Route{"GET", "/schemaregistry/tenant/schemas/{}", get_resource},
    Route{"PUT", "/schemaregistry/tenant/schemas/{}", replace_resource},
    Route{"PATCH", "/schemaregistry/tenant/schemas/{}", patch_resource},
    Route{"DELETE", "/schemaregistry/tenant/schemas/{}", delete_resource},
    Route{"GET", "/schemaregistry/tenant/fieldgroups", list_resources},
    Route{"POST", "/schemaregistry/tenant/fieldgroups", create_resource},
    Route{"GET", "/schemaregistry/tenant/fieldgroups/{}", get_resource},
    Route{"PUT", "/schemaregistry/tenant/fieldgroups/{}", replace_resource},
    Route{"PATCH", "/schemaregistry/tenant/fieldgroups/{}", patch_resource},
    Route{"DELETE", "/schemaregistry/tenant/fieldgroups/{}", delete_resource},
    Route{"GET", "/schemaregistry/tenant/mixins", list_resources},
    Route{"POST", "/schemaregistry/tenant/mixins", create_resource},
    Route{"GET", "/schemaregistry/tenant/mixins/{}", get_resource},
    Route{"PUT", "/schemaregistry/tenant/mixins/{}", replace_resource},
    Route{"PATCH", "/schemaregistry/tenant/mixins/{}", patch_resource},
    Route{"DELETE", "/schemaregistry/tenant/mixins/{}", delete_resource},
    Route{"GET", "/schemaregistry/tenant/descriptors", list_descriptors},
    Route{"POST", "/schemaregistry/tenant/descriptors", create_descriptor},
    Route{"GET", "/schemaregistry/tenant/descriptors/{}", get_descriptor},
    Route{"PUT", "/schemaregistry/tenant/descriptors/{}", replace_descriptor},
    Route{"DELETE", "/schemaregistry/tenant/descriptors/{}", delete_descriptor},
    Route{"GET", "/schemaregistry/tenant/unions", list_unions},
    Route{"GET", "/schemaregistry/tenant/unions/{}", get_union},
    Route{"GET", "/schemaregistry/global/classes", list_resources},
    Route{"GET", "/schemaregistry/global/classes/{}", get_resource},
    Route{"GET", "/schemaregistry/{}/{}", answer_not_yet},
    Route{"POST", "/schemaregistry/tenant/{}", answer_not_yet},
    Route{"GET", "/schemaregistry/{}/{}/{}", answer_not_yet},
    Route{"PUT", "/schemaregistry/tenant/{}/{}", answer_not_yet},
    Route{"PATCH", "/schemaregistry/tenant/{}/{}", answer_not_yet},
    Route{"DELETE", "/schemaregistry/tenant/{}/{}", answer_not_yet},

    Route{"GET", "/catalog/dataSets", list_data_sets},
    Route{"POST", "/catalog/dataSets", create_data_set},
    Route{"GET", "/catalog/dataSets/{}", get_data_set},
    Route{"PUT", "/catalog/dataSets/{}", answer_not_yet},
    Route{"PATCH", "/catalog/dataSets/{}", patch_data_set},
    Route{"DELETE", "/catalog/dataSets/{}", delete_data_set},
    Route{"PATCH", "/catalog/v2/dataSets/{}", merge_data_set},

    Route{"GET", "/sandbox-management/sandboxes/{}", get_sandbox},
};

// The segments that stand for the pattern's placeholders; nullopt when it does not fit.
std::optional<std::vector<std::string>> fit(std::string_view pattern,
                                            const std::vector<std::string>& segments) {
  std::vector<std::string> captures;
  std::size_t at = 0;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::string_view part = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(part.size());
    if (at == segments.size()) return std::nullopt;
    const std::string& segment = segments[at++];
    if (part == "{}" && !segment.empty()) {
      captures.push_back(segment);
    } else if (part != segment) {
      return std::nullopt;
    }
  }
  if (at != segments.size()) return std::nullopt;
  return captures;
}

// The first route that fits path and method; without one, 404 or 405.
template <std::size_t size>
http::Response follow(const std::array<Route, size>& routes, World& world, Call& call,
                      const std::vector<std::string>& segments) {
  bool is_known_path = false;
  for (const Route& route : routes) {
    auto captures = fit(route.pattern, segments);
    if (!captures) continue;
    is_known_path = true;
    if (route.method != call.method) continue;
    call.captures = std::move(*captures);
    if (const Refusal refusal = check_label(world, call)) return *refusal;
    return route.handler(world, call);
  }
  if (is_known_path) {
    return service_error(call, 405, fmt::format("{} is not allowed here", call.method));
  }
  return service_error(call, 404, fmt::format("There is nothing at {}", call.path));
}

}  // namespace

http::Response dispatch(World& world, Call& call) {
  const std::string& first = call.segments.empty() ? call.path : call.segments.front();
  const bool is_open = first == "ims" || first == "collection";
  if (!is_open) {
    if (const Refusal refusal = check_gateway(world, call)) return *refusal;
    if (const Refusal refusal = check_sandbox(world, call)) return *refusal;
  }
  if (!call.well_formed) return service_error(call, 400, "The path or query has a bad escape");
  if (is_open) return follow(kOpenRoutes, world, call, call.segments);
  const std::string_view prefix = "/data/foundation/";
  if (!call.path.starts_with(prefix)) {
    return service_error(call, 404, fmt::format("There is nothing at {}", call.path));
  }
  const std::vector<std::string> below(call.segments.begin() + 2, call.segments.end());
  return follow(kRoutes, world, call, below);
}

}  // namespace sluice::emulator
