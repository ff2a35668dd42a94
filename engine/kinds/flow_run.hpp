#pragma once

// A flow run: what became of the data that a flow took in over a while. It is no kind of resource:
// nobody makes or changes one, and no state holds one. Building its request and reading its reply
// is here; asking is `run/`'s work.

#include "http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice::kinds {

/// One thing that went wrong in a run, however often.
struct RunError {
  std::string code;
  std::string message;
  std::optional<std::int64_t> records;  ///< How many it befell; nullopt if not told.

  auto operator<=>(const RunError&) const = default;
};

enum class RunStatus {
  unknown,  ///< Not told, or in a word that nobody documents.
  waiting,  ///< Queued or scheduled.
  running,
  success,
  partial,  ///< By the platform's word for the run, or for one of its activities, some of it
            ///< failed.
  failed,
};

/// "waiting", "running", "success", "partial", "failed"; empty for unknown.
std::string_view status_name(RunStatus status);

/// What is not told is nullopt or empty. Times are epoch milliseconds that a calendar of four-digit
/// years holds; numbers are not negative.
struct FlowRun {
  std::string id;
  std::string flow_id;
  std::optional<std::int64_t> created_at;
  std::optional<std::int64_t> started_at;
  std::optional<std::int64_t> completed_at;
  RunStatus status = RunStatus::unknown;
  std::string status_word;  ///< As the platform spells it, of the run as a whole.
  std::optional<std::int64_t> records_in;
  std::optional<std::int64_t> records_out;
  /// The most that the run, one of its activities or one of its errors tells: the same record may
  /// be told of in each of them, and none of them may hide another.
  std::optional<std::int64_t> records_failed;
  std::optional<std::int64_t> bytes_in;
  std::optional<std::int64_t> bytes_out;
  std::vector<RunError> errors;  ///< By code, then message; each pair once.

  bool operator==(const FlowRun&) const = default;

  /// Its start, or its creation where that is not told.
  std::optional<std::int64_t> began_at() const { return started_at ? started_at : created_at; }

  /// nullopt while it goes on, too.
  std::optional<std::int64_t> duration_ms() const;
};

/// Whether the run or a part of it failed. The platform calls a run a success in which records
/// failed; here it is none. Errors tell of failed records unless their number is told to be 0.
bool went_wrong(const FlowRun& run);

/// The newest `limit` runs of a flow. A page may hold fewer, and then names the next one.
http::Request runs_request(const std::string& flow_id, int limit);

/// One page of runs. `next` is the target of the next page, empty at the end.
struct RunPage {
  std::vector<FlowRun> runs;
  std::string next;
};

/// The runs of a reply to `asked`, in its order. nullopt when it is no page of a list. Of a run
/// everything may be missing: what is not as documented is taken for not told.
std::optional<RunPage> parse_runs(const http::Response& response, const http::Request& asked);

}  // namespace sluice::kinds
