#pragma once

// The flags that several commands share, each spelt in one place. Nobody but the command line's
// parser includes this.

#include "cli/options.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace sluice::cli {

/// The numbers that a flag takes. A help names them in words, if at all.
CLI::Validator between(int least, int most);

/// A flag that takes a time such as 90s, 2m or 500ms, into seconds.
void add_seconds(CLI::App& app, const std::string& flag, double& into, const std::string& help);

void add_lock_timeout(CLI::App& app, CommonOptions& options);

/// Where the spec is and what its variables are.
void add_spec(CLI::App& app, CommonOptions& options);

/// That, and where the state and the platform are.
void add_place(CLI::App& app, CommonOptions& options);

void add_network(CLI::App& app, CommonOptions& options);
void add_json(CLI::App& app, CommonOptions& options);
void add_data_loss(CLI::App& app, PlanSelection& what);

/// What a plan is about, and what it may do.
void add_selection(CLI::App& app, PlanSelection& what);

/// Of a command that asks the platform and writes the state.
void add_writing(CLI::App& app, CommonOptions& options);

/// How long lost creates are looked for, and which objects they made.
void add_settling(CLI::App& app, CommonOptions& options, std::map<Address, std::string>& adopt);

/// What apply and destroy have in common.
void add_apply(CLI::App& app, ApplyCommand& command);

}  // namespace sluice::cli
