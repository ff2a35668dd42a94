#include "kinds/kind.hpp"

#include <cassert>

namespace sluice::kinds {

namespace {

// Ids of the platform's catalogue of sources; they are the same in every organisation.
constexpr const char* kStreamingProvider = "521eee4d-8cbe-4906-bb48-fb6bd4450033";
constexpr const char* kCustomerIo = "96479064-7b8a-4d69-b9ed-21c5683837ea";
constexpr const char* kDataLake = "c604ff05-7f1a-43c0-8e18-33bf874cb11c";
constexpr const char* kGenericStreaming = "e77fde5a-22a8-11ed-861d-0242ac120002";

/// The recipe that every webhook source shares: no account, JSON, into the data lake.
ConnectorPreset webhook(const std::string& name, const std::string& connection_spec) {
  ConnectorPreset preset;
  preset.name = name;
  if (!connection_spec.empty()) {
    preset.source = {{"connection_spec.id", connection_spec},
                     {"connection_spec.version", "1.0"},
                     {"provider_id", kStreamingProvider},
                     {"format", "json"}};
  } else {
    preset.source = {{"format", "json"}};
  }
  preset.target = {
      {"connection_spec.id", kDataLake}, {"connection_spec.version", "1.0"}, {"format", "json"}};
  preset.flow = {{"flow_spec.id", kGenericStreaming}, {"flow_spec.version", "1.0"}};
  return preset;
}

}  // namespace

Registry::Registry() {
  for (Kind kind : {source_connection(), target_connection(), mapping_set(), flow()}) {
    catalogue_.kinds[kind.rules.kind] = kind.rules;
    const std::string name = kind.rules.kind;
    kinds_.emplace(name, std::move(kind));
  }
  // The nameless preset is for sources that are described in full.
  catalogue_.presets = {webhook("", ""), webhook("customer.io", kCustomerIo)};
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
