#pragma once

// The name of a resource inside a spec and a state. It is not an id of the platform.

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// `pipelines.events.flow`, `pipelines.events["brand-a"].flow`, `datasets.events`, or what belongs
/// to a schema: `schemas.events.fields`, `schemas.events["person.email"].identity` and
/// `schemas.events.profile`. Ordered field by field, so that the parts of a pipeline stand
/// together.
struct Address {
  std::string section;   ///< "pipelines", "schemas", "datasets" or "accounts".
  std::string key;       ///< The key that the spec gives it: [a-z][a-z0-9_-]*.
  std::string instance;  ///< The `for_each` key, the path of an identity's field, or empty.
  std::string part;      ///< "source", "flow" in a pipeline, "fields" in a schema; else empty.

  auto operator<=>(const Address&) const = default;

  std::string text() const;

  /// nullopt when `text` is not an address. A pipeline without a part is not one.
  static std::optional<Address> parse(std::string_view text);
};

/// True for the keys that a spec may give to its sections' entries.
bool is_key(std::string_view text);

}  // namespace sluice
