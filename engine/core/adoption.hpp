#pragma once

// Pipelines that exist already, made by hand or by another program, on their way into a spec and a
// state. What is read, and how it gets there, is `run/`'s.

#include "core/resource.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A pipeline, dataset or schema as it was found, with what a state is to remember of it.
struct AdoptedPipeline {
  std::string key;
  std::vector<Record> records;     ///< By address: source, target, mapping and flow of a pipeline.
  std::vector<std::string> notes;  ///< What people should know of it, a sentence each.
  std::string section = "pipelines";
};

/// A flow that is left as it is. `why` is a clause: "it has no target connection".
struct LeftOut {
  std::string id;
  std::string name;  ///< Empty where nobody told.
  std::string why;
  bool is_managed = false;  ///< A state has it already, so that nothing is amiss.
};

/// A key, and the name of a spec, after what people called something: small letters, digits and
/// single `-` of `name`, at most 40 of them and a letter first; `otherwise`, which is a key, where
/// `name` has nothing of the kind.
std::string key_from(std::string_view name, const std::string& otherwise);

/// A key for each name, in their order. A later one of two that are alike gets a number.
std::vector<std::string> unique_keys(const std::vector<std::string>& names);

}  // namespace sluice
