#pragma once

// The body of a mapping set, in any of the dialects in which it may be sent, and as GET tells of
// it.

#include "core/json.hpp"
#include "emulator/call.hpp"
#include "emulator/reply.hpp"

namespace sluice::emulator {

/// What was sent, in one form whatever the dialect.
struct MappingSetBody {
  Json name;               ///< Null when there is none.
  Json schema_ref;         ///< {"id", "contentType"}
  std::vector<Json> rows;  ///< Both pairs of keys, `sourceType` as GET tells of it; no ids.
};

Refusal read_mapping_set(const Call& call, const Json& body, MappingSetBody& result);

}  // namespace sluice::emulator
