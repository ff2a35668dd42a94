#include "emulator/registry_lists.hpp"

#include "emulator/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice::emulator {

namespace {

constexpr int kResourcesMax = 500;
constexpr int kResourcesDefault = 300;
constexpr const char* kGlobalSchemas =
    "https://platform.adobe.io/data/foundation/schemaregistry/global/schemas";

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool fits_property(const Json& value, std::string_view op, const std::string& text) {
  const std::string mine = text_of(value);
  if (op == "==") return mine == text;
  if (op == "!=") return mine != text;
  if (op == "<=") return mine <= text;
  if (op == ">=") return mine >= text;
  return op == "<" ? mine < text : mine > text;
}

}  // namespace

Refusal filter_resources(const Call& call, std::vector<Json>& resources) {
  const auto property = call.parameter("property");
  if (!property) return std::nullopt;
  const std::size_t at = std::min(property->find_first_of("=!<>"), property->size());
  const std::string field = property->substr(0, at);
  const std::string rest = property->substr(at);
  std::string_view op;
  for (const std::string_view known : {"==", "!=", "<=", ">=", "<", ">"}) {
    if (op.empty() && rest.starts_with(known)) op = known;
  }
  if (field.empty() || (op.empty() && !rest.empty())) {
    return service_error(call, 400, fmt::format("The filter {} is not understood", *property));
  }
  const std::string text = rest.substr(op.size());
  std::erase_if(resources, [&field, op, &text](const Json& resource) {
    if (!resource.contains(field)) return true;
    return !op.empty() && !fits_property(resource[field], op, text);
  });
  return std::nullopt;
}

http::Response resource_page(const Call& call, std::vector<Json> resources,
                             Json (*form)(const Call&, const Json&)) {
  const auto order = call.parameter("orderby");
  const auto asked = call.parameter("limit");
  const auto start = call.parameter("start");
  if ((asked || start) && !order) {
    return service_error(call, 400, "limit and start need an orderby");
  }
  const auto limit = read_number(asked.value_or(std::to_string(kResourcesDefault)));
  if (!limit || *limit > kResourcesMax) {
    return service_error(call, 400, "limit must be a number from 0 to 500");
  }
  if (const Refusal refusal = filter_resources(call, resources)) return *refusal;
  const std::string field = order.value_or("title");
  const auto key = [&field](const Json& resource) {
    return text_of(resource.value(field, Json("")));
  };
  std::stable_sort(resources.begin(), resources.end(),
                   [&key](const Json& one, const Json& other) { return key(one) < key(other); });
  Json results = Json::array();
  Json next;
  std::string last;
  for (const Json& resource : resources) {
    if (start && key(resource) <= *start) continue;
    // A limit is a hint: what ties with the last one would otherwise be on no page at all.
    if (results.size() >= static_cast<std::size_t>(*limit) &&
        (key(resource) != last || *limit == 0)) {
      next = last;
      break;
    }
    last = key(resource);
    results.push_back(form(call, resource));
  }
  Json links = {{"next", nullptr}};
  if (!next.is_null()) {
    links["next"] = fmt::format("{}?orderby={}&limit={}&start={}", call.path, percent_encode(field),
                                *limit, percent_encode(last));
  }
  if (call.segments[4] == kSchemas) links["global_schemas"] = {{"href", kGlobalSchemas}};
  const Json page = {{"orderby", field}, {"next", next}, {"count", results.size()}};
  return json_reply(200, {{"results", std::move(results)}, {"_page", page}, {"_links", links}});
}

}  // namespace sluice::emulator
