#pragma once

// What a sandbox holds, and which of it belongs to nobody's state. Sends nothing but GETs.

#include "core/resource.hpp"
#include "run/remote.hpp"

#include <map>
#include <string>
#include <vector>

namespace sluice::run {

/// Objects by kind; those of a kind in order of creation.
using Objects = std::map<std::string, std::vector<Observed>>;

/// Who owns an object, by its id: "pipelines.events.flow of state/customerio.json".
using Owners = std::map<std::string, std::string>;

/// Everything of these kinds, as the lists tell of it. Throws Fatal when a list fails.
Objects list_sandbox(Remote& remote, const std::vector<std::string>& kinds);

/// The same for kinds that can be done without: adds to `objects` what could be listed, and returns
/// why the rest could not. Throws Fatal when the credentials are rejected.
std::map<std::string, Trouble> add_listed(Remote& remote, const std::vector<std::string>& kinds,
                                          Objects& objects);

/// The ids that flows name, each with the flows that name it. `flows` may be of anybody.
std::map<std::string, std::vector<std::string>> users_of(const std::vector<Observed>& flows);

/// What nobody owns. Connections and mapping sets count only where no flow uses them, be it owned
/// or not, since a flow tells of its own. A kind of which nothing is left has an empty list.
Objects unowned(Objects all, const Owners& owners);

}  // namespace sluice::run
