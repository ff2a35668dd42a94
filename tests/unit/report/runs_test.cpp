#include "report/runs.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <string>

using namespace sluice;
using kinds::FlowRun;
using kinds::RunStatus;
using report::PipelineRuns;
using report::runs_text;

namespace {

FlowRun good_run() {
  FlowRun run;
  run.id = "run-1";
  run.flow_id = "flow-1";
  run.created_at = 1755320000000;
  run.started_at = 1755319990000;
  run.completed_at = 1755320030500;
  run.status = RunStatus::success;
  run.status_word = "COMPLETED";
  run.records_in = 100;
  run.records_out = 100;
  run.records_failed = 0;
  run.bytes_in = 24012;
  run.bytes_out = 512;
  return run;
}

/// A success by its word alone.
FlowRun leaky_run() {
  FlowRun run = good_run();
  run.id = "run-2";
  run.records_out = 98;
  run.records_failed = 2;
  run.errors = {{"CONNECTOR-2001-500", "", {}},
                {"MAPPER-3700-400", "Mapper Transform Error", 1},
                {"", "Nobody knows", 2}};
  return run;
}

FlowRun failed_run() {
  FlowRun run;
  run.id = "run-3";
  run.created_at = 1755319980000;
  run.status = RunStatus::failed;
  run.status_word = "Failed";
  return run;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "runs_text: a table a pipeline, errors under their run, failures in a success not hidden") {
  CHECK(runs_text({{"pipelines.events", "flow-1", {leaky_run(), failed_run()}},
                   {"pipelines.other", "flow-2", {}}},
                  {}) ==
        "pipelines.events\n"
        "  STARTED                TOOK  STATUS    IN  OUT  FAILED  BYTES IN  BYTES OUT\n"
        "  2025-08-16T04:53:10Z  40.5s  success  100   98       2  23.4 KiB      512 B\n"
        "      CONNECTOR-2001-500\n"
        "      MAPPER-3700-400 (1 record): Mapper Transform Error\n"
        "      (2 records): Nobody knows\n"
        "  2025-08-16T04:53:00Z      -  failed     -    -       -         -          -\n"
        "\n"
        "pipelines.other: no runs. A new flow has none until data has come in.\n"
        "\n"
        "2 runs shown, 2 of them failed or with failed records.\n");
}

TEST_CASE("runs_text: says when nothing failed, and nothing of the kind when nothing ran") {
  CHECK(runs_text({{"p", "f", {good_run()}}}, {})
            .ends_with("\n\n1 run shown, none of them with failures.\n"));
  CHECK(runs_text({{"p", "f", {}}}, {}) ==
        "p: no runs. A new flow has none until data has come in.\n");
}

TEST_CASE("runs_text: durations and sizes are short") {
  const auto shown = [](std::int64_t duration_ms, std::int64_t bytes) {
    FlowRun run = good_run();
    run.completed_at = *run.started_at + duration_ms;
    run.bytes_in = bytes;
    return runs_text({{"p", "f", {run}}}, {});
  };
  CHECK(holds(shown(0, 0), "  0.0s  success  100  100       0       0 B"));
  CHECK(holds(shown(59'999, 1023), " 59.9s  success  100  100       0    1023 B"));
  CHECK(holds(shown(60'000, 1024), "  1m 00s  success  100  100       0   1.0 KiB"));
  CHECK(holds(shown(3'725'000, 1'048'575), "  1h 02m  success  100  100       0   1.0 MiB"));
  CHECK(holds(shown(0, 9'223'372'036'854'775'807), "8.0 EiB"));
}

TEST_CASE("runs_text: a status that nobody documents is shown as it is, and none as none") {
  FlowRun run = good_run();
  run.status = RunStatus::unknown;
  run.status_word = "MELTED";
  CHECK(holds(runs_text({{"p", "f", {run}}}, {}), "  40.5s  MELTED  100"));
  run.status_word = "";
  CHECK(holds(runs_text({{"p", "f", {run}}}, {}), "  40.5s  -       100"));
}

TEST_CASE("runs_text: nothing of what the platform says reaches the terminal as a command") {
  FlowRun run = leaky_run();
  run.id = "\x1b]0;id\x07";
  run.status = RunStatus::unknown;
  run.status_word = "\x1b[2Jdone\n::error::";
  run.errors = {{"A\x1b[31m",
                 "one\ntwo\r\x9b"
                 "31m ##[error]x",
                 1}};
  const std::vector<PipelineRuns> runs = {{"p", "f", {run}}};
  for (const std::string& text :
       {runs_text(runs, {}), report::run_line("p", run, {}), report::wrong_runs(runs)}) {
    INFO(text);
    CHECK(text.find_first_of("\x1b\r\x07\x9b") == std::string::npos);
    CHECK_FALSE(holds(text, "\n::error"));
    CHECK_FALSE(holds(text, "##[error]"));
  }
  CHECK_FALSE(holds(report::run_line("p", run, {}), "\n"));
}

TEST_CASE("runs_text: colour is only added") {
  const std::vector<PipelineRuns> runs = {{"p", "f", {leaky_run(), failed_run(), good_run()}}};
  const std::regex code("\x1b\\[[0-9]+m");
  const std::string coloured = runs_text(runs, {true});
  CHECK(coloured != runs_text(runs, {}));
  CHECK(std::regex_replace(coloured, code, "") == runs_text(runs, {}));
}

TEST_CASE("run_line: one line with what is told, and only that") {
  CHECK(report::run_line("pipelines.events", leaky_run(), {}) ==
        "pipelines.events 2025-08-16T04:53:10Z success, 100 in, 98 out, 2 failed, 23.4 KiB in, "
        "512 B out, took 40.5s, CONNECTOR-2001-500, MAPPER-3700-400, Nobody knows");
  CHECK(report::run_line("p", failed_run(), {}) == "p 2025-08-16T04:53:00Z failed");
  CHECK(report::run_line("p", FlowRun(), {}) == "p - -");
}

TEST_CASE("wrong_runs: names those that failed, a few of them") {
  CHECK(report::wrong_runs({{"p", "f", {good_run()}}}).empty());
  CHECK(report::wrong_runs({{"p", "f", {good_run(), leaky_run()}}, {"q", "g", {failed_run()}}}) ==
        "p run-2 (success, 2 failed records) and q run-3 (failed)");
  CHECK(report::wrong_runs({{"p", "f", std::vector<FlowRun>(7, failed_run())}}) ==
        "p run-3 (failed), p run-3 (failed), p run-3 (failed), p run-3 (failed), p run-3 (failed) "
        "and 2 more");
}

TEST_CASE("runs_document: has every key, null for what is not told") {
  const Json document = report::runs_document(
      {{"pipelines.events", "flow-1", {leaky_run(), FlowRun()}}, {"pipelines.other", "g", {}}});
  CHECK(document.at("format_version") == 1);
  const Json& events = document.at("pipelines").at(0);
  CHECK(events.at("pipeline") == "pipelines.events");
  CHECK(events.at("flow_id") == "flow-1");
  CHECK(events.at("runs").at(0) == Json({{"id", "run-2"},
                                         {"status", "success"},
                                         {"status_told", "COMPLETED"},
                                         {"went_wrong", true},
                                         {"created_at", "2025-08-16T04:53:20Z"},
                                         {"started_at", "2025-08-16T04:53:10Z"},
                                         {"completed_at", "2025-08-16T04:53:50Z"},
                                         {"duration_ms", 40500},
                                         {"records_in", 100},
                                         {"records_out", 98},
                                         {"records_failed", 2},
                                         {"bytes_in", 24012},
                                         {"bytes_out", 512},
                                         {"errors", Json::parse(R"([
                {"code": "CONNECTOR-2001-500", "message": null, "records": null},
                {"code": "MAPPER-3700-400", "message": "Mapper Transform Error", "records": 1},
                {"code": null, "message": "Nobody knows", "records": 2}])")}}));
  const Json& bare = events.at("runs").at(1);
  CHECK(bare.size() == events.at("runs").at(0).size());
  for (const auto& [key, value] : bare.items()) {
    if (key == "errors" || key == "went_wrong") continue;
    CHECK_MESSAGE(value.is_null(), key);
  }
  CHECK(document.at("pipelines").at(1).at("runs") == Json::array());
  CHECK(report::run_object(nullptr).is_null());

  const Json line = Json::parse(report::run_json({"p", "f", {}}, leaky_run()));
  CHECK(line.at("format_version") == 1);
  CHECK(line.at("pipeline") == "p");
  CHECK(line.at("flow_id") == "f");
  CHECK(line.at("records_failed") == 2);
}
