#include "core/value.hpp"

#include <algorithm>
#include <cassert>

namespace sluice {

namespace {

constexpr const char* kReferenceKey = "$ref";
constexpr const char* kJoinKey = "$join";
constexpr const char* kSecretKey = "$secret";

bool has_only_key(const Json& value, const char* key) {
  return value.is_object() && value.size() == 1 && value.contains(key);
}

/// A mapping may have a single row for a destination that is called "$join"; that is none.
bool is_join(const Json& value) {
  return has_only_key(value, kJoinKey) && value.at(kJoinKey).is_array();
}

void collect(const Json& value, std::vector<Reference>& found) {
  if (const auto reference = as_reference(value)) {
    found.push_back(*reference);
    return;
  }
  if (!value.is_structured()) return;
  for (const Json& item : value)
    collect(item, found);
}

std::string as_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::optional<Json> resolve_join(const Json& parts, const Lookup& lookup) {
  std::string text;
  for (const Json& part : parts) {
    const std::optional<Json> known = resolve(part, lookup);
    if (!known) return std::nullopt;
    text += as_text(*known);
  }
  return Json(std::move(text));
}

}  // namespace

std::optional<Reference> Reference::parse(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::optional<Address> address = Address::parse(text.substr(0, dot));
  const std::string_view attribute = text.substr(dot + 1);
  if (!address || !is_key(attribute)) return std::nullopt;
  return Reference{*address, std::string(attribute)};
}

Json reference_value(const Reference& reference) {
  return {{kReferenceKey, reference.text()}};
}

std::optional<Reference> as_reference(const Json& value) {
  if (!has_only_key(value, kReferenceKey)) return std::nullopt;
  const Json& text = value.at(kReferenceKey);
  if (!text.is_string()) return std::nullopt;
  return Reference::parse(text.get_ref<const std::string&>());
}

std::optional<std::string> as_secret(const Json& value) {
  if (!has_only_key(value, kSecretKey) || !value.at(kSecretKey).is_string()) return std::nullopt;
  return value.at(kSecretKey).get<std::string>();
}

std::set<std::string> secrets_in(const Json& value) {
  if (const auto name = as_secret(value)) return {*name};
  std::set<std::string> found;
  if (!value.is_structured()) return found;
  for (const Json& item : value)
    found.merge(secrets_in(item));
  return found;
}

Json with_secrets(const Json& value, const std::map<std::string, std::string>& secrets) {
  if (const auto name = as_secret(value)) {
    const auto secret = secrets.find(*name);
    assert(secret != secrets.end());
    return secret->second;
  }
  if (!value.is_structured()) return value;
  Json result = value;
  for (Json& item : result)
    item = with_secrets(item, secrets);
  return result;
}

std::vector<Reference> references_in(const Json& value) {
  std::vector<Reference> found;
  collect(value, found);
  return found;
}

bool may_refer(const Json& value) {
  if (!value.is_structured()) return false;
  return has_only_key(value, kReferenceKey) || is_join(value) ||
         std::any_of(value.begin(), value.end(), may_refer);
}

std::optional<Json> resolve(const Json& value, const Lookup& lookup) {
  // Most values are copied as a whole, which is cheaper than piece by piece.
  if (!may_refer(value)) return value;
  if (const auto reference = as_reference(value)) return lookup(*reference);
  if (is_join(value)) return resolve_join(value.at(kJoinKey), lookup);
  Json result = value;
  for (Json& item : result) {
    std::optional<Json> known = resolve(item, lookup);
    if (!known) return std::nullopt;
    item = std::move(*known);
  }
  return result;
}

}  // namespace sluice
