// Everything that the platform holds as one document, and back.

#include "emulator/world.hpp"

#include <algorithm>
#include <utility>

namespace sluice::emulator {

namespace {

constexpr const char* kFormat = "sluice-emulator";
constexpr int kFormatVersion = 1;

Json to_json(const Record& record) {
  Json json = {
      {"serial", record.serial}, {"id", record.id}, {"body", record.body}, {"own", record.own}};
  if (record.transition) {
    json["transition"] = {{"due", record.transition->due.count()},
                          {"state", record.transition->state},
                          {"operation", record.transition->operation}};
  }
  return json;
}

// Throws Json::exception when the document is not one of ours.
Record to_record(const Json& json) {
  Record record;
  json.at("serial").get_to(record.serial);
  json.at("id").get_to(record.id);
  record.body = json.at("body").get_ref<const Json::object_t&>();
  record.own = json.at("own").get_ref<const Json::object_t&>();
  if (json.contains("transition")) {
    const Json& transition = json["transition"];
    record.transition = Transition{Millis(transition.at("due").get<Millis::rep>()),
                                   transition.at("state"), transition.at("operation")};
  }
  return record;
}

}  // namespace

Json World::save() const {
  Json sandboxes = Json::object();
  for (const auto& [name, sandbox] : sandboxes_) {
    Json collections = Json::object();
    for (const auto& [collection_name, collection] : sandbox) {
      Json records = Json::array();
      for (const auto& [serial, record] : collection.in_order())
        records.push_back(to_json(record));
      collections[collection_name] = std::move(records);
    }
    sandboxes[name] = {{"id", sandbox_ids_.at(name)}, {"collections", std::move(collections)}};
  }
  return {{"format", kFormat},
          {"format_version", kFormatVersion},
          {"counter", counter_},
          {"sandboxes", std::move(sandboxes)}};
}

bool World::restore(const Json& document) {
  World fresh(random_, switches_, access_);
  try {
    fresh.restore_checked(document);
  } catch (const Json::exception&) {
    return false;
  }
  if (document["format"] != kFormat || document["format_version"] != kFormatVersion) return false;
  counter_ = fresh.counter_;
  sandbox_ids_ = std::move(fresh.sandbox_ids_);
  sandboxes_ = std::move(fresh.sandboxes_);
  due_ = std::move(fresh.due_);
  return true;
}

void World::restore_checked(const Json& document) {
  std::uint64_t counter = document.at("counter");
  document.at("format").get_ref<const std::string&>();
  document.at("format_version").get<int>();
  for (const auto& [name, saved] : document.at("sandboxes").get_ref<const Json::object_t&>()) {
    sandbox_ids_[name] = saved.at("id");
    sandboxes_[name].clear();
    for (const auto& [collection_name, records] :
         saved.at("collections").get_ref<const Json::object_t&>()) {
      for (const Json& json : records.get_ref<const Json::array_t&>()) {
        Record& record = collection(name, collection_name).add(to_record(json));
        counter = std::max(counter, record.serial);
        if (record.transition) due_.emplace(record.transition->due, name, record.id);
      }
    }
  }
  // What furnishing has just counted must not be given out again either.
  counter_ = std::max(counter_, counter);
}

}  // namespace sluice::emulator
