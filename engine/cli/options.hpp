#pragma once

// What the command line asks for, as plain values with their defaults. Only `options.cpp` knows
// how flags are spelt.

#include "core/address.hpp"
#include "core/fatal.hpp"

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace sluice::cli {

struct CommonOptions {
  std::string spec;  ///< Empty: the only *.yaml in specs/.
  std::string state;
  std::string sandbox;
  std::string endpoint;
  std::string ims;
  std::string ca_file;
  std::string trace;
  std::string environment;             ///< Of the spec; empty: none.
  std::vector<std::string> variables;  ///< "name=value".
  std::vector<std::string> var_files;
  int parallelism = 0;       ///< 0: from 10 up to 64, as the platform bears it.
  int timeout_seconds = 60;  ///< For one call.
  double lock_timeout_seconds = 0;
  double settle_seconds = -1;  ///< Negative: SLUICE_SETTLE, else 45; `run_program` fills it in.
  bool local = false;
  bool json = false;
  bool no_color = false;
  bool quiet = false;
};

/// What a plan is about.
struct PlanSelection {
  bool destroy = false;
  bool refresh_only = false;
  bool refresh = true;
  bool allow_data_loss = false;
  bool allow_breaking = false;
  bool hold_old = false;
  std::vector<std::string> targets;
  std::vector<std::string> replace;
};

struct ValidateCommand {
  CommonOptions common;
};
struct PlanCommand {
  CommonOptions common;
  PlanSelection what;
  std::string out;
  bool detailed_exitcode = false;
};
/// `destroy` is this with `what.destroy` set.
struct ApplyCommand {
  CommonOptions common;
  PlanSelection what;
  std::string plan_file;
  bool yes = false;
  bool allow_duplicate_names = false;
  std::map<Address, std::string> adopt;  ///< Ids for creates whose answers were lost.
  /// Deletions that are too many; negative: 10 in CI, else any number goes.
  int max_deletes = -1;
};
/// The values of the spec's variables.
struct VarsCommand {
  CommonOptions common;
};
/// How two environments of the spec differ.
struct DiffCommand {
  CommonOptions common;
  std::string left;  ///< Names of environments.
  std::string right;
  bool detailed_exitcode = false;
};
/// What changed outside of the spec.
struct DriftCommand {
  CommonOptions common;
};
/// Flows into a spec and a state of their own.
struct AdoptCommand {
  CommonOptions common;
  std::vector<std::string> flows;  ///< Ids.
  bool all = false;
  bool with_dataset = false;  ///< The datasets are to be managed, too.
  bool with_schema = false;   ///< And their schemas.
  std::string name;           ///< Of the new spec; empty: after the only flow, else the sandbox.
  std::string out;            ///< Its file; empty: specs/<name>.yaml.
  bool yes = false;
};
/// An existing object for an address of the spec.
struct ImportCommand {
  CommonOptions common;
  std::string address;
  std::string id;
};
/// What the sandbox has that no state here owns.
struct DiscoverCommand {
  CommonOptions common;
};
/// What the flows carried.
struct RunsCommand {
  CommonOptions common;
  std::string pipeline;  ///< Empty: all.
  int limit = 10;        ///< Runs of a flow.
  int interval_seconds = 5;
  bool watch = false;
  bool fail_on_errors = false;
};
/// How each pipeline is.
struct StatusCommand {
  CommonOptions common;
};
struct ShowCommand {
  CommonOptions common;
  std::string plan_file;
};
struct StateCommand {
  enum class Verb { list, show, move, remove, recover };
  CommonOptions common;
  Verb verb = Verb::list;
  std::vector<std::string> addresses;
  std::map<Address, std::string> adopt;  ///< As of `apply`; for `recover`.
};
struct OutputCommand {
  CommonOptions common;
  std::string name;
};
struct UnlockCommand {
  CommonOptions common;
  std::string id;
};
struct EmulatorCommand {
  int port = 8080;
  int latency_ms = 0;  ///< Of each answer.
  bool quiet = false;
};
struct VersionCommand {};

/// Nothing to run: `text` is the help that was asked for.
struct Help {
  std::string text;
};

using Command = std::variant<ValidateCommand, VarsCommand, PlanCommand, ApplyCommand, DiffCommand,
                             DriftCommand, RunsCommand, StatusCommand, AdoptCommand, ImportCommand,
                             DiscoverCommand, ShowCommand, StateCommand, OutputCommand,
                             UnlockCommand, EmulatorCommand, VersionCommand, Help>;

/// `arguments` begin behind the program's name. Throws Fatal(usage) for anything that it does not
/// understand, and for what this version does not do yet, by name.
Command parse_command_line(const std::vector<std::string>& arguments);

}  // namespace sluice::cli
