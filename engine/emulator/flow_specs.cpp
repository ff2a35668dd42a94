#include "emulator/flow_specs.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace sluice::emulator {

namespace {

constexpr const char* kHttpApiSpec = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb";
constexpr const char* kXdmFlowSpec = "d8a6f005-7eaf-4153-983e-e8574508b877";

// Those that the generic streaming flow takes.
constexpr std::array<std::pair<const char*, const char*>, 5> kWebhookSources = {{
    {"96479064-7b8a-4d69-b9ed-21c5683837ea", "customer-io"},
    {"6ff5654f-19d5-427d-bd3e-c0ebc802389a", "pendo"},
    {"073127a3-26e3-496c-9d94-9f48fb93fba8", "chatlio"},
    {"e77fd9d2-22a8-11ed-861d-0242ac120002", "generic-streaming"},
    {"232dfabe-27aa-41c0-a7cf-9961661dc68b", "lava"},
}};

Json connection_spec(std::string_view id, std::string_view name, bool needs_account) {
  Json auth = Json::array();
  if (needs_account) auth.push_back({{"name", "Streaming Connection"}, {"type", "Streaming"}});
  return {{"id", id},
          {"name", name},
          {"providerId", kStreamingProvider},
          {"version", "1.0"},
          {"type", id == kDataLakeSpec ? "platform" : "streaming"},
          {"authSpec", auth},
          {"attributes", Json::object()}};
}

Json option_spec() {
  const Json properties = {
      {"errorDiagnosticsEnabled", {{"type", "boolean"}, {"default", false}}},
      {"partialIngestionPercent", {{"type", "number"}, {"exclusiveMinimum", 0}}},
      {"inletUrl", {{"type", "string"}}}};
  return {{"name", "OptionSpec"}, {"spec", {{"type", "object"}, {"properties", properties}}}};
}

// A flow with an account is older: it cannot be updated, and tells of no runs.
Json flow_spec(std::string_view id, std::string_view name, const Json& sources, bool can_update) {
  const Json mapping = {{"mappingId", {{"type", "string"}}},
                        {"mappingVersion", {{"type", "string"}}}};
  const Json transformation = {{"name", "Mapping"},
                               {"spec", {{"type", "object"}, {"properties", mapping}}}};
  const Json features = {{"updateSupported", can_update}, {"flowRunsSupported", can_update}};
  return {{"id", id},
          {"name", name},
          {"providerId", kStreamingProvider},
          {"version", "1.0"},
          {"sourceConnectionSpecIds", sources},
          {"targetConnectionSpecIds", Json::array({kDataLakeSpec})},
          {"optionSpec", option_spec()},
          {"transformationSpecs", Json::array({transformation})},
          {"attributes",
           {{"isSourceFlow", true},
            {"frequency", "streaming"},
            {"uiAttributes", {{"apiFeatures", features}}}}}};
}

std::vector<Json> make_connection_specs() {
  std::vector<Json> specs;
  for (const auto& [id, name] : kWebhookSources)
    specs.push_back(connection_spec(id, name, false));
  specs.push_back(connection_spec(kHttpApiSpec, "streaming-http", true));
  specs.push_back(connection_spec(kDataLakeSpec, "data-lake", false));
  return specs;
}

std::vector<Json> make_flow_specs() {
  Json webhooks = Json::array();
  for (const auto& [id, name] : kWebhookSources)
    webhooks.push_back(id);
  Json xdm = flow_spec(kXdmFlowSpec, "HttpStreamingXdmToAEP", Json::array({kHttpApiSpec}), false);
  xdm["transformationSpecs"] = Json::array();
  return {flow_spec("e77fde5a-22a8-11ed-861d-0242ac120002", "GenericStreamingAEP", webhooks, true),
          flow_spec("c1a19761-d2c7-4702-b9fa-fe91f0613e81", "HttpStreamingRawToAEP",
                    Json::array({kHttpApiSpec}), false),
          std::move(xdm)};
}

}  // namespace

const std::vector<Json>& connection_specs() {
  static const std::vector<Json> specs = make_connection_specs();
  return specs;
}

const std::vector<Json>& flow_specs() {
  static const std::vector<Json> specs = make_flow_specs();
  return specs;
}

Json find_spec(const std::vector<Json>& specs, const std::string& id) {
  const auto found = std::find_if(specs.begin(), specs.end(),
                                  [&id](const Json& spec) { return spec["id"] == id; });
  return found == specs.end() ? Json() : *found;
}

bool is_webhook_source(const Json& connection_spec) {
  return connection_spec["id"] != kDataLakeSpec && connection_spec["authSpec"].empty();
}

bool allows_source(const Json& flow_spec, const std::string& connection_spec_id) {
  const Json& ids = flow_spec["sourceConnectionSpecIds"];
  return std::find(ids.begin(), ids.end(), connection_spec_id) != ids.end();
}

}  // namespace sluice::emulator
