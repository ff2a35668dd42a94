#pragma once

// What ends a command. Thrown at the edges (spec, store, run, cli), caught in one place, `main`.

#include "core/diagnostics.hpp"

#include <exception>
#include <string>
#include <vector>

namespace sluice {

/// The exit codes of every command; docs/cli.md lists them for users.
enum class ExitCode {
  done = 0,
  failed = 1,
  changes = 2,        ///< Drift; changes or differences, where --detailed-exitcode asks for it.
  locked = 3,         ///< Another run holds the state.
  conflict = 4,       ///< The platform or the state moved on since the plan.
  credentials = 5,    ///< Missing or rejected.
  state_damaged = 6,  ///< The state cannot be trusted, or cannot be saved.
  usage = 64,
  invalid_spec = 65,
  hung_up = 129,      ///< SIGHUP: the terminal is gone.
  interrupted = 130,  ///< SIGINT.
  terminated = 143,   ///< SIGTERM.
};

/// The command cannot go on. The diagnostics, one at least, say why and what to do.
class Fatal : public std::exception {
 public:
  Fatal(ExitCode code, std::string summary, std::string detail = {})
      : Fatal(code, std::vector<Diagnostic>{
                        {Severity::error, {}, std::move(summary), std::move(detail), {}}}) {}
  Fatal(ExitCode code, std::vector<Diagnostic> diagnostics)
      : code_(code), diagnostics_(std::move(diagnostics)) {}

  ExitCode code() const { return code_; }
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  const Diagnostic& diagnostic() const { return diagnostics_.front(); }
  const char* what() const noexcept override { return diagnostic().summary.c_str(); }

 private:
  ExitCode code_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace sluice
