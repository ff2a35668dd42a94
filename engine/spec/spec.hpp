#pragma once

// YAML text to desired resources, with the place of everything in the text. Does not read files or
// the environment: both come in as values.

#include "core/diagnostics.hpp"
#include "core/kind_rules.hpp"
#include "core/resource.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::spec {

/// One file of a spec. `name` is how messages call it.
struct Source {
  std::string name;
  std::string text;
  /// No message shows a line of it. For what may never have been meant as a spec.
  bool is_private = false;
};

/// Where a variable's value came from, the strongest last.
enum class Origin {
  by_default,
  spec_environment,  ///< The `variables` of the environment that was chosen.
  var_file,
  environment,  ///< SLUICE_VAR_<name>.
  flag,
};

struct VariableValue {
  std::string text;
  Origin origin = Origin::by_default;
  bool sensitive = false;  ///< Never to be printed, nor kept in any form.
};

/// One entry of `environments`: the one that `--env` chose.
struct Environment {
  std::string name;  ///< Empty when none was chosen.
  bool protect = false;
};

struct Output {
  Json value;  ///< With references.
  bool sensitive = false;
  std::string description;
  SourcePos where;
};

/// One entry of `moved`. The addresses of a pipeline may be without a part: the pipeline as a
/// whole.
struct Move {
  std::string from;  ///< Not in the spec.
  std::string to;    ///< In the spec.
  SourcePos where;
};

/// One entry of `removed`: what the spec has no longer and the platform keeps.
struct Removal {
  std::string address;
  bool destroy = false;
  SourcePos where;
};

/// What the spec says of the place; empty where it says nothing.
struct PlatformPart {
  std::string endpoint;
  std::string ims;
  std::string sandbox;
};

struct Spec {
  std::string name;
  PlatformPart platform;
  std::vector<Resource> resources;  ///< By address.
  std::map<std::string, Output> outputs;
  std::map<std::string, VariableValue> variables;  ///< As they were used.
  Environment environment;
  /// By the name of the sensitive variable, for those that a `{"$secret": NAME}` stands for.
  std::map<std::string, std::string> secrets;
  std::vector<Move> moved;
  std::vector<Removal> removed;
};

struct Options {
  /// From `--var`; a name that the spec does not declare is an error.
  std::map<std::string, std::string> flags;
  /// From SLUICE_VAR_<name>; names that the spec does not declare are ignored.
  std::map<std::string, std::string> environment;
  /// YAML maps of names and values; a later file wins, and an undeclared name is an error.
  std::vector<Source> var_files = {};
  /// From `--env`; empty chooses none.
  std::string environment_name = {};
};

/// Reads one or more files that make up one spec. nullopt when there is an error; all errors of all
/// files are reported, not only the first. `catalogue` tells the fields and attributes of each part
/// and the connectors that there are.
std::optional<Spec> read_spec(const std::vector<Source>& sources, const Options& options,
                              const Catalogue& catalogue, Diagnostics& diagnostics);

}  // namespace sluice::spec
