#pragma once

// The values of a spec's outputs. They are read from the platform each time: the state keeps no
// inlet URL, since whoever has one may send data to it.

#include "run/remote.hpp"
#include "spec/spec.hpp"

#include <map>
#include <optional>
#include <string>

namespace sluice::cli {

struct OutputValue {
  std::optional<Json> value;  ///< nullopt while something that it refers to is not there.
  std::string missing;        ///< What is not there.
  std::string suspect;        ///< What in it is nothing to be printed bare; empty if all is well.
  bool sensitive = false;
};

using OutputValues = std::map<std::string, OutputValue>;

/// Reads the objects that the outputs refer to, each once. Throws Fatal when a read fails.
OutputValues read_outputs(run::Remote& remote, const State& state,
                          const std::map<std::string, spec::Output>& outputs);

/// One line an output; a sensitive value is only hinted at.
std::string outputs_text(const OutputValues& values);

/// A value as it is printed bare.
std::string bare(const Json& value);

}  // namespace sluice::cli
