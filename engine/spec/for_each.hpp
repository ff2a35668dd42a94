#pragma once

// `for_each:` of a pipeline - the instances that it stands for and what `${each...}` is in each.

#include "spec/document.hpp"

#include <map>
#include <string>
#include <string_view>

namespace sluice::spec {

class Interpolator;

struct Instance {
  std::string key;
  /// What `each.value.PATH` stands for, by path. `each.value` itself has the empty path, and is
  /// missing when the value is a map.
  std::map<std::string, std::string, std::less<>> values;
};

/// By key.
using Instances = std::map<std::string, Instance, std::less<>>;

/// By the pipeline's key; a pipeline without `for_each` is not in it.
using InstancesOf = std::map<std::string, Instances, std::less<>>;

/// The instances of all pipelines. What is wrong is reported and left out. The values may use
/// variables, which `interpolator` knows, and nothing else.
InstancesOf read_for_each(const Document& document, const Interpolator& interpolator,
                          Messages& messages);

}  // namespace sluice::spec
