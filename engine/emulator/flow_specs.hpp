#pragma once

// The fixed catalogue of Flow Service: which connectors and which kinds of flow there are.

#include "core/json.hpp"

#include <string>
#include <vector>

namespace sluice::emulator {

inline constexpr const char* kDataLakeSpec = "c604ff05-7f1a-43c0-8e18-33bf874cb11c";
inline constexpr const char* kStreamingProvider = "521eee4d-8cbe-4906-bb48-fb6bd4450033";

/// As GET /connectionSpecs lists them.
const std::vector<Json>& connection_specs();
/// As GET /flowSpecs lists them.
const std::vector<Json>& flow_specs();

/// The one with this id; null when there is none.
Json find_spec(const std::vector<Json>& specs, const std::string& id);

/// Whether data can come from a connector without an account, as webhooks do.
bool is_webhook_source(const Json& connection_spec);

/// Whether `flow_spec` lets data come from that connector.
bool allows_source(const Json& flow_spec, const std::string& connection_spec_id);

}  // namespace sluice::emulator
