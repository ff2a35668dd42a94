#include "emulator/platform.hpp"

#include "emulator/call.hpp"
#include "emulator/data_set_forms.hpp"
#include "emulator/flow_service.hpp"
#include "emulator/phantoms.hpp"
#include "emulator/routes.hpp"
#include "emulator/world.hpp"
#include "emulator/xdm_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice::emulator {

namespace {

constexpr const char* kSomeoneElse = "someone.else@example.com";

// Whether the path holds the part up to the end of a segment.
bool holds(std::string_view path, std::string_view part) {
  for (std::size_t at = path.find(part); at != std::string_view::npos;
       at = path.find(part, at + 1)) {
    const std::size_t end = at + part.size();
    if (end == path.size() || path[end] == '/') return true;
  }
  return false;
}

bool fits(const Fault& fault, const Call& call) {
  if (!fault.method.empty() && fault.method != call.method) return false;
  // A token is asked for at moments that a test does not foresee.
  if (fault.path_part.empty()) return !call.path.starts_with("/ims/");
  return holds(call.path, fault.path_part);
}

http::Response failing_reply(const Fault& fault, const Call& call) {
  http::Response response = service_error(call, fault.status, "The emulator was told to fail");
  if (fault.status == 429) response = gateway_error("429050", "Too many requests");
  if (fault.status == 401) response = gateway_error("401013", "Oauth token is not valid");
  if (!fault.retry_after.empty()) response.headers["retry-after"] = fault.retry_after;
  return response;
}

void add_unknown_keys(Json& object) {
  if (object.is_object()) object["emulatorExtra"] = {{"unknown", true}};
}

// Fields that no client knows, in the body and in what it lists.
void add_unknown_keys(const Call& call, http::Response& response) {
  if (response.status >= 300 || response.body.empty()) return;
  Json body = Json::parse(response.body);
  const bool is_keyed_by_id = call.service == Service::catalog;
  for (auto& [key, value] : body.items()) {
    if (is_keyed_by_id) add_unknown_keys(value);
    if (key != "items" && key != "data" && key != "results") continue;
    for (Json& item : value)
      add_unknown_keys(item);
  }
  if (!is_keyed_by_id) add_unknown_keys(body);
  response.body = body.dump();
}

// What tells of an edit that is done, by the kind of what was edited.
void note_edit(World& world, const std::string& collection, Record& record, Millis now) {
  if (collection == kSchemas || collection == kFieldGroups) {
    if (collection == kSchemas) decorate_schema(record.body);
    if (collection == kFieldGroups) decorate_field_group(record.body);
    stamp(world, record.body, now, kSomeoneElse);
  } else if (collection == kDataSets) {
    stamp_data_set(record.body, now, kSomeoneElse);
  } else if (collection != kDescriptors) {
    world.touch(record, now, kSomeoneElse);
  }
}

std::string_view loss_note(const std::optional<Fault::Kind>& loss) {
  if (loss == Fault::Kind::lost_reply) return " (reply lost)";
  if (loss == Fault::Kind::cut_body) return " (reply cut)";
  return "";
}

}  // namespace

struct Platform::Impl {
  Impl(Clock& the_clock, Random& random, Switches switches, Access access)
      : clock(the_clock), world(random, switches, std::move(access)) {}

  // The world as it is by now.
  World& now() {
    world.advance(clock.wall());
    return world;
  }

  std::optional<Fault> take_fault(const Call& call) {
    const auto found = std::find_if(faults.begin(), faults.end(),
                                    [&call](const Fault& fault) { return fits(fault, call); });
    if (found == faults.end()) return std::nullopt;
    Fault fault = *found;
    faults.erase(found);
    return fault;
  }

  void edit_mapping_set(Record& record, const std::string& field, const Json& value) {
    record.own["versions"].push_back(record.body);
    record.body["version"] = record.body["version"].get<int>() + 1;
    record.body["modifiedDate"] = clock.wall().count();
    record.body["modifiedBy"] = kSomeoneElse;
    record.body[field] = value;
  }

  Clock& clock;
  World world;
  std::vector<Fault> faults;
  std::vector<std::string> log;
};

Platform::Platform(Clock& clock, Random& random, Switches switches, Access access)
    : impl_(std::make_unique<Impl>(clock, random, switches, std::move(access))) {
}

Platform::~Platform() = default;

Answer Platform::answer(const http::Request& request) {
  Call call = read_call(request, impl_->clock.wall());
  const std::optional<Fault> fault = impl_->take_fault(call);
  if (fault && fault->kind == Fault::Kind::lost_request) return {{}, fault->kind};
  World& world = impl_->now();
  call.request_id = fmt::format("emulator-{}", world.next_count());
  Answer answer;
  if (fault && fault->kind == Fault::Kind::status) {
    answer.response = failing_reply(*fault, call);
  } else {
    answer.response = dispatch(world, call);
    if (fault && fault->kind == Fault::Kind::late_status) {
      answer.response = failing_reply(*fault, call);
    } else if (fault) {
      answer.loss = fault->kind;
    }
  }
  if (world.switches().phantom_differences) add_phantoms(call, answer.response);
  if (world.switches().extra_fields) add_unknown_keys(call, answer.response);
  answer.response.headers["date"] = http_date(call.now);
  impl_->log.push_back(fmt::format("{} {} {}{}", call.method, call.path, answer.response.status,
                                   loss_note(answer.loss)));
  return answer;
}

http::Outcome Platform::handle(const http::Request& request) {
  Answer answer = this->answer(request);
  if (!answer.loss) return std::move(answer.response);
  const bool is_cut = answer.loss == Fault::Kind::cut_body;
  // Even a request that was lost may have been sent, as far as the client can know.
  return http::Failure{is_cut ? "the reply was cut short" : "no reply came", true};
}

std::size_t Platform::faults_left() const {
  return impl_->faults.size();
}

void Platform::add_fault(Fault fault) {
  impl_->faults.push_back(std::move(fault));
}

bool Platform::edit(const std::string& collection, const std::string& id, const std::string& field,
                    const Json& value) {
  Record* record = impl_->now().find_anywhere(collection, id).second;
  if (record == nullptr) return false;
  if (collection == kMappingSets) {
    impl_->edit_mapping_set(*record, field, value);
    return true;
  }
  record->body[field] = value;
  note_edit(impl_->world, collection, *record, impl_->clock.wall());
  return true;
}

bool Platform::hide(const std::string& collection, const std::string& id) {
  Record* record = impl_->now().find_anywhere(collection, id).second;
  if (record == nullptr) return false;
  record->own["label"] = true;
  return true;
}

bool Platform::erase(const std::string& collection, const std::string& id) {
  World& world = impl_->now();
  const auto [sandbox, record] = world.find_anywhere(collection, id);
  return record != nullptr && world.collection(sandbox, collection).erase(id);
}

std::vector<std::string> Platform::ids(const std::string& sandbox,
                                       const std::string& collection) const {
  std::vector<std::string> result;
  for (const auto& [serial, record] : impl_->now().collection(sandbox, collection).in_order())
    result.push_back(record.id);
  return result;
}

Json Platform::object(const std::string& collection, const std::string& id) const {
  World& world = impl_->now();
  const Record* record = world.find_anywhere(collection, id).second;
  return record == nullptr ? Json() : shown(world, collection, *record);
}

const std::vector<std::string>& Platform::log() const {
  return impl_->log;
}

void Platform::clear_log() {
  impl_->log.clear();
}

Json Platform::save() const {
  return impl_->now().save();
}

bool Platform::restore(const Json& document) {
  return impl_->world.restore(document);
}

}  // namespace sluice::emulator
