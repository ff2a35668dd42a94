#include "report/progress.hpp"

#include "core/json.hpp"
#include "report/json.hpp"
#include "report/text_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice::report {

namespace {

struct Verbs {
  std::string_view action;
  std::string_view going_on;
  std::string_view over;
};

constexpr std::array kVerbs = {
    Verbs{"create", "creating", "created"},
    Verbs{"update", "updating", "updated"},
    Verbs{"replace", "creating its replacement", "replaced"},
    Verbs{"delete", "deleting", "deleted"},
    Verbs{"forget", "forgetting", "forgotten"},
    Verbs{"no-op", "recording", "recorded"},
};

Verbs verbs_of(std::string_view action) {
  const auto found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                  [action](const Verbs& verbs) { return verbs.action == action; });
  return found == kVerbs.end() ? Verbs{action, "working", "done"} : *found;
}

/// "2.1s", or empty when it is not worth a word.
std::string elapsed_text(std::int64_t elapsed_ms) {
  if (elapsed_ms < 100) return {};
  const std::int64_t tenths = (elapsed_ms + 50) / 100;
  return fmt::format("{}.{}s", tenths / 10, tenths % 10);
}

std::string with(std::string_view before, const std::string& text, std::string_view after = "") {
  return text.empty() ? "" : fmt::format("{}{}{}", before, text, after);
}

std::string_view kind_name(ProgressEvent::Kind kind) {
  switch (kind) {
    case ProgressEvent::Kind::started:
      return "started";
    case ProgressEvent::Kind::waiting:
      return "waiting";
    case ProgressEvent::Kind::done:
      return "done";
    case ProgressEvent::Kind::failed:
      return "failed";
    case ProgressEvent::Kind::skipped:
      return "skipped";
    case ProgressEvent::Kind::kept:
      return "kept";
  }
  return "";
}

std::string what_happened(const ProgressEvent& event, const Style& style) {
  const Verbs verbs = verbs_of(event.action);
  const std::string detail = harmless(event.detail);
  const std::string elapsed = elapsed_text(event.elapsed_ms);
  switch (event.kind) {
    case ProgressEvent::Kind::started:
      return fmt::format("{}...{}", verbs.going_on, with(" (", detail, ")"));
    case ProgressEvent::Kind::waiting:
      return fmt::format("still {}{}{}", verbs.going_on, with(" after ", elapsed),
                         with(": ", detail));
    case ProgressEvent::Kind::done:
      return painted(verbs.over, Tone::green, style) + with(" in ", elapsed) +
             with(" (", detail, ")");
    case ProgressEvent::Kind::failed:
      return painted("failed", Tone::red, style) + with(" after ", elapsed) + with(": ", detail);
    case ProgressEvent::Kind::skipped:
      return painted("skipped", Tone::yellow, style) + with(": ", detail);
    case ProgressEvent::Kind::kept:
      return painted("kept", Tone::yellow, style) + with(": ", detail);
  }
  return {};
}

Json or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

}  // namespace

std::string progress_line(const ProgressEvent& event, const Style& style) {
  const bool told = event.kind == ProgressEvent::Kind::started ||
                    event.kind == ProgressEvent::Kind::waiting ||
                    event.kind == ProgressEvent::Kind::done;
  // An event of the run as a whole has no verb of its own: its detail says it.
  std::string line =
      event.address.empty() && told ? harmless(event.detail) : what_happened(event, style);
  if (!event.address.empty()) {
    line = painted(harmless(event.address), Tone::bold, style) + ": " + line;
  }
  return line + with("\n  ", harmless(event.advice));
}

std::string progress_json(const ProgressEvent& event) {
  const Json line = {{"format_version", 1},
                     {"event", kind_name(event.kind)},
                     {"address", or_null(event.address)},
                     {"action", or_null(event.action)},
                     {"detail", or_null(event.detail)},
                     {"advice", or_null(event.advice)},
                     {"elapsed_ms", event.elapsed_ms}};
  return json_text(line, -1);
}

}  // namespace sluice::report
