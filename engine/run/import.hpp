#pragma once

// Gives an address of a spec an object that exists already. Sends nothing but GETs and writes no
// file.

#include "run/remote.hpp"

#include <string>

namespace sluice::run {

/// The record of object `id` for this resource, with what the platform says now as its inputs, so
/// that a plan shows what differs from the spec. Throws Fatal when there is no such object, when it
/// is of another kind, or when it cannot be read.
Record import_object(Remote& remote, const kinds::Registry& registry, const Resource& resource,
                     const std::string& id);

}  // namespace sluice::run
