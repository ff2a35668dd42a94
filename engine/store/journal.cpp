#include "store/journal.hpp"

#include "store/state_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::store {

namespace {

using Type = JournalRecord::Type;

constexpr std::array<std::pair<Type, std::string_view>, 8> kTypes = {{
    {Type::begin, "begin"},
    {Type::intent, "intent"},
    {Type::recorded, "recorded"},
    {Type::removed, "removed"},
    {Type::failed, "failed"},
    {Type::ambiguous, "ambiguous"},
    {Type::absent, "absent"},
    {Type::moved, "moved"},
}};

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    table[byte] = crc;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes)
    crc = (crc >> 8U) ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU];
  return ~crc;
}

void put(Json& json, const char* key, const std::string& value) {
  if (!value.empty()) json[key] = value;
}

void take(const Json& json, const char* key, std::string& value) {
  if (json.contains(key)) json[key].get_to(value);
}

void put(Json& json, const char* key, const Address& address) {
  if (address != Address{}) json[key] = address.text();
}

/// False when there is something that is not an address.
bool take(const Json& json, const char* key, Address& address) {
  if (!json.contains(key)) return true;
  const auto parsed = Address::parse(json[key].get<std::string>());
  if (parsed) address = *parsed;
  return parsed.has_value();
}

Json to_json(const JournalRecord& record) {
  const auto* const type = std::find_if(
      kTypes.begin(), kTypes.end(), [&](const auto& item) { return item.first == record.type; });
  Json json = {{"type", type->second}};
  put(json, "op", record.op);
  if (record.intent) json["intent"] = intent_to_json(*record.intent);
  if (record.record) json["record"] = record_to_json(*record.record);
  put(json, "address", record.address);
  put(json, "to", record.to);
  put(json, "id", record.id);
  put(json, "why", record.why);
  if (record.type != Type::begin) return json;
  put(json, "lineage", record.lineage);
  json["serial"] = record.serial;
  put(json, "spec", record.spec_name);
  put(json, "environment", record.environment);
  put(json, "plan", record.plan_id);
  put(json, "who", record.who);
  if (record.place) {
    json["place"] = {{"endpoint", record.place->endpoint},
                     {"org", record.place->org},
                     {"sandbox", record.place->sandbox}};
  }
  return json;
}

/// Whether it has what its type cannot do without. What is let pass half is folded half, into a
/// state that no reader takes.
bool is_whole(const JournalRecord& record) {
  switch (record.type) {
    case Type::begin:
      return true;
    case Type::intent:
      return record.intent.has_value();
    case Type::recorded:
      return record.record.has_value();
    case Type::removed:
      return record.address != Address{} && !record.id.empty();
    case Type::moved:
      return record.address != Address{} && record.to != Address{};
    case Type::failed:
    case Type::ambiguous:
    case Type::absent:
      return !record.op.empty();
  }
  return false;
}

/// nullopt when a type or an address is not one that is known here, or when something is missing.
/// Throws Json::exception on a wrong shape.
std::optional<JournalRecord> from_json(const Json& json) {
  const auto* const type = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& item) {
    return json.at("type") == item.second;
  });
  JournalRecord record;
  if (type == kTypes.end() || !take(json, "address", record.address) ||
      !take(json, "to", record.to)) {
    return std::nullopt;
  }
  record.type = type->first;
  take(json, "op", record.op);
  if (json.contains("intent")) record.intent = intent_from_json(json["intent"]);
  if (json.contains("record")) record.record = record_from_json(json["record"]);
  take(json, "id", record.id);
  take(json, "why", record.why);
  if (!is_whole(record)) return std::nullopt;
  // What tells of the run stands in no other record, and is not written for one.
  if (record.type != Type::begin) return record;
  take(json, "lineage", record.lineage);
  if (json.contains("serial")) record.serial = whole_number_from(json["serial"]);
  take(json, "spec", record.spec_name);
  take(json, "environment", record.environment);
  take(json, "plan", record.plan_id);
  take(json, "who", record.who);
  if (json.contains("place")) {
    const Json& place = json["place"];
    record.place = {place.at("endpoint").get<std::string>(), place.at("org").get<std::string>(),
                    place.at("sandbox").get<std::string>()};
  }
  return record;
}

std::optional<std::uint64_t> from_hex(std::string_view text) {
  if (text.empty() || text.size() > 16) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * 16 + digit;
  }
  return value;
}

/// A line whose CRC is right.
struct WholeLine {
  std::string_view json;
  std::uint64_t synced = 0;
};

std::optional<WholeLine> whole_line(std::string_view line) {
  const std::size_t crc_at = line.rfind(' ');
  if (crc_at == std::string_view::npos || line.size() - crc_at != 9) return std::nullopt;
  const std::string_view checked = line.substr(0, crc_at);
  if (from_hex(line.substr(crc_at + 1)) != crc32c(checked)) return std::nullopt;
  const std::size_t synced_at = checked.rfind(' ');
  if (synced_at == std::string_view::npos) return std::nullopt;
  const auto synced = from_hex(checked.substr(synced_at + 1));
  if (!synced) return std::nullopt;
  return WholeLine{checked.substr(0, synced_at), *synced};
}

/// Throws Json::exception where a record is nested deeper than what a state can hold: there, one
/// more level is around it.
Json parse_shallow(std::string_view text) {
  return Json::parse(text, [](int depth, Json::parse_event_t, const Json&) {
    if (depth < static_cast<int>(kStateDepthMax) - 1) return true;
    throw Json::other_error::create(501, "it is nested too deep", nullptr);
  });
}

std::optional<JournalRecord> parse(std::string_view text) {
  try {
    return from_json(parse_shallow(text));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

void fold_begin(State& state, const JournalRecord& record) {
  const auto set = [](std::string& member, const std::string& value) {
    if (!value.empty()) member = value;
  };
  set(state.lineage, record.lineage);
  set(state.spec_name, record.spec_name);
  set(state.environment, record.environment);
  set(state.applied_plan, record.plan_id);
  set(state.applied_by, record.who);
  if (record.place) state.place = *record.place;
}

void fold_removed(State& state, const JournalRecord& removed) {
  const auto found = state.records.find(removed.address);
  if (found == state.records.end() || removed.id.empty()) return;
  Record& record = found->second;
  if (record.id == removed.id) {
    record.id.clear();
    record.etag.clear();
    record.inputs.clear();
    record.facts = Json::object();
  } else {
    std::erase_if(record.deposed, [&](const Deposed& item) { return item.id == removed.id; });
  }
  if (record.id.empty() && record.deposed.empty()) state.records.erase(found);
}

void rename(std::set<Address>& addresses, const JournalRecord& moved) {
  if (addresses.erase(moved.address) > 0) addresses.insert(moved.to);
}

/// Adds `from` to the record at another address. False when both have an object, and not the same.
bool merge(Record& from, Record& to) {
  if (!from.id.empty() && !to.id.empty() && from.id != to.id) return false;
  std::vector<Deposed> leftovers = std::move(to.deposed);
  for (Deposed& deposed : from.deposed) {
    if (std::find(leftovers.begin(), leftovers.end(), deposed) == leftovers.end()) {
      leftovers.push_back(std::move(deposed));
    }
  }
  if (to.id.empty()) {
    from.address = to.address;
    to = std::move(from);
  }
  to.deposed = std::move(leftovers);
  return true;
}

void fold_moved(State& state, const JournalRecord& moved) {
  const auto from = state.records.find(moved.address);
  if (from == state.records.end() || moved.address == moved.to) return;
  const auto there = state.records.find(moved.to);
  if (there == state.records.end()) {
    auto node = state.records.extract(from);
    node.key() = moved.to;
    node.mapped().address = moved.to;
    state.records.insert(std::move(node));
  } else {
    // Of two objects neither may be forgotten.
    if (!merge(from->second, there->second)) return;
    state.records.erase(from);
  }
  for (auto& [address, record] : state.records)
    rename(record.depends_on, moved);
  for (auto& [op, intent] : state.pending) {
    if (intent.address == moved.address) intent.address = moved.to;
    rename(intent.depends_on, moved);
  }
}

}  // namespace

void fold(State& state, const JournalRecord& record) {
  switch (record.type) {
    case Type::begin:
      fold_begin(state, record);
      return;
    case Type::intent:
      if (record.intent) state.pending[record.intent->op] = *record.intent;
      return;
    case Type::recorded:
      if (record.record) state.records[record.record->address] = *record.record;
      break;
    case Type::removed:
      fold_removed(state, record);
      break;
    case Type::ambiguous:
      return;
    case Type::failed:
    case Type::absent:
      break;
    case Type::moved:
      fold_moved(state, record);
      return;
  }
  state.pending.erase(record.op);
}

std::string to_line(const JournalRecord& record, std::uint64_t synced) {
  std::string line = to_json(record).dump(-1, ' ', false, Json::error_handler_t::replace);
  line += fmt::format(" {:x}", synced);
  line += fmt::format(" {:08x}\n", crc32c(line));
  return line;
}

JournalText read_journal(std::string_view text) {
  constexpr std::string_view kLostBlock("\0\0", 2);
  JournalText result;
  std::size_t bad_line = 0;  // The number of the first bad line; 0 when there is none.
  bool looks_lost = false;   // Whether that line has a lost block in it.
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    ++number;
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const bool closed = end < text.size();
    const std::string_view line = text.substr(at, end - at);
    const auto whole = closed ? whole_line(line) : std::nullopt;
    at = end + 1;
    if (bad_line > 0) {
      if (!looks_lost || (whole && whole->synced > result.good_bytes)) {
        result.damage = fmt::format("its line {} is damaged, and it is not the last", bad_line);
        return result;
      }
    } else if (!whole) {
      bad_line = number;
      looks_lost = line.find(kLostBlock) != std::string_view::npos;
    } else if (auto record = parse(whole->json)) {
      result.records.push_back(*std::move(record));
      result.good_bytes = at;
    } else {
      result.damage =
          fmt::format("its line {} is whole, but not one that this sluice knows", number);
      return result;
    }
  }
  return result;
}

std::vector<JournalRecord> whole_records(std::string_view text) {
  std::vector<JournalRecord> records;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    const auto whole = whole_line(text.substr(at, end - at));
    if (auto record = whole ? parse(whole->json) : std::nullopt) {
      records.push_back(*std::move(record));
    }
    at = end + 1;
  }
  return records;
}

}  // namespace sluice::store
