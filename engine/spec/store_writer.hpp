#pragma once

// The sections `schemas` and `datasets` of a spec that is written for others.

#include "core/resource.hpp"

#include <yaml-cpp/emitter.h>

#include <string>
#include <vector>

namespace sluice::spec {

/// The text of both sections, with an empty line after each; empty without resources. A schema's
/// fields, identities and profile stand with it, as the language has them: those of the resources
/// whose addresses are parts of it. Asserts that fields have a type that the language knows.
std::string stores_text(const std::vector<Resource>& resources);

/// Whether the language has words for all of a schema's fields, as a field group holds them.
bool can_be_written(const Json& properties);

/// `key: ${datasets.events}` for a reference to a resource's id.
void put_reference(YAML::Emitter& out, const char* key, const Json& reference);

}  // namespace sluice::spec
