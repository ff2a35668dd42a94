#pragma once

// The variables of a spec: what they may be and what they are in this run.

#include "spec/document.hpp"
#include "spec/spec.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::spec {

/// Where values may come from, besides the defaults that the spec declares.
struct ValueSources {
  const Entries& environment;                           ///< Of the environment that was chosen.
  const std::vector<std::optional<Node>>& value_files;  ///< A later one wins.
  const Options& options;
};

/// A text of the spec that becomes a variable's value: it holds no references, which would make the
/// order of variables matter. Reports what is wrong with it.
std::optional<std::string> declared_text(const Entry& entry, Messages& messages);

/// Reports a name that stands for no variable of the spec.
void check_declared(const Document& document, const Node& name, Messages& messages);

/// The value of each declared variable, from the strongest source that has one: the flag, the
/// process's environment, the files of values, the spec's environment, the default. A variable
/// without a valid value is reported and left out. No message shows a sensitive one's value.
std::map<std::string, VariableValue> read_variables(const Document& document,
                                                    const ValueSources& sources,
                                                    Messages& messages);

}  // namespace sluice::spec
