#pragma once

// The variables of a spec: what they may be and what they are in this run.

#include "spec/document.hpp"
#include "spec/spec.hpp"

#include <map>
#include <string>

namespace sluice::spec {

/// The value of each declared variable: the flag's, else the environment's, else its default.
/// `pattern` must match the whole value. A variable without a valid value is reported and left out.
std::map<std::string, VariableValue> read_variables(const Document& document,
                                                    const Options& options, Messages& messages);

}  // namespace sluice::spec
