#include "report/json.hpp"

#include "report/json_parts.hpp"
#include "report/text.hpp"

namespace sluice::report {

namespace {

constexpr int kFormatVersion = 1;

void empty_to_null(Json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (object.at(key) == "" || object.at(key) == 0) object[key] = nullptr;
  }
}

Json texts(const std::set<Address>& addresses) {
  Json result = Json::array();
  for (const Address& address : addresses)
    result.push_back(address.text());
  return result;
}

Json resource_object(const Record& record) {
  Json deposed = Json::array();
  for (const Deposed& old : record.deposed) {
    deposed.push_back({{"id", old.id},
                       {"kind", old.kind},
                       {"etag", or_null(old.etag)},
                       {"since", or_null(old.since)},
                       {"reason", or_null(old.reason)}});
  }
  return {{"address", record.address.text()},
          {"kind", record.kind},
          {"id", or_null(record.id)},
          {"etag", or_null(record.etag)},
          {"name", or_null(record.name)},
          {"fields", record.inputs},
          {"depends_on", texts(record.depends_on)},
          {"protect", record.protect},
          {"facts", record.facts},
          {"deposed", std::move(deposed)}};
}

Json pending_object(const PendingIntent& intent) {
  return {{"action", intent.action},      {"address", intent.address.text()},
          {"kind", intent.kind},          {"id", or_null(intent.id)},
          {"name", or_null(intent.name)}, {"since", or_null(intent.since)}};
}

/// Some excerpts and names are not valid UTF-8, which a JSON text must be.
Json as_utf8(const Json& document) {
  return Json::parse(document.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

Json plan_document(const Plan& plan) {
  Json document = plan_to_json(plan);
  empty_to_null(document, {"environment"});
  for (Json& step : document.at("steps"))
    empty_to_null(step, {"id", "etag", "note"});
  for (Json& drift : document.at("drift"))
    empty_to_null(drift, {"updated_by", "updated_at", "deposed"});
  for (std::size_t i = 0; i < plan.clashes.size(); ++i)
    document.at("clashes").at(i)["lost_create"] = plan.clashes[i].lost_create;
  Json& unready = document["unready"] = Json::array();
  for (const Unready& item : plan.unready) {
    unready.push_back({{"address", item.address.text()},
                       {"kind", item.kind},
                       {"id", item.id},
                       {"what", item.what}});
  }
  const PlanCounts counts = count(plan);
  document["changes"] = plan.has_changes();
  document["summary"] = {{"create", counts.create},
                         {"update", counts.update},
                         {"replace", counts.replace},
                         {"delete", counts.remove},
                         {"forget", counts.forget}};
  return document;
}

Json drift_document(const Plan& plan) {
  Json deleted = Json::array();
  for (const Step& step : plan.steps) {
    if (step.action != Action::forget || step.reason != Reason::gone) continue;
    deleted.push_back({{"address", step.address.text()},
                       {"kind", step.kind},
                       {"id", step.id},
                       {"name", step.name}});
  }
  return {{"format_version", kFormatVersion},
          {"drifted", has_drift(plan)},
          {"drift", plan_document(plan).at("drift")},
          {"deleted", std::move(deleted)}};
}

Json state_document(const State& state) {
  Json resources = Json::array();
  for (const auto& [address, record] : state.records)
    resources.push_back(resource_object(record));
  Json pending = Json::array();
  for (const auto& [op, intent] : state.pending)
    pending.push_back(pending_object(intent));
  return {{"format_version", kFormatVersion},
          {"lineage", or_null(state.lineage)},
          {"serial", state.serial},
          {"spec", or_null(state.spec_name)},
          {"environment", or_null(state.environment)},
          {"endpoint", or_null(state.place.endpoint)},
          {"org", or_null(state.place.org)},
          {"sandbox", or_null(state.place.sandbox)},
          {"applied_plan", or_null(state.applied_plan)},
          {"applied_by", or_null(state.applied_by)},
          {"resources", std::move(resources)},
          {"pending", std::move(pending)}};
}

Json diagnostics_document(const Diagnostics& diagnostics) {
  Json list = Json::array();
  for (const Diagnostic& item : diagnostics.sorted()) {
    list.push_back({{"severity", item.severity == Severity::error ? "error" : "warning"},
                    {"summary", item.summary},
                    {"detail", or_null(item.detail)},
                    {"file", or_null(item.where.file)},
                    {"line", number_or_null(item.where.line)},
                    {"column", number_or_null(item.where.column)},
                    {"excerpt", or_null(item.excerpt)}});
  }
  return as_utf8({{"format_version", kFormatVersion},
                  {"valid", !diagnostics.has_errors()},
                  {"diagnostics", std::move(list)}});
}

}  // namespace sluice::report
