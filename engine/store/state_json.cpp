#include "store/state_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nettle/base16.h>
#include <nettle/sha2.h>
#include <set>
#include <vector>

namespace sluice::store {

namespace {

constexpr std::int64_t kFormat = 1;
const std::string kWrongFields = "its fields are not those of a state: ";
constexpr std::string_view kChecksumStart = "\n  \"sha256\": \"";

[[noreturn]] void wrong_shape(const std::string& what) {
  throw Json::other_error::create(501, what, nullptr);
}

Address address_from(const Json& json) {
  const auto address = Address::parse(json.get<std::string>());
  if (!address) wrong_shape(json.dump() + " is not an address");
  return *address;
}

Fields fields_from(Json& json) {
  if (!json.is_object()) wrong_shape("fields are an object, not " + std::string(json.type_name()));
  Fields fields;
  for (auto& [name, value] : json.get_ref<Json::object_t&>())
    fields.emplace_hint(fields.end(), name, std::move(value));
  return fields;
}

Json addresses_to_json(const std::set<Address>& addresses) {
  Json result = Json::array();
  for (const Address& address : addresses)
    result.push_back(address.text());
  return result;
}

std::set<Address> addresses_from(const Json& json) {
  std::set<Address> result;
  for (const Json& item : json)
    result.insert(address_from(item));
  return result;
}

Json deposed_to_json(const Deposed& deposed) {
  return {{"id", deposed.id},       {"kind", deposed.kind},     {"etag", deposed.etag},
          {"since", deposed.since}, {"reason", deposed.reason}, {"inputs", deposed.inputs},
          {"facts", deposed.facts}};
}

Deposed deposed_from_json(Json& json) {
  Deposed deposed;
  json.at("id").get_to(deposed.id);
  json.at("kind").get_to(deposed.kind);
  json.at("etag").get_to(deposed.etag);
  json.at("since").get_to(deposed.since);
  json.at("reason").get_to(deposed.reason);
  if (json.contains("inputs")) deposed.inputs = fields_from(json["inputs"]);
  if (json.contains("facts")) deposed.facts = std::move(json["facts"]);
  return deposed;
}

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Writes a document's members one a line, in the order in which they come, into a single text: it
/// may be of many megabytes, and each copy of it would cost as much as making it.
class DocumentText {
 public:
  void add(std::string_view key, std::string_view json) {
    start(key);
    text_ += json;
    text_ += ',';
  }
  /// The items one a line, too.
  template <typename Items, typename ToJson>
  void add_list(std::string_view key, const Items& items, const ToJson& to_json) {
    if (items.empty()) return add(key, "[]");
    start(key);
    text_ += '[';
    for (const auto& [name, item] : items) {
      text_ += "\n    ";
      text_ += to_text(to_json(item));
      text_ += ',';
    }
    text_.back() = '\n';
    text_ += "  ],";
  }
  std::size_t size() const { return text_.size(); }
  std::string take() {
    text_.back() = '\n';
    text_ += "}\n";
    return std::move(text_);
  }

 private:
  void start(std::string_view key) { text_.append("\n  \"").append(key).append("\": "); }

  std::string text_ = "{";
};

/// An object whose keys come in order.
class ObjectJson {
 public:
  ObjectJson& add(const char* key, Json value) {
    members_.emplace_hint(members_.end(), key, std::move(value));
    return *this;
  }
  Json take() { return std::move(members_); }

 private:
  Json::object_t members_;
};

/// The hash of a text without its line of the hash, which stands between the two.
std::string checksum_line(std::string_view before, std::string_view after) {
  return std::string(kChecksumStart) + sha256_hex({before, after}) + "\",";
}

bool checksum_holds(std::string_view text) {
  const std::size_t start = text.find(kChecksumStart);
  if (start == std::string_view::npos) return false;
  const std::size_t end = text.find('\n', start + 1);
  const std::string_view line = text.substr(start, end - start);
  return line == checksum_line(text.substr(0, start), text.substr(start + line.size()));
}

/// What `error` says without the library's own name for it.
std::string plain_text(const Json::exception& error) {
  const std::string_view text = error.what();
  const std::size_t end = text.find("] ");
  return std::string(end == std::string_view::npos ? text : text.substr(end + 2));
}

/// Builds a document and stops at the first thing that a state does not have: a key that stands
/// twice in an object, or too many levels. `problem` stays empty when the form is right.
///
/// Each of the root's "resources" is turned into a record as soon as it is read and not kept as
/// JSON: there may be many thousands, and what is freed at once is used again for the next.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t& value) override { return put(std::move(value)); }
  bool start_object(std::size_t) override { return enter(Json::object()); }
  bool start_array(std::size_t) override { return enter(Json::array()); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool key(string_t& key) override {
    auto& members = open_.back()->get_ref<Json::object_t&>();
    // The keys come in order, so each belongs at the end; one that is there already adds none.
    const std::size_t before = members.size();
    const auto member = members.emplace_hint(members.end(), std::move(key), nullptr);
    const bool is_new = members.size() > before;
    member_ = &member->second;
    if (open_.size() == 1) in_resources_ = member->first == "resources";
    if (!is_new) {
      problem = fmt::format("it holds the key \"{}\" twice in one object", member->first);
    }
    return is_new;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    problem = fmt::format("it is not JSON from byte {} on: it was edited or cut", position);
    return false;
  }

  Json root;
  std::map<Address, Record> records;
  std::string problem;
  std::string record_problem;  // The first record that is none. It matters less than others.

 private:
  /// The place of the value that comes next, with the value in it.
  Json& placed(Json value) {
    if (open_.empty()) return root = std::move(value);
    if (open_.back()->is_array()) return open_.back()->emplace_back(std::move(value));
    return *member_ = std::move(value);
  }
  bool put(Json value) {
    placed(std::move(value));
    return true;
  }
  bool enter(Json value) {
    open_.push_back(&placed(std::move(value)));
    if (open_.size() <= kStateDepthMax) return true;
    problem = fmt::format("it is nested deeper than {} levels", kStateDepthMax);
    return false;
  }
  bool leave() {
    open_.pop_back();
    if (in_resources_ && open_.size() == 2 && open_[1]->is_array()) take_record();
    return true;
  }
  void take_record() {
    auto& items = open_[1]->get_ref<Json::array_t&>();
    Json item = std::move(items.back());
    items.pop_back();
    if (!record_problem.empty()) return;
    try {
      Record record = record_from_json(std::move(item));
      const Address address = record.address;
      const std::size_t before = records.size();
      records.emplace_hint(records.end(), address, std::move(record));
      if (records.size() == before) record_problem = address.text() + " is there twice";
    } catch (const Json::exception& error) {
      record_problem = plain_text(error);
    }
  }

  std::vector<Json*> open_;  // The objects and arrays around; what is around does not move.
  Json* member_ = nullptr;   // Of the innermost object, the value whose key was read last.
  bool in_resources_ = false;
};

State read_fields(Json json, std::map<Address, Record> records) {
  State state;
  json.at("lineage").get_to(state.lineage);
  state.serial = whole_number_from(json.at("serial"));
  json.at("spec").get_to(state.spec_name);
  json.at("environment").get_to(state.environment);
  json.at("endpoint").get_to(state.place.endpoint);
  json.at("org").get_to(state.place.org);
  json.at("sandbox").get_to(state.place.sandbox);
  json.at("applied_plan").get_to(state.applied_plan);
  json.at("applied_by").get_to(state.applied_by);
  // Records were taken out while it was read.
  if (!json.at("resources").empty()) wrong_shape("a resource is no object");
  state.records = std::move(records);
  for (Json& item : json.at("pending")) {
    PendingIntent intent = intent_from_json(std::move(item));
    const std::string op = intent.op;
    if (!state.pending.emplace(op, std::move(intent)).second) {
      wrong_shape("the intent " + op + " is there twice");
    }
  }
  return state;
}

/// The number under `key`, 0 when there is none.
std::int64_t number_at(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

/// Whatever "min_reader" allows, a newer format is not read: what is read here is written again,
/// and would lose what only that format knows.
bool is_newer(const Json& json) {
  return std::max(number_at(json, "format"), number_at(json, "min_reader")) > kFormat;
}

/// Empty when this program reads documents of this format.
std::string format_problem(const Json& json) {
  if (!json.is_object() || !json.contains("format") || !json["format"].is_number_integer()) {
    return "it is not a state of sluice: it does not tell its format";
  }
  const std::int64_t format = number_at(json, "format");
  if (is_newer(json)) {
    const auto tool = json.find("tool");
    const bool is_named = tool != json.end() && tool->is_string();
    return fmt::format("it was written by a newer {} (format {}); this one reads format {}",
                       is_named ? tool->get<std::string>() : "sluice",
                       std::max(format, number_at(json, "min_reader")), kFormat);
  }
  if (format < 1) return fmt::format("it has format {}, which there never was", format);
  return {};
}

}  // namespace

std::string state_to_text(const State& state, std::string_view tool) {
  DocumentText document;
  document.add("applied_by", to_text(state.applied_by));
  document.add("applied_plan", to_text(state.applied_plan));
  document.add("endpoint", to_text(state.place.endpoint));
  document.add("environment", to_text(state.environment));
  document.add("format", std::to_string(kFormat));
  document.add("lineage", to_text(state.lineage));
  document.add("min_reader", std::to_string(kFormat));
  document.add("org", to_text(state.place.org));
  document.add_list("pending", state.pending, intent_to_json);
  document.add_list("resources", state.records, record_to_json);
  document.add("sandbox", to_text(state.place.sandbox));
  document.add("serial", std::to_string(state.serial));
  const std::size_t checksum_at = document.size();
  document.add("spec", to_text(state.spec_name));
  document.add("tool", to_text(tool));
  std::string text = document.take();
  const std::string_view all = text;
  text.insert(checksum_at, checksum_line(all.substr(0, checksum_at), all.substr(checksum_at)));
  return text;
}

std::optional<State> state_from_text(std::string_view text, std::string& problem) {
  if (text.empty()) {
    problem = "it is empty";
    return std::nullopt;
  }
  if (text.size() > kStateSizeMax) {
    problem = fmt::format("it has {} bytes, and at most {} are read", text.size(), kStateSizeMax);
    return std::nullopt;
  }
  Builder document;
  if (!Json::sax_parse(text, &document)) {
    problem = document.problem;
    return std::nullopt;
  }
  try {
    problem = format_problem(document.root);
    if (problem.empty() && !checksum_holds(text)) {
      problem = "its checksum does not match its contents: it was edited or cut";
    }
    if (!problem.empty()) return std::nullopt;
    if (!document.record_problem.empty()) {
      problem = kWrongFields + document.record_problem;
      return std::nullopt;
    }
    return read_fields(std::move(document.root), std::move(document.records));
  } catch (const Json::exception& error) {
    problem = kWrongFields + plain_text(error);
    return std::nullopt;
  }
}

bool is_newer_state(std::string_view text) {
  Builder document;
  return text.size() <= kStateSizeMax && Json::sax_parse(text, &document) &&
         is_newer(document.root);
}

bool is_other_json(std::string_view text) {
  // What other documents seldom have. One of them alone is a coincidence, and a state that lost
  // most of them was not lost by an accident that leaves JSON behind.
  constexpr std::array<const char*, 4> kMarks = {"format", "pending", "resources", "sha256"};
  Builder document;
  if (text.size() > kStateSizeMax || !Json::sax_parse(text, &document)) return false;
  return std::count_if(kMarks.begin(), kMarks.end(),
                       [&document](const char* mark) { return document.root.contains(mark); }) < 2;
}

std::int64_t whole_number_from(const Json& json) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  const bool fits = !json.is_number_unsigned() || json.get<std::uint64_t>() <= kMax;
  if (!json.is_number_integer() || !fits) wrong_shape(to_text(json) + " is not a whole number");
  return json.get<std::int64_t>();
}

Json record_to_json(const Record& record) {
  Json deposed = Json::array();
  for (const Deposed& item : record.deposed)
    deposed.push_back(deposed_to_json(item));
  return ObjectJson()
      .add("address", record.address.text())
      .add("depends_on", addresses_to_json(record.depends_on))
      .add("deposed", std::move(deposed))
      .add("etag", record.etag)
      .add("facts", record.facts)
      .add("id", record.id)
      .add("inputs", record.inputs)
      .add("kind", record.kind)
      .add("name", record.name)
      .add("protect", record.protect)
      .take();
}

Record record_from_json(Json json) {
  Record record;
  record.address = address_from(json.at("address"));
  json.at("kind").get_to(record.kind);
  json.at("id").get_to(record.id);
  json.at("etag").get_to(record.etag);
  json.at("name").get_to(record.name);
  record.inputs = fields_from(json.at("inputs"));
  record.depends_on = addresses_from(json.at("depends_on"));
  json.at("protect").get_to(record.protect);
  record.facts = std::move(json.at("facts"));
  for (Json& item : json.at("deposed"))
    record.deposed.push_back(deposed_from_json(item));
  return record;
}

Json intent_to_json(const PendingIntent& intent) {
  return ObjectJson()
      .add("action", intent.action)
      .add("address", intent.address.text())
      .add("client", intent.client)
      .add("depends_on", addresses_to_json(intent.depends_on))
      .add("facts", intent.facts)
      .add("id", intent.id)
      .add("inputs", intent.inputs)
      .add("kind", intent.kind)
      .add("name", intent.name)
      .add("namesakes", intent.namesakes)
      .add("op", intent.op)
      .add("protect", intent.protect)
      .add("replaces", intent.replaces)
      .add("server_time", intent.server_time)
      .add("since", intent.since)
      .take();
}

PendingIntent intent_from_json(Json json) {
  PendingIntent intent;
  json.at("op").get_to(intent.op);
  json.at("action").get_to(intent.action);
  intent.address = address_from(json.at("address"));
  json.at("kind").get_to(intent.kind);
  json.at("id").get_to(intent.id);
  json.at("name").get_to(intent.name);
  intent.inputs = fields_from(json.at("inputs"));
  intent.depends_on = addresses_from(json.at("depends_on"));
  json.at("protect").get_to(intent.protect);
  intent.facts = std::move(json.at("facts"));
  json.at("since").get_to(intent.since);
  intent.server_time = whole_number_from(json.at("server_time"));
  json.at("replaces").get_to(intent.replaces);
  if (json.contains("client")) json["client"].get_to(intent.client);
  if (json.contains("namesakes")) json["namesakes"].get_to(intent.namesakes);
  return intent;
}

std::string sha256_hex(std::initializer_list<std::string_view> pieces) {
  sha256_ctx context;
  sha256_init(&context);
  for (const std::string_view piece : pieces)
    sha256_update(&context, piece.size(), reinterpret_cast<const std::uint8_t*>(piece.data()));
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
  sha256_digest(&context, digest.size(), digest.data());
  std::string hex(BASE16_ENCODE_LENGTH(digest.size()), '0');
  base16_encode_update(hex.data(), digest.size(), digest.data());
  return hex;
}

std::string sha256_hex(std::string_view bytes) {
  return sha256_hex({bytes});
}

}  // namespace sluice::store
