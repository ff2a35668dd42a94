#include "report/progress.hpp"

#include "core/json.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using sluice::Json;
using sluice::report::progress_json;
using sluice::report::progress_line;
using sluice::report::ProgressEvent;
using Kind = ProgressEvent::Kind;

namespace {

const std::string kFlow = "pipelines.events.flow";

std::string line(const ProgressEvent& event) {
  return progress_line(event, {});
}

}  // namespace

TEST_CASE("progress_line: each action has its verbs") {
  struct Row {
    std::string action;
    std::string started;
    std::string done;
  };
  const std::vector<Row> rows = {{"create", "creating...", "created"},
                                 {"update", "updating...", "updated"},
                                 {"replace", "creating its replacement...", "replaced"},
                                 {"delete", "deleting...", "deleted"},
                                 {"forget", "forgetting...", "forgotten"},
                                 {"no-op", "recording...", "recorded"},
                                 {"enable", "working...", "done"}};
  for (const Row& row : rows) {
    CHECK(line({Kind::started, kFlow, row.action, "", "", 0}) == kFlow + ": " + row.started);
    CHECK(line({Kind::done, kFlow, row.action, "", "", 0}) == kFlow + ": " + row.done);
  }
}

TEST_CASE("progress_line: says what is known of each event") {
  CHECK(line({Kind::done, kFlow, "create", "id 4e4d", "", 2'149}) ==
        kFlow + ": created in 2.1s (id 4e4d)");
  CHECK(line({Kind::waiting, kFlow, "create", "the platform is busy", "", 12'000}) ==
        kFlow + ": still creating after 12.0s: the platform is busy");
  CHECK(line({Kind::failed, kFlow, "update", "403 Forbidden", "Ask for the permission.", 0}) ==
        kFlow + ": failed: 403 Forbidden\n  Ask for the permission.");
  CHECK(line({Kind::skipped, kFlow, "update", "pipelines.events.mapping failed", "", 0}) ==
        kFlow + ": skipped: pipelines.events.mapping failed");
  CHECK(line({Kind::kept, kFlow, "delete", "it is protected", "", 0}) ==
        kFlow + ": kept: it is protected");
}

TEST_CASE("progress_line: an event of the run as a whole is its detail") {
  CHECK(line({Kind::started, "", "", "Reading 4 objects", "", 0}) == "Reading 4 objects");
  CHECK(line({Kind::failed, "", "", "the state is locked", "", 0}) ==
        "failed: the state is locked");
}

TEST_CASE("progress_line: times are rounded to tenths, and short ones left out") {
  struct Row {
    std::int64_t elapsed_ms;
    std::string text;
  };
  const std::vector<Row> rows = {
      {0, ""},           {99, ""},          {100, " in 0.1s"}, {149, " in 0.1s"},
      {150, " in 0.2s"}, {949, " in 0.9s"}, {950, " in 1.0s"}, {61'020, " in 61.0s"}};
  for (const Row& row : rows) {
    CHECK(line({Kind::done, kFlow, "create", "", "", row.elapsed_ms}) ==
          kFlow + ": created" + row.text);
  }
}

TEST_CASE("progress_line: others' text is harmless, and colour is only added") {
  const ProgressEvent event = {Kind::failed, kFlow, "create", "a\n\x1b[2J", "::error::", 0};
  CHECK(line(event) == kFlow + ": failed: a\\n\\x1b[2J\n  \\x3a:error::");
  CHECK(progress_line(event, {true}) == "\x1b[1m" + kFlow +
                                            "\x1b[0m: \x1b[31mfailed\x1b[0m: a\\n\\x1b[2J\n"
                                            "  \\x3a:error::");
}

TEST_CASE("progress_json: is one line with null for what is missing") {
  CHECK(Json::parse(progress_json({Kind::done, kFlow, "create", "", "", 2'149})) ==
        Json({{"format_version", 1},
              {"event", "done"},
              {"address", kFlow},
              {"action", "create"},
              {"detail", nullptr},
              {"advice", nullptr},
              {"elapsed_ms", 2'149}}));
  const std::string text = progress_json({Kind::failed, "", "", "a\n\xff", "", 0});
  CHECK(text.find('\n') == std::string::npos);
  CHECK(Json::parse(text).at("address").is_null());
  CHECK(Json::parse(text).at("detail") == "a\n\xef\xbf\xbd");
}
