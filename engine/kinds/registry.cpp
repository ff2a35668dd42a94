#include "kinds/flow_service.hpp"
#include "kinds/kind.hpp"

#include <array>
#include <cassert>

namespace sluice::kinds {

namespace {

// Ids of the platform's catalogue of sources; they are the same in every organisation.
constexpr const char* kStreamingProvider = "521eee4d-8cbe-4906-bb48-fb6bd4450033";

/// A webhook source of the catalogue: https://experienceleague.adobe.com, Sources, its API page.
struct Webhook {
  const char* name;
  const char* connection_spec;
  bool sends_provider;  // Whether the page of this source sends the provider's id.
};
constexpr std::array kWebhooks = {
    Webhook{"", "", false},  // For a source that is described in full.
    Webhook{"customer.io", "96479064-7b8a-4d69-b9ed-21c5683837ea", true},
    Webhook{"pendo", "6ff5654f-19d5-427d-bd3e-c0ebc802389a", true},
    Webhook{"chatlio", "073127a3-26e3-496c-9d94-9f48fb93fba8", true},
    Webhook{"shopify-streaming", "e77fd9d2-22a8-11ed-861d-0242ac120002", true},
    Webhook{"lava", "232dfabe-27aa-41c0-a7cf-9961661dc68b", false},
};
constexpr const char* kDataLake = "c604ff05-7f1a-43c0-8e18-33bf874cb11c";
constexpr const char* kGenericStreaming = "e77fde5a-22a8-11ed-861d-0242ac120002";

/// The recipe that every webhook source shares: no account, JSON, into the data lake.
ConnectorPreset preset_of(const Webhook& webhook) {
  ConnectorPreset preset;
  preset.name = webhook.name;
  preset.source["format"] = "json";
  if (!preset.name.empty()) {
    preset.source["connection_spec.id"] = webhook.connection_spec;
    preset.source["connection_spec.version"] = "1.0";
  }
  if (webhook.sends_provider) preset.source["provider_id"] = kStreamingProvider;
  preset.target = {
      {"connection_spec.id", kDataLake}, {"connection_spec.version", "1.0"}, {"format", "json"}};
  preset.flow = {{"flow_spec.id", kGenericStreaming}, {"flow_spec.version", "1.0"}};
  return preset;
}

/// The HTTP API's raw data, whose account holds the inlet and says what is sent to it.
ConnectorPreset http_api() {
  const Json spec = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb";
  ConnectorPreset preset;
  preset.name = "http-api";
  preset.account = {{"connection_spec.id", spec}, {"connection_spec.version", "1.0"}};
  preset.source = preset.account;
  preset.target = {{"connection_spec.id", kDataLake}, {"connection_spec.version", "1.0"}};
  preset.flow = {{"flow_spec.id", kHttpApiFlow}, {"flow_spec.version", "1.0"}};
  return preset;
}

/// The HTTP API's data in XDM, which needs no mapping.
ConnectorPreset http_api_xdm() {
  ConnectorPreset preset = http_api();
  preset.name = "http-api-xdm";
  preset.flow["flow_spec.id"] = "d8a6f005-7eaf-4153-983e-e8574508b877";
  preset.takes_mapping = false;
  return preset;
}

}  // namespace

Registry::Registry() {
  for (Kind kind : {account(), dataset(), field_group(), flow(), identity(), mapping_set(),
                    schema(), schema_profile(), source_connection(), target_connection()}) {
    catalogue_.kinds[kind.rules.kind] = kind.rules;
    const std::string name = kind.rules.kind;
    kinds_.emplace(name, std::move(kind));
  }
  for (const Webhook& webhook : kWebhooks)
    catalogue_.presets.push_back(preset_of(webhook));
  catalogue_.presets.push_back(http_api());
  catalogue_.presets.push_back(http_api_xdm());
}

const Kind& Registry::at(const std::string& kind) const {
  const auto found = kinds_.find(kind);
  assert(found != kinds_.end());
  return found->second;
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> result;
  for (const auto& [name, kind] : kinds_)
    result.push_back(name);
  return result;
}

}  // namespace sluice::kinds
