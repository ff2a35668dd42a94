#pragma once

// Why Schema Registry refuses a schema, a field group or a change of one.

#include "emulator/call.hpp"
#include "emulator/reply.hpp"
#include "emulator/world.hpp"

#include <string>

namespace sluice::emulator {

/// The Accept header of a list, which names no version, or of a lookup, which names version 1.
Refusal check_accept(const Call& call, bool is_list);

/// A schema or field group as a whole, keys that the platform sets aside. `id` is its own `$id`, or
/// empty for a new one.
Refusal check_resource(World& world, const Call& call, const std::string& collection,
                       const Json& body, const std::string& id);

/// A change of what is in use: by a dataset, or by Profile, it may only grow.
Refusal check_change(World& world, const Call& call, const std::string& collection,
                     const Record& record, const Json& after);
Refusal check_deletion(World& world, const Call& call, const std::string& collection,
                       const Record& record);

/// Whether Profile uses the schema.
bool is_union(const Json& schema);
/// Whether a field of the schema is its primary identity.
bool has_primary_identity(World& world, const std::string& sandbox, const std::string& schema_id);

}  // namespace sluice::emulator
