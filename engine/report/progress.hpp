#pragma once

// What happens during an apply, as lines: for a terminal, for a pipe, and as JSON.

#include "report/text.hpp"

#include <string>

namespace sluice::report {

/// One event of a step, or of the run as a whole when `address` is empty.
struct ProgressEvent {
  enum class Kind { started, waiting, done, failed, skipped, kept };
  Kind kind = Kind::started;
  std::string address;
  std::string action;  ///< As `action_name` says; "delete" for a replaced object.
  std::string detail;
  std::string advice;
  std::int64_t elapsed_ms = 0;
};

/// "pipelines.events.flow: creating...", "pipelines.events.flow: created in 2.1s (id ...)", where
/// the detail stands in the parentheses; behind a colon when the step did not succeed. Elapsed
/// times are rounded to tenths and left out under a tenth of a second. Advice follows on a line of
/// its own, indented. Without a line end. An event without an address is its detail.
std::string progress_line(const ProgressEvent& event, const Style& style);

/// {"format_version": 1, "event": "done", "address": ..., ...}, without a line end.
std::string progress_json(const ProgressEvent& event);

}  // namespace sluice::report
