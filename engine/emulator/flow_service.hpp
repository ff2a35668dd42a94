#pragma once

// What the parts of Flow Service share: checks of bodies, how an object is shown, and the check of
// a flow's mapping, which creation and PATCH both make.

#include "core/json.hpp"
#include "emulator/call.hpp"
#include "emulator/reply.hpp"
#include "emulator/world.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::emulator {

/// A mandatory field is not there, by the connectors' error table.
inline constexpr std::string_view kMissingField = "CONNECTOR-1304-400";

/// `object[key]` must be a text that is not empty; when absent, only `required` refuses.
Refusal check_text(const Call& call, const Json& object, std::string_view key, bool required);
/// `object[key]` must be a JSON object.
Refusal check_object(const Call& call, const Json& object, std::string_view key);
/// `object[key]` must be `{"id", "version": "1.0"}`.
Refusal check_spec_reference(const Call& call, const Json& object, std::string_view key);
/// `body.connectionSpec` must name one that there is, which goes into `spec`.
Refusal read_connection_spec(const Call& call, const Json& body, Json& spec);

/// The fields that every object of Flow Service has, for a new one.
Record new_object(World& world, const Call& call, const Json& body);
/// `{"id", "etag"}`.
Json id_and_etag(const Record& record);
/// The object as GET tells of it, by the switches.
Json shown(const World& world, const std::string& collection, const Record& record);
http::Response unknown_id(const Call& call, const std::string& id);
/// What an access label does to a call for one object: a read finds nothing, and a change is
/// forbidden, whatever it is.
Refusal check_label(World& world, const Call& call);

/// Whether two media types name the same schema version: blanks do not count, and `1` is `1.0`.
bool is_same_version(const std::string& one, const std::string& other);

/// Checks one element of a flow's `transformations` against the flow's target.
Refusal check_transformation(World& world, const Call& call, const Json& element,
                             const Record& target);

}  // namespace sluice::emulator
