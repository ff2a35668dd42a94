#pragma once

// The same as `text.hpp`, for programs. Every document is an object that has a "format_version",
// which changes when a key changes its meaning or goes; new keys may come without. A missing value
// is null, not an absent key.

#include "core/diagnostics.hpp"
#include "core/plan.hpp"
#include "core/resource.hpp"

namespace sluice::report {

/// The text of a document for a terminal or a log, which may obey what names and messages of the
/// platform hold: what `harmless` hides is escaped as JSON escapes it, so that the document stays
/// the same. With an indent of -1 it is one line.
std::string json_text(const Json& document, int indent = 2);

/// What `plan --json` prints: the plan file's document, in which what is empty is null, and
///
/// - "changes": whether apply would do anything;
/// - "summary": {"create", "update", "replace", "delete", "forget"}, as the summary line counts;
/// - "steps": in an order that apply could follow, no-ops and the old halves of replacements
///   ("deposed": true) included, each with "address", "action", "reason", "id", "name", "before",
///   "after" and "changes": [{"field", "before", "after", "cause", "forces_replacement"}];
/// - "drift": [{"address", "field", "recorded", "observed", "updated_by", "updated_at" in epoch
///   milliseconds, "deposed"}], the last being the object's id when it was replaced;
/// - "clashes": [{"address", "kind", "name", "ids"}]; apply refuses while there are any;
/// - "kept": [{"address", "kind", "name", "id", "because"}]: what stays though nobody wants it.
///
/// A value that is known only after apply is {"$ref": "<address>.<attribute>"}. It is not a plan
/// file: `apply` does not read it.
Json plan_document(const Plan& plan);

/// What `drift --json` prints: {"format_version", "drifted", "drift": as in `plan_document`,
/// "deleted": [{"address", "kind", "id", "name"}]}.
Json drift_document(const Plan& plan);

/// {"format_version", "lineage", "serial", "spec", "environment", "endpoint", "org", "sandbox",
/// "applied_plan", "applied_by", "resources": [...], "pending": [...]}; both lists are ordered, the
/// resources by address. "pending" holds the calls whose outcome is not known.
Json state_document(const State& state);

/// What `validate --json` prints: {"format_version", "valid", "diagnostics": [...]}, each with
/// "severity" ("error", "warning"), "summary", "detail", "file", "line", "column", "excerpt".
Json diagnostics_document(const Diagnostics& diagnostics);

}  // namespace sluice::report
