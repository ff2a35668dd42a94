#include "kinds/flow_run.hpp"

#include "kinds/fields.hpp"
#include "kinds/flow_service.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace sluice::kinds {

namespace {

constexpr int kRunPageMax = 100;
constexpr std::int64_t kYear10000 = 253'402'300'800'000;

struct StatusWord {
  std::string_view word;  // In lower case, without "_".
  RunStatus status;
};

constexpr std::array kStatusWords = {StatusWord{"success", RunStatus::success},
                                     StatusWord{"completed", RunStatus::success},
                                     StatusWord{"partialsuccess", RunStatus::partial},
                                     StatusWord{"partialfailure", RunStatus::partial},
                                     StatusWord{"failed", RunStatus::failed},
                                     StatusWord{"inprogress", RunStatus::running},
                                     StatusWord{"queued", RunStatus::waiting},
                                     StatusWord{"scheduled", RunStatus::waiting}};

RunStatus status_of(const std::string& text) {
  std::string word;
  for (const char c : text) {
    if (c != '_') word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const auto found = std::find_if(kStatusWords.begin(), kStatusWords.end(),
                                  [&word](const StatusWord& known) { return known.word == word; });
  return found == kStatusWords.end() ? RunStatus::unknown : found->status;
}

/// A whole number that is not negative, also when it is written as text or with a fraction of 0.
std::optional<std::int64_t> count_at(const Json& value, const char* key) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const Json& found = at_path(value, {key});
  std::int64_t number = -1;
  if (found.is_number_unsigned()) {
    const auto told = found.get<std::uint64_t>();
    if (told <= static_cast<std::uint64_t>(kMost)) number = static_cast<std::int64_t>(told);
  } else if (found.is_number_float()) {
    const auto told = found.get<double>();
    // Whole numbers are exact in a double up to 2^53.
    const bool whole = told >= 0 && told <= 9'007'199'254'740'992.0 && std::floor(told) == told;
    if (whole) number = static_cast<std::int64_t>(told);
  } else if (found.is_string()) {
    const std::string& text = found.get_ref<const std::string&>();
    const char* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || last != end) number = -1;
  }
  if (number < 0) return std::nullopt;
  return number;
}

std::optional<std::int64_t> moment_at(const Json& value, const char* key) {
  const auto moment = count_at(value, key);
  // 0 stands for a time that is not known.
  return moment && *moment > 0 && *moment < kYear10000 ? moment : std::nullopt;
}

/// The larger of what is told.
void raise(std::optional<std::int64_t>& into, const std::optional<std::int64_t>& other) {
  if (other && (!into || *other > *into)) into = other;
}

/// By code and message: how many records it befell, if told.
using ErrorCounts = std::map<std::pair<std::string, std::string>, std::optional<std::int64_t>>;

/// The message of an error; its details where it has none.
std::string message_of(const Json& error) {
  std::string message = text_at(error, "message");
  if (!message.empty()) return message;
  const Json& details = at_path(error, {"details"});
  if (details.is_null()) return {};
  return details.is_string() ? details.get<std::string>()
                             : details.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// An error that a list names twice befell two groups of records; one that two lists name is the
/// same one.
void read_errors(const Json& list, ErrorCounts& into) {
  if (!list.is_array()) return;
  ErrorCounts here;
  for (const Json& error : list) {
    std::pair key{text_at(error, "code"), message_of(error)};
    if (key.first.empty() && key.second.empty()) continue;
    std::optional<std::int64_t>& count = here[std::move(key)];
    const auto more = count_at(error, "recordCount");
    if (more && count && *more > std::numeric_limits<std::int64_t>::max() - *count) continue;
    if (more) count = count.value_or(0) + *more;
  }
  for (const auto& [key, count] : here)
    raise(into[key], count);
}

/// The places in which the run as a whole and each activity may tell of errors.
void read_all_errors(const Json& part, ErrorCounts& into) {
  read_errors(at_path(part, {"statusSummary", "errors"}), into);
  read_errors(at_path(part, {"statusSummary", "extensions", "errors"}), into);
  read_errors(at_path(part, {"recordSummary", "failedInfo"}), into);
}

bool has_failed(const Json& activity) {
  const RunStatus status = status_of(text_at(at_path(activity, {"statusSummary"}), "status"));
  return status == RunStatus::failed || status == RunStatus::partial;
}

FlowRun run_from(const Json& item) {
  FlowRun run;
  run.id = text_at(item, "id");
  run.flow_id = text_at(item, "flowId");
  run.created_at = moment_at(item, "createdAt");
  const Json& metrics = at_path(item, {"metrics"});
  const Json& duration = at_path(metrics, {"durationSummary"});
  run.started_at = moment_at(duration, "startedAtUTC");
  run.completed_at = moment_at(duration, "completedAtUTC");
  run.status_word = text_at(at_path(metrics, {"statusSummary"}), "status");
  run.status = status_of(run.status_word);
  const Json& records = at_path(metrics, {"recordSummary"});
  run.records_in = count_at(records, "inputRecordCount");
  run.records_out = count_at(records, "outputRecordCount");
  run.records_failed = count_at(records, "failedRecordCount");
  const Json& sizes = at_path(metrics, {"sizeSummary"});
  run.bytes_in = count_at(sizes, "inputBytes");
  run.bytes_out = count_at(sizes, "outputBytes");

  ErrorCounts errors;
  read_all_errors(metrics, errors);
  // The interface's description leaves a letter out of the word.
  for (const char* key : {"activities", "activites"}) {
    const Json& activities = at_path(item, {key});
    if (!activities.is_array()) continue;
    for (const Json& activity : activities) {
      read_all_errors(activity, errors);
      if (has_failed(activity) && run.status != RunStatus::failed) run.status = RunStatus::partial;
      raise(run.records_failed,
            count_at(at_path(activity, {"recordSummary"}), "failedRecordCount"));
    }
  }
  for (const auto& [key, count] : errors) {
    run.errors.push_back({key.first, key.second, count});
    raise(run.records_failed, count);
  }
  return run;
}

}  // namespace

std::string_view status_name(RunStatus status) {
  switch (status) {
    case RunStatus::unknown:
      return "";
    case RunStatus::waiting:
      return "waiting";
    case RunStatus::running:
      return "running";
    case RunStatus::success:
      return "success";
    case RunStatus::partial:
      return "partial";
    case RunStatus::failed:
      return "failed";
  }
  return "";
}

std::optional<std::int64_t> FlowRun::duration_ms() const {
  if (!started_at || !completed_at || *completed_at < *started_at) return std::nullopt;
  return *completed_at - *started_at;
}

bool went_wrong(const FlowRun& run) {
  if (run.status == RunStatus::failed || run.status == RunStatus::partial) return true;
  if (run.records_failed) return *run.records_failed > 0;
  return !run.errors.empty();
}

http::Request runs_request(const std::string& flow_id, int limit) {
  return request(
      "GET", std::string(kFlowServicePath) + "runs?property=flowId%3D%3D" + encode(flow_id) +
                 "&limit=" + std::to_string(std::min(limit, kRunPageMax)) + "&orderby=-createdAt");
}

std::optional<RunPage> parse_runs(const http::Response& response, const http::Request& asked) {
  const std::optional<Json> body = items_of(response);
  if (!body) return std::nullopt;
  RunPage page;
  for (const Json& item : body->at("items")) {
    if (item.is_object()) page.runs.push_back(run_from(item));
  }
  std::optional<std::string> next = next_page(*body, asked);
  if (!next) return std::nullopt;
  page.next = std::move(*next);
  return page;
}

}  // namespace sluice::kinds
