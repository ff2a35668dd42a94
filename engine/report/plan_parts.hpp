#pragma once

// The parts of a plan's text, kept apart by what they show. Nobody outside of report/ includes
// this.

#include "core/compare.hpp"
#include "core/plan.hpp"
#include "report/text.hpp"

#include <string>

namespace sluice::report {

/// Why a step is there, in a few plain words: "new in the spec".
std::string reason_text(const Plan& plan, const Step& step);

/// What becomes of a drifted field: "apply puts it back".
std::string drift_fate(const Plan& plan, const Drift& drift);

/// Every field of an object that is made, the mapping's rows one a line.
std::string created_fields(const Fields& fields);

/// One field that changes, with its symbol and marks; over several lines when one is too narrow.
std::string change_lines(const Step& step, const Change& change, const Style& style);

/// One field that two sides have differently; a side that is null is left out.
std::string difference_lines(const FieldDifference& difference, const Style& style);

/// Whether a plan goes on to say what becomes of a drifted field.
enum class DriftFate { told, untold };

/// Every field that somebody else changed, by object; empty when there is none.
std::string drifted_fields(const Plan& plan, DriftFate fate, const Style& style);

/// One field that is not as recorded, with what becomes of it if that is not empty.
std::string drift_lines(const Drift& drift, const std::string& fate, const Style& style);

}  // namespace sluice::report
