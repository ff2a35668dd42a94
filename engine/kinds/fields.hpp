#pragma once

// Small readers of JSON replies and fields, which take what is there and never throw.

#include "core/resource.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace sluice::kinds {

/// The value at a path of keys, or null.
const Json& at_path(const Json& value, std::initializer_list<const char*> path);

/// The text at a key, or empty.
std::string text_at(const Json& value, const char* key);

/// The id at a key, or empty where there is none or what is there cannot be one: the platform's are
/// hexadecimal, UUIDs, or the URIs of schemas.
std::string id_at(const Json& value, const char* key);
/// Whether this text can be an id of the platform.
bool is_id(std::string_view text);

/// The whole number at a key, also when the platform wrote it as text; else 0.
std::int64_t number_at(const Json& value, const char* key);

/// Puts a value into `fields` unless it is null.
void put(Fields& fields, const std::string& name, const Json& value);

/// The text of a field, or empty. A number, such as a version, is written in decimal.
std::string text_of(const Fields& fields, const std::string& name);

/// A call without headers and body.
http::Request request(const char* method, std::string target);

/// Percent-encodes all but letters, digits and "-._~".
std::string encode(std::string_view text);

/// The schema media type of this major version, as datasets, targets and mappings all must say it.
std::string schema_media_type(const std::string& version);

/// "1" out of "application/vnd.adobe.xed-full+json; version=1.0"; empty when there is none.
std::string schema_version(std::string_view media_type);

}  // namespace sluice::kinds
