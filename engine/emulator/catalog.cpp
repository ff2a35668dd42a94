// Catalog: reading datasets; and the sandboxes.

#include "emulator/services.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace sluice::emulator {

namespace {

constexpr int kDataSetsMax = 100;
constexpr int kDataSetsDefault = 20;

Json told_data_set(const Call& call, const Json& body) {
  const auto properties = call.parameter("properties");
  if (!properties) return body;
  Json told = Json::object();
  for (const std::string& name : split(*properties, ',')) {
    if (body.contains(name)) told[name] = body[name];
  }
  return told;
}

// `property`, as a place in the dataset, an operator and a text. Without one the place is empty.
struct DataSetFilter {
  std::string pointer;
  bool is_pattern = false;
  std::string text;
  std::regex pattern;
};

std::optional<DataSetFilter> read_data_set_filter(const Call& call) {
  DataSetFilter filter;
  const auto property = call.parameter("property");
  if (!property) return filter;
  const std::size_t at = property->find_first_of("=~");
  if (at == std::string::npos || at == 0) return std::nullopt;
  filter.is_pattern = (*property)[at] == '~';
  if (!filter.is_pattern && property->substr(at, 2) != "==") return std::nullopt;
  for (const std::string& step : split(property->substr(0, at), '.'))
    filter.pointer += "/" + step;
  filter.text = property->substr(at + (filter.is_pattern ? 1 : 2));
  try {
    if (filter.is_pattern) filter.pattern = std::regex(filter.text);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
  return filter;
}

bool fits_name(const std::string& name, std::string_view asked) {
  if (!asked.ends_with('*')) return name == asked;
  return name.starts_with(asked.substr(0, asked.size() - 1));
}

bool fits_call(const Call& call, const DataSetFilter& property, const Json& body) {
  const auto name = call.parameter("name");
  if (name && !fits_name(body["name"], *name)) return false;
  if (const auto tag = call.parameter("tags")) {
    const std::size_t colon = std::min(tag->find(':'), tag->size());
    const Json values = body["tags"].value(tag->substr(0, colon), Json::array());
    const std::string value = tag->substr(std::min(colon + 1, tag->size()));
    if (std::find(values.begin(), values.end(), value) == values.end()) return false;
  }
  if (property.pointer.empty()) return true;
  const Json::json_pointer place(property.pointer);
  if (!body.contains(place) || body[place].is_structured()) return false;
  const std::string text =
      body[place].is_string() ? body[place].get<std::string>() : body[place].dump();
  return property.is_pattern ? std::regex_search(text, property.pattern) : text == property.text;
}

}  // namespace

http::Response unknown_data_set(const Call& call) {
  return service_error(call, 404, fmt::format("The dataset {} was not found", call.captures[0]));
}

http::Response get_data_set(World& world, const Call& call) {
  if (const Refusal refusal = check_parameters(call, {"properties"})) return *refusal;
  const Record* record = world.find(call.sandbox, kDataSets, call.captures[0]);
  if (record == nullptr) return unknown_data_set(call);
  http::Response response = json_reply(200, {{record->id, told_data_set(call, record->body)}});
  response.headers["e-tag"] = record->body["version"];
  return response;
}

http::Response list_data_sets(World& world, const Call& call) {
  const std::vector<std::string_view> known = {"name",       "limit", "start",
                                               "properties", "tags",  "property"};
  if (const Refusal refusal = check_parameters(call, known)) return *refusal;
  const std::string fallback = std::to_string(kDataSetsDefault);
  const auto limit = read_number(call.parameter("limit").value_or(fallback));
  const auto start = read_number(call.parameter("start").value_or("0"));
  if (!limit || *limit < 1 || *limit > kDataSetsMax) {
    return service_error(call, 400, "limit must be a number from 1 to 100");
  }
  if (!start) return service_error(call, 400, "start must be a number");
  const auto property = read_data_set_filter(call);
  if (!property) return service_error(call, 400, "The filter is not understood");
  Json found = Json::object();
  int at = 0;
  for (const auto& [serial, record] : world.collection(call.sandbox, kDataSets).in_order()) {
    if (!fits_call(call, *property, record.body)) continue;
    if (at++ < *start) continue;
    if (found.size() == static_cast<std::size_t>(*limit)) break;
    found[record.id] = told_data_set(call, record.body);
  }
  return json_reply(200, found);
}

http::Response get_sandbox(World& world, const Call& call) {
  const std::string& name = call.captures[0];
  if (!world.has_sandbox(name)) {
    return service_error(call, 404, fmt::format("The sandbox {} was not found", name));
  }
  const bool is_default = name == "prod";
  return json_reply(200, {{"id", world.sandbox_id(name)},
                          {"name", name},
                          {"title", name},
                          {"state", "active"},
                          {"type", is_default ? "production" : "development"},
                          {"region", "VA7"},
                          {"isDefault", is_default}});
}

}  // namespace sluice::emulator
