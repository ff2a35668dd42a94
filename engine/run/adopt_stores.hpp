#pragma once

// The datasets that found flows write to, and their schemas, for those who want them managed along
// with the pipelines. Sends nothing but GETs.

#include "run/adopt.hpp"

namespace sluice::run {

/// Reads the datasets of these flows' targets, and their schemas when `schemas` is set. What a
/// target of another flow names, too, or somebody owns, is left to be named by its id, with a note.
/// Throws Fatal when a read fails.
FoundStores walk_stores(Remote& remote, const std::vector<FoundFlow>& flows, const Owners& owners,
                        bool schemas);

/// The addresses that the stores are to have, and what is at each.
std::map<Address, const Observed*> store_objects(const FoundStores& stores);

/// Their resources, with references among them. `catalogue` tells the fields.
std::vector<Resource> store_resources(const FoundStores& stores, const Catalogue& catalogue);

}  // namespace sluice::run
