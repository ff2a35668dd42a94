#include "emulator/data_set_forms.hpp"

#include "emulator/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>

namespace sluice::emulator {

namespace {

std::string table_name(const std::string& name) {
  std::string table;
  for (const char c : name) {
    const auto letter = static_cast<unsigned char>(c);
    table += std::isalnum(letter) != 0 ? static_cast<char>(std::tolower(letter)) : '_';
  }
  return table;
}

// "2025-08-16 03:50:44"
std::string enabled_at(Millis wall) {
  const std::chrono::sys_time<Millis> time(wall);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("enabledAt:{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

bool says_enabled_at(const Json& element) {
  return element.is_string() && element.get_ref<const std::string&>().starts_with("enabledAt:");
}

bool says_enabled(const Json& element) {
  if (!element.is_string()) return false;
  std::string text = element;
  std::erase(text, ' ');
  return text == "enabled:true";
}

Json server_tags(const std::string& name) {
  return {{"adobe/pqs/table", {table_name(name)}},
          {"adobe/siphon/table/format", {"iceberg"}},
          {"acp_validationContext", {"enabled"}},
          {"acp_granular_validation_flags", {"requiredFieldCheck:enabled"}},
          {"aep/siphon/partitions", {"_ACP_DATE", "_ACP_BATCHID"}}};
}

}  // namespace

Json new_data_set(const World& world, const std::string& sandbox, const Json& sent,
                  const DataSetIds& ids, Millis now) {
  Json body = {{"description", ""},
               {"enableErrorDiagnostics", false},
               {"fileDescription",
                {{"persisted", true}, {"containerFormat", "parquet"}, {"format", "parquet"}}},
               {"namespace", "ACP"},
               {"state", "DRAFT"},
               {"imsOrg", world.access().org},
               {"sandboxId", world.sandbox_id(sandbox)},
               {"version", "1.0.0"},
               {"created", now.count()},
               {"updated", now.count()},
               {"createdClient", world.access().client_id},
               {"createdUser", world.technical_account()},
               {"updatedUser", world.technical_account()},
               {"viewId", ids.view},
               {"files", fmt::format("@/dataSets/{}/views/{}/files", ids.id, ids.view)},
               {"schemaMetadata", {{"delta", Json::array()}, {"gdpr", Json::array()}}}};
  Json tags = server_tags(sent["name"]);
  tags.update(sent.value("tags", Json::object()));
  body.update(sent);
  body["tags"] = std::move(tags);
  note_enabling(body, Json::object(), now);
  return body;
}

void note_enabling(Json& data_set, const Json& before, Millis now) {
  const Json tags_before = before.value("tags", Json::object());
  for (const char* tag : {"unifiedProfile", "unifiedIdentity"}) {
    if (!data_set["tags"].contains(tag)) continue;
    Json& values = data_set["tags"][tag];
    const Json old = tags_before.value(tag, Json::array());
    values.erase(std::remove_if(values.begin(), values.end(), says_enabled_at), values.end());
    if (std::none_of(values.begin(), values.end(), says_enabled)) continue;
    const auto since = std::find_if(old.begin(), old.end(), says_enabled_at);
    values.push_back(since == old.end() ? Json(enabled_at(now)) : *since);
  }
}

void stamp_data_set(Json& data_set, Millis now, const std::string& who) {
  const std::string version = data_set["version"];
  const std::size_t dot = version.rfind('.');
  const auto number = read_number(version.substr(dot + 1));
  data_set["version"] = fmt::format("{}.{}", version.substr(0, dot), number.value_or(0) + 1);
  data_set["updated"] = now.count();
  data_set["updatedUser"] = who;
}

}  // namespace sluice::emulator
