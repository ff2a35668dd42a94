#include "emulator/runs.hpp"

#include "emulator/flow_specs.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::emulator {

namespace {

constexpr const char* kPromotion = "promotionActivity";

struct Failing {
  std::string code;  // Empty: the event goes through.
  std::string message;
};

Failing why_failing(World& world, const std::string& sandbox, const Record& flow,
                    const std::string& event) {
  const Record* target =
      world.find(sandbox, kTargets, flow.body["targetConnectionIds"][0].get<std::string>());
  const std::string data_set =
      target == nullptr ? "" : target->body["params"].value("dataSetId", "");
  if (world.find(sandbox, kDataSets, data_set) == nullptr) {
    return {"CONNECTOR-2001-500", "The dataset is not there"};
  }
  // Events come in any JSON; rows map fields, which only an object has.
  if (!Json::parse(event, nullptr, false).is_object()) {
    return {"MAPPER-3700-400", "Mapper Transform Error"};
  }
  return {};
}

// The flow's run that is not over; null when there is none.
Record* open_run(World& world, const std::string& sandbox, const std::string& flow_id) {
  for (const auto& [serial, run] : world.collection(sandbox, kRuns).in_order()) {
    if (run.transition && run.body["flowId"] == flow_id) return world.find(sandbox, kRuns, run.id);
  }
  return nullptr;
}

Json empty_metrics(Millis now) {
  const Json part = Json::array({kPromotion});
  return {{"durationSummary", {{"startedAtUTC", now.count()}}},
          {"sizeSummary", {{"inputBytes", 0}, {"outputBytes", 0}}},
          {"recordSummary",
           {{"inputRecordCount", 0},
            {"outputRecordCount", 0},
            {"createdRecordCount", 0},
            {"failedRecordCount", 0}}},
          {"fileSummary", {{"inputFileCount", 1}, {"outputFileCount", 1}, {"activityRefs", part}}},
          {"statusSummary",
           {{"status", "inProgress"}, {"errors", Json::array()}, {"activityRefs", part}}}};
}

// Runs have an etag, and no version beside it as other objects do.
void touch_run(World& world, Record& run, Millis now) {
  world.touch(run, now, world.technical_account());
  run.body.erase("version");
}

Record new_run(World& world, const std::string& sandbox, const Record& flow, Millis now) {
  Record run;
  run.id = world.new_uuid();
  run.body = {{"id", run.id},
              {"createdAt", now.count()},
              {"createdBy", flow.body["createdBy"]},
              {"createdClient", flow.body["createdClient"]},
              {"updatedClient", flow.body["createdClient"]},
              {"sandboxId", world.sandbox_id(sandbox)},
              {"sandboxName", sandbox},
              {"imsOrgId", world.access().org},
              {"flowId", flow.id},
              {"flowSpec", flow.body["flowSpec"]},
              {"providerRefId", flow.body["providerRefId"]},
              {"metrics", empty_metrics(now)},
              {"activities", Json::array()}};
  run.own["target"] = flow.body["targetConnectionIds"][0];
  run.own["counts"] = Json::object();  // By code.
  touch_run(world, run, now);
  return run;
}

void add_to(Json& number, std::size_t amount) {
  number = number.get<std::size_t>() + amount;
}

}  // namespace

void count_event(World& world, const std::string& sandbox, const Record& flow,
                 const std::string& event, Millis now) {
  const Json spec = find_spec(flow_specs(), flow.body["flowSpec"]["id"]);
  const Json features = spec["attributes"]["uiAttributes"]["apiFeatures"];
  if (features["flowRunsSupported"] == false || flow.body["state"] != "enabled") return;
  Record* run = open_run(world, sandbox, flow.id);
  if (run == nullptr) {
    run = &world.add(sandbox, kRuns, new_run(world, sandbox, flow, now));
    world.set_transition(sandbox, *run, {now + world.switches().run_length, "success", "run"});
  }
  const Failing failing = why_failing(world, sandbox, flow, event);
  Json& metrics = run->body["metrics"];
  Json& records = metrics["recordSummary"];
  add_to(records["inputRecordCount"], 1);
  add_to(metrics["sizeSummary"]["inputBytes"], event.size());
  if (failing.code.empty()) {
    add_to(records["outputRecordCount"], 1);
    add_to(records["createdRecordCount"], 1);
    add_to(metrics["sizeSummary"]["outputBytes"], event.size());
  } else {
    add_to(records["failedRecordCount"], 1);
    Json& errors = metrics["statusSummary"]["errors"];
    const Json error = {{"code", failing.code}, {"message", failing.message}};
    if (std::find(errors.begin(), errors.end(), error) == errors.end()) errors.push_back(error);
    Json& count = run->own["counts"][failing.code];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  touch_run(world, *run, now);
  // Without a length the run is over at once.
  world.advance(now);
}

void finish_run(World& world, Record& run, Millis now) {
  Json& metrics = run.body["metrics"];
  metrics["durationSummary"]["completedAtUTC"] = now.count();
  const Json& records = metrics["recordSummary"];
  const bool has_all_failed = records["outputRecordCount"] == 0;
  metrics["statusSummary"]["status"] = has_all_failed ? "failed" : "success";
  Json errors = metrics["statusSummary"]["errors"];
  for (Json& error : errors)
    error["recordCount"] = run.own["counts"][error["code"].get_ref<const std::string&>()];
  const Json status = {{"status", metrics["statusSummary"]["status"]},
                       {"extensions", {{"errors", errors}}}};
  const Json target = {{"id", run.own["target"]}, {"type", "TargetConnection"}};
  run.body["activities"] = Json::array({{{"id", kPromotion},
                                         {"updatedAtUTC", now.count()},
                                         {"durationSummary", metrics["durationSummary"]},
                                         {"sizeSummary", metrics["sizeSummary"]},
                                         {"recordSummary", records},
                                         {"fileSummary", metrics["fileSummary"]},
                                         {"statusSummary", status},
                                         {"targetInfo", Json::array({target})}}});
  touch_run(world, run, now);
}

}  // namespace sluice::emulator
