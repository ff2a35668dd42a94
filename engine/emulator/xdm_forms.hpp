#pragma once

// The forms of Schema Registry's resources: what the platform adds to what was sent, and which
// fields a resource has. It refuses nothing.

#include "core/json.hpp"
#include "emulator/world.hpp"

#include <map>
#include <string>
#include <vector>

namespace sluice::emulator {

inline constexpr const char* kExperienceEvent = "https://ns.adobe.com/xdm/context/experienceevent";
inline constexpr const char* kProfile = "https://ns.adobe.com/xdm/context/profile";

/// The standard classes, as the global container tells of them.
std::vector<Json> standard_classes();
/// By `$id` or `meta:altId`; null when there is none.
Json find_class(const std::string& id);

/// In the tenant container, by `meta:altId` or `$id`; null when there is none.
Record* find_resource(World& world, const std::string& sandbox, const std::string& collection,
                      const std::string& id);
/// What a schema may extend, by its `$id`: a standard class or a field group. Null when there is
/// none.
Json find_extended(World& world, const std::string& sandbox, const std::string& id);

/// The identity of a new resource: `$id`, `meta:altId` and what never changes.
void name_resource(Json& body, const std::string& collection, const std::string& hash,
                   const World& world, const std::string& sandbox);
/// Works out anew what depends on the fields that people set. May be repeated.
void decorate_schema(Json& schema);
void decorate_field_group(Json& group);
/// Who changed it when: the minor version goes up, unless it is new.
void stamp(World& world, Json& body, Millis now, const std::string& who);

/// JSON pointers without `properties`, as descriptors use them, and the type of each field.
using FieldTypes = std::map<std::string, std::string>;
FieldTypes fields_of_group(const Json& group);
FieldTypes fields_of_schema(World& world, const std::string& sandbox, const Json& schema);
/// The schema's `properties` with all that it is composed of.
Json resolved_properties(World& world, const std::string& sandbox, const Json& resource);

/// The `$ref`s in `allOf`, in order.
std::vector<std::string> references_of(const Json& resource);

}  // namespace sluice::emulator
