#pragma once

// Values of fields, in which a reference to something that is not known yet keeps its place.
//
// A field's value is a JSON scalar or object; `{"$ref": "pipelines.events.source.id"}` stands for
// an attribute of another resource and `{"$join": ["flow ", {"$ref": ...}]}` for a longer text with
// references in it. Variables are gone by now: the spec reader has put in their values.

#include "core/address.hpp"
#include "core/json.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// No value of fewer bytes is taken for a secret: it would stand in ordinary words, and could not
/// be taken out of messages.
inline constexpr std::size_t kSecretBytesMin = 4;

/// An attribute of a resource: `pipelines.events.flow` and `inlet_url`.
struct Reference {
  Address address;
  std::string attribute;

  auto operator<=>(const Reference&) const = default;

  std::string text() const { return address.text() + "." + attribute; }

  /// nullopt when `text` is not an address followed by a dot and an attribute's name.
  static std::optional<Reference> parse(std::string_view text);
};

Json reference_value(const Reference& reference);

/// The reference that `value` is as a whole, if it is one.
std::optional<Reference> as_reference(const Json& value);

/// The name of the secret that `value` stands for, if it is `{"$secret": NAME}`. Only what sends a
/// request knows the secret itself.
std::optional<std::string> as_secret(const Json& value);

/// Every secret's name inside `value`.
std::set<std::string> secrets_in(const Json& value);

/// `value` with the secrets put in; asserts that each is in `secrets`.
Json with_secrets(const Json& value, const std::map<std::string, std::string>& secrets);

/// Every reference inside `value`, in order of appearance.
std::vector<Reference> references_in(const Json& value);

/// Whether there may be references inside `value`. False is certain.
bool may_refer(const Json& value);

using Lookup = std::function<std::optional<Json>(const Reference&)>;

/// `value` with each reference replaced by what `lookup` knows. nullopt when one is not known yet.
/// Inside a longer text, a number is written in decimal.
std::optional<Json> resolve(const Json& value, const Lookup& lookup);

}  // namespace sluice
