#pragma once

// `environments:` - the values of variables that belong together, chosen by name from outside.

#include "spec/document.hpp"
#include "spec/spec.hpp"

#include <string>

namespace sluice::spec {

struct ChosenEnvironment {
  Environment environment;
  Entries variables;  ///< Its values, which look into the document's nodes.
};

/// Checks every environment and answers the one called `name`; an empty name chooses none.
ChosenEnvironment read_environments(const Document& document, const std::string& name,
                                    Messages& messages);

}  // namespace sluice::spec
