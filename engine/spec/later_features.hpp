#pragma once

// The words of the full language that this version refuses by name, so that nobody takes them for
// misspellings.

#include <optional>
#include <string>
#include <string_view>

namespace sluice::spec {

/// What to do instead of the feature that `key` stands for in a map of the language; nullopt when
/// it stands for none there.
std::optional<std::string> instead_of_feature(std::string_view what, std::string_view key);

/// The same for the first word of a reference.
std::optional<std::string> instead_of_reference(std::string_view root);

/// "`for_each` is not in this version of sluice".
std::string not_in_this_version(std::string_view feature);

}  // namespace sluice::spec
