#pragma once

// Plans, states and messages as text for people. Data in, strings out: nothing here prints, and the
// same data gives the same bytes.

#include "core/diagnostics.hpp"
#include "core/plan.hpp"
#include "core/resource.hpp"

#include <string>
#include <vector>

namespace sluice::report {

struct Style {
  bool colour = false;
};

/// "<file>:<line>:<column>: error: <summary>", the excerpt with a caret under it, then the detail,
/// indented. A column counts bytes. Several are parted by empty lines. Every text ends with a line
/// end, and no line with a space.
std::string diagnostic_text(const Diagnostic& diagnostic, const Style& style);
std::string diagnostics_text(const Diagnostics& diagnostics, const Style& style);

/// The plan: drift first, told apart from the changes; then each step that does something with its
/// symbol, its reason and `old -> new` for each field; what must be looked to (an inlet URL that
/// will change, same-named objects); the summary line last. A plan without changes says so
/// instead.
std::string plan_text(const Plan& plan, const Style& style);

/// Whether a plan that only refreshes found anything that is not as the state remembers it.
bool has_drift(const Plan& plan);

/// What such a plan found: fields that others changed, objects that others deleted, and a summary
/// line.
std::string drift_text(const Plan& plan, const Style& style);

/// `sluice import ADDR ID`, as a shell takes it, for the first of the objects that have the name.
std::string import_command(const NameClash& clash);

/// The clashes of which `import` can take over what is found: not those where the state has an
/// object at the address, which the plan replaces, and not those where a create was lost.
std::vector<const NameClash*> importable(const Plan& plan);

/// "Plan: 4 to create, 1 to update, 0 to replace, 0 to delete." (and ", 1 to forget" when any).
std::string summary_line(const Plan& plan);

/// The whole state for people, and one record of it.
std::string state_text(const State& state, const Style& style);
std::string record_text(const Record& record, const Style& style);

/// Escapes what must not reach a terminal or a CI log from somebody else's text: control and
/// invisible characters, marks that turn the direction of writing and bytes that are not UTF-8
/// become \xNN, a line end "\n"; a leading "::" and a "##[" or "##word[" (CI commands) are broken
/// up in the same way. The result is one line of valid UTF-8, and harmless text stays as it is.
std::string harmless(std::string_view text);

}  // namespace sluice::report
