#include "emulator/world.hpp"

#include "emulator/tutorial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice::emulator {

namespace {

std::vector<std::string> connections_of(const Json& body) {
  std::vector<std::string> result;
  for (const char* key : {"sourceConnectionIds", "targetConnectionIds"}) {
    const auto ids = body.find(key);
    if (ids != body.end()) std::copy(ids->begin(), ids->end(), std::back_inserter(result));
  }
  return result;
}

}  // namespace

Record& Collection::add(Record record) {
  for (const std::string& connection : connections_of(record.body))
    ++flows_[connection];
  serials_[record.id] = record.serial;
  return records_[record.serial] = std::move(record);
}

Record* Collection::find(const std::string& id) {
  const auto found = serials_.find(id);
  return found == serials_.end() ? nullptr : &records_.at(found->second);
}

bool Collection::erase(const std::string& id) {
  const auto found = serials_.find(id);
  if (found == serials_.end()) return false;
  for (const std::string& connection : connections_of(records_.at(found->second).body)) {
    if (--flows_.at(connection) == 0) flows_.erase(connection);
  }
  records_.erase(found->second);
  serials_.erase(found);
  return true;
}

World::World(Random& random, Switches switches, Access access)
    : random_(random), switches_(switches), access_(std::move(access)) {
  for (const std::string& sandbox : access_.sandboxes)
    furnish(sandbox);
}

void World::furnish(const std::string& sandbox) {
  sandbox_ids_[sandbox] = new_uuid();
  // Before all that is counted: what stands in it from the start has always had the same serials.
  Record group = tutorial_field_group(*this, sandbox);
  collection(sandbox, kFieldGroups).add(std::move(group));
  add(sandbox, kSchemas, tutorial_schema(*this, sandbox));
  add(sandbox, kDataSets, tutorial_data_set(*this, sandbox));
}

bool World::has_sandbox(const std::string& name) const {
  return std::find(access_.sandboxes.begin(), access_.sandboxes.end(), name) !=
         access_.sandboxes.end();
}

const std::string& World::sandbox_id(const std::string& sandbox) const {
  return sandbox_ids_.at(sandbox);
}

Collection& World::collection(const std::string& sandbox, const std::string& name) {
  return sandboxes_[sandbox][name];
}

Record* World::find(const std::string& sandbox, const std::string& collection_name,
                    const std::string& id) {
  // Looking must not make a collection: what is saved would depend on who looked.
  const auto in = sandboxes_.find(sandbox);
  if (in == sandboxes_.end()) return nullptr;
  const auto found = in->second.find(collection_name);
  return found == in->second.end() ? nullptr : found->second.find(id);
}

std::pair<std::string, Record*> World::find_anywhere(const std::string& collection,
                                                     const std::string& id) {
  for (auto& [name, sandbox] : sandboxes_) {
    const auto found = sandbox.find(collection);
    if (found == sandbox.end()) continue;
    if (Record* record = found->second.find(id)) return {name, record};
  }
  return {"", nullptr};
}

Record& World::add(const std::string& sandbox, const std::string& collection_name, Record record) {
  record.serial = next_count();
  return collection(sandbox, collection_name).add(std::move(record));
}

std::string World::new_uuid() {
  // The count at the end keeps it unique even when a program starts its random source anew from
  // the same seed.
  const std::string uuid = make_uuid(random_);
  return uuid.substr(0, uuid.size() - 8) + fmt::format("{:08x}", next_count() & 0xFFFFFFFFU);
}

std::string World::new_hex(std::size_t digits) {
  std::string result;
  while (result.size() + 8 < digits)
    result += fmt::format("{:016x}", random_.next());
  result.resize(digits - 8);
  return result + fmt::format("{:08x}", next_count() & 0xFFFFFFFFU);
}

std::string World::new_etag(Millis now) {
  return fmt::format("\"{:08x}-0000-0200-0000-{:08x}0000\"", next_count() & 0xFFFFFFFFU,
                     std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

void World::touch(Record& record, Millis now, const std::string& who) {
  const std::string etag = new_etag(now);
  record.body["etag"] = etag;
  record.body["version"] = etag;
  record.body["updatedAt"] = now.count();
  record.body["updatedBy"] = who;
}

std::string World::new_token(Millis now) {
  std::string token = "emulated." + new_hex(40);
  tokens_[token] = now + switches_.token_life;
  return token;
}

bool World::is_token_good(const std::string& token, Millis now) const {
  if (token == access_.access_token) return true;
  const auto found = tokens_.find(token);
  return found != tokens_.end() && now < found->second;
}

}  // namespace sluice::emulator
