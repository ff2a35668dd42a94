#include "kinds/flow_run.hpp"

#include "unit/kinds/requests.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;
using namespace sluice::kinds;
using namespace sluice::test;

namespace {

const std::string kRuns = "/data/foundation/flowservice/runs";

/// A run with everything that is documented.
const Json kWhole = Json::parse(R"({
  "id": "run-1", "createdAt": 1755320000000, "updatedAt": 1755320030000, "createdBy": "T",
  "sandboxName": "dev", "flowId": "flow-1", "flowSpec": {"id": "spec", "version": "1.0"},
  "etag": "\"b8003af1\"",
  "metrics": {
    "durationSummary": {"startedAtUTC": 1755319990000, "completedAtUTC": 1755320030500},
    "sizeSummary": {"inputBytes": 24012, "outputBytes": 17128},
    "recordSummary": {"inputRecordCount": 100, "outputRecordCount": 98, "createdRecordCount": 98,
                      "failedRecordCount": 2},
    "fileSummary": {"inputFileCount": 1, "outputFileCount": 1, "activityRefs": ["a"]},
    "statusSummary": {"status": "success", "activityRefs": ["a"],
                      "errors": [{"code": "CONNECTOR-2001-500", "message": "Unreadable"}]}},
  "activities": [{"id": "a", "updatedAtUTC": 0, "durationSummary": {}, "sizeSummary": {},
    "recordSummary": {"failedInfo": [{"code": "INGEST-1", "details": {"field": "email"}}]},
    "fileSummary": {},
    "statusSummary": {"status": "success",
      "errors": [{"code": "CONNECTOR-2001-500", "message": "Unreadable", "recordCount": 1}],
      "extensions": {"errors": [{"code": "MAPPER-3700-400", "recordCount": 1,
                                 "message": "Mapper Transform Error"}]}}}]})");

std::optional<RunPage> parse(const Json& body) {
  return parse_runs(reply(body.dump()), runs_request("flow-1", 10));
}

FlowRun parse_run(const Json& item) {
  const auto page = parse({{"items", Json::array({item})}});
  REQUIRE(page);
  REQUIRE(page->runs.size() == 1);
  return page->runs.front();
}

Json with_status(const Json& status) {
  return {{"metrics", {{"statusSummary", {{"status", status}}}}}};
}

/// A run in which one number stands for all, as the platform may write it.
Json with_numbers(const Json& number) {
  return {{"createdAt", number},
          {"metrics",
           {{"durationSummary", {{"startedAtUTC", number}, {"completedAtUTC", number}}},
            {"sizeSummary", {{"inputBytes", number}, {"outputBytes", number}}},
            {"recordSummary",
             {{"inputRecordCount", number},
              {"outputRecordCount", number},
              {"failedRecordCount", number}}}}}};
}

}  // namespace

TEST_CASE("runs_request: asks for the newest of one flow, a page at most") {
  CHECK(head_of(runs_request("a b", 10)) ==
        "GET " + kRuns + "?property=flowId%3D%3Da%20b&limit=10&orderby=-createdAt");
  CHECK(head_of(runs_request("x", 250)) ==
        "GET " + kRuns + "?property=flowId%3D%3Dx&limit=100&orderby=-createdAt");
}

TEST_CASE("parse_runs: reads all that a run may tell, errors from wherever they stand") {
  const FlowRun run = parse_run(kWhole);
  CHECK(run.id == "run-1");
  CHECK(run.flow_id == "flow-1");
  CHECK(run.created_at == 1755320000000);
  CHECK(run.began_at() == 1755319990000);
  CHECK(run.duration_ms() == 40500);
  CHECK(run.status == RunStatus::success);
  CHECK(run.records_in == 100);
  CHECK(run.records_out == 98);
  CHECK(run.records_failed == 2);
  CHECK(run.bytes_in == 24012);
  CHECK(run.bytes_out == 17128);
  CHECK(run.errors == std::vector<RunError>{{"CONNECTOR-2001-500", "Unreadable", 1},
                                            {"INGEST-1", "{\"field\":\"email\"}", {}},
                                            {"MAPPER-3700-400", "Mapper Transform Error", 1}});
  CHECK(went_wrong(run));
}

TEST_CASE("parse_runs: both spellings of a key, unknown keys and any order say the same") {
  Json other = kWhole;
  other["activites"] = other["activities"];
  other.erase("activities");
  other["eTag"] = other["etag"];
  other["metrics"]["sizeSummary"]["surprise"] = {{"deep", Json::array({1})}};
  other["new"] = nullptr;
  CHECK(parse_run(other) == parse_run(kWhole));

  Json shuffled = kWhole;
  Json& status = shuffled["activities"][0]["statusSummary"];
  const Json more = {{"code", "A"}, {"message", "b"}};
  status["errors"].push_back(more);
  Json turned = shuffled;
  Json& errors = turned["activities"][0]["statusSummary"]["errors"];
  std::swap(errors[0], errors[1]);
  CHECK(parse_run(turned) == parse_run(shuffled));
}

TEST_CASE("parse_runs: whatever is missing is not told, and nothing is made up for it") {
  CHECK(parse_run(Json::object()) == FlowRun());
  CHECK_FALSE(went_wrong(FlowRun()));
  for (const char* part :
       {"durationSummary", "sizeSummary", "recordSummary", "fileSummary", "statusSummary"}) {
    Json item = kWhole;
    item["metrics"].erase(part);
    CHECK(parse_run(item).id == "run-1");
    item["metrics"][part] = Json::object();
    CHECK(parse_run(item).id == "run-1");
    item["metrics"][part] = nullptr;
    CHECK(parse_run(item).id == "run-1");
  }
  Json item = kWhole;
  item["metrics"].erase("durationSummary");
  CHECK(parse_run(item).began_at() == 1755320000000);
  CHECK_FALSE(parse_run(item).duration_ms());
  for (const Json& odd : {Json("text"), Json(7), Json::array({1}), Json(nullptr)}) {
    for (const char* key : {"metrics", "activities", "activites", "id", "flowId"}) {
      Json bent = kWhole;
      bent[key] = odd;
      CHECK_MESSAGE(parse(Json({{"items", Json::array({bent})}})), key);
    }
  }
}

TEST_CASE("parse_runs: a number may be text; what is no count is not told") {
  struct Row {
    Json written;
    std::optional<std::int64_t> read;
  };
  const std::vector<Row> rows = {{7, 7},
                                 {"7", 7},
                                 {7.0, 7},
                                 {7.5, {}},
                                 {-1, {}},
                                 {"-1", {}},
                                 {"", {}},
                                 {"7 or so", {}},
                                 {true, {}},
                                 {Json::object(), {}},
                                 {18446744073709551615ULL, {}},
                                 {"99999999999999999999", {}},
                                 {1e300, {}},
                                 {9223372036854775807LL, 9223372036854775807LL}};
  for (const Row& row : rows) {
    const FlowRun run = parse_run(with_numbers(row.written));
    INFO(row.written.dump());
    CHECK(run.records_in == row.read);
    CHECK(run.records_out == row.read);
    CHECK(run.records_failed == row.read);
    CHECK(run.bytes_in == row.read);
    CHECK(run.bytes_out == row.read);
  }
}

TEST_CASE("parse_runs: a time of zero, or one that no calendar holds, is not known") {
  for (const Json& time : {Json(0), Json("0"), Json(253402300800000), Json(9e15)}) {
    const FlowRun run = parse_run(with_numbers(time));
    CHECK_FALSE(run.began_at());
    CHECK_FALSE(run.completed_at);
  }
  CHECK(parse_run(with_numbers("1755320000000")).began_at() == 1755320000000);
  Json backwards = kWhole;
  backwards["metrics"]["durationSummary"]["completedAtUTC"] = 1;
  CHECK_FALSE(parse_run(backwards).duration_ms());
}

TEST_CASE("parse_runs: status words count in any case, with underscores or without") {
  const std::vector<std::pair<std::string, RunStatus>> rows = {
      {"success", RunStatus::success},        {"SUCCESS", RunStatus::success},
      {"COMPLETED", RunStatus::success},      {"Failed", RunStatus::failed},
      {"FAILED", RunStatus::failed},          {"inProgress", RunStatus::running},
      {"IN_PROGRESS", RunStatus::running},    {"PARTIAL_SUCCESS", RunStatus::partial},
      {"partialFailure", RunStatus::partial}, {"QUEUED", RunStatus::waiting},
      {"scheduled", RunStatus::waiting},      {"melted", RunStatus::unknown},
      {"success ", RunStatus::unknown},       {"", RunStatus::unknown}};
  for (const auto& [word, status] : rows) {
    const FlowRun run = parse_run(with_status(word));
    CHECK_MESSAGE(run.status == status, word);
    CHECK(run.status_word == word);
  }
  CHECK(parse_run(with_status(5)).status == RunStatus::unknown);
}

TEST_CASE("went_wrong: a success in which anything failed is none") {
  const auto with_records = [](const Json& summary, const Json& activities = Json::array()) {
    Json item = with_status("success");
    item["metrics"]["recordSummary"] = summary;
    item["activities"] = activities;
    return went_wrong(parse_run(item));
  };
  CHECK_FALSE(with_records({{"failedRecordCount", 0}}));
  CHECK_FALSE(with_records(Json::object()));
  CHECK(with_records({{"failedRecordCount", "3"}}));
  // Only the activity tells, or it tells of more.
  const Json activity = {{"recordSummary", {{"failedRecordCount", 2}}}};
  CHECK(with_records(Json::object(), Json::array({activity})));
  CHECK(with_records({{"failedRecordCount", 0}}, Json::array({activity})));
  const Json failed = {{"statusSummary", {{"status", "FAILED"}}}};
  CHECK(with_records({{"failedRecordCount", 0}}, Json::array({failed})));
  // An error without a number counts unless the number of failed records is told to be 0.
  const Json error = Json::array({{{"code", "X"}}});
  CHECK(with_records({{"failedInfo", error}}));
  CHECK_FALSE(with_records({{"failedInfo", error}, {"failedRecordCount", 0}}));
  for (const char* word : {"failed", "PARTIAL_SUCCESS", "PARTIAL_FAILURE"})
    CHECK(went_wrong(parse_run(with_status(word))));
  for (const char* word : {"success", "queued", "inProgress", "melted"})
    CHECK_FALSE(went_wrong(parse_run(with_status(word))));
}

TEST_CASE("parse_runs: an error named twice in a list adds up, in two lists it is one") {
  const auto error = [](int count) {
    return Json({{"code", "M"}, {"message", "m"}, {"recordCount", count}});
  };
  Json item = Json::object();
  item["metrics"]["statusSummary"]["errors"] = Json::array({error(2), error(3)});
  CHECK(parse_run(item).errors == std::vector<RunError>{{"M", "m", 5}});
  item["activities"] = Json::array({{{"statusSummary", {{"errors", Json::array({error(4)})}}}}});
  CHECK(parse_run(item).errors == std::vector<RunError>{{"M", "m", 5}});
  CHECK(parse_run(item).records_failed == 5);
  // An error that says nothing is not worth a line.
  item["metrics"]["statusSummary"]["errors"] = Json::array({Json::object(), 5, nullptr});
  CHECK(parse_run(item).errors == std::vector<RunError>{{"M", "m", 4}});
}

TEST_CASE("parse_runs: an empty list is an answer, and what is no list is none") {
  const auto empty = parse({{"items", Json::array()}, {"_links", Json::object()}});
  REQUIRE(empty);
  CHECK(empty->runs.empty());
  CHECK(empty->next.empty());
  CHECK_FALSE(parse({{"data", Json::array()}}));
  CHECK_FALSE(parse_runs(reply("<html>"), runs_request("x", 1)));
  CHECK(parse({{"items", Json::array({1, nullptr, Json::object()})}})->runs.size() == 1);
}

TEST_CASE("parse_runs: the next page is asked for with the same filter, and never the same twice") {
  const http::Request first = runs_request("flow-1", 10);
  const auto page = [](const std::string& token) {
    return reply(Json({{"items", Json::array()},
                       {"_links", {{"next", {{"href", "/runs?continuationToken=" + token}}}}}})
                     .dump());
  };
  http::Request second = first;
  second.target += "&continuationToken=a%3D=";
  CHECK(parse_runs(page("a%3D="), first)->next == second.target);
  CHECK_FALSE(parse_runs(page("a%3D="), second));
}
