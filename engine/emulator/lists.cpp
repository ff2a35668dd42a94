#include "emulator/lists.hpp"

#include "emulator/flow_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <utility>

namespace sluice::emulator {

namespace {

constexpr int kDefaultPageSize = 20;

struct Filter {
  enum class Operator { equal, not_equal, like };
  std::vector<std::string> path;
  Operator op = Operator::equal;
  std::vector<std::string> values;  // Any of them.
  std::regex pattern;               // For `like`.
};

// Where a record stands in the order that the call asks for.
struct Place {
  Json value;  // Of the field to order by; null without one.
  std::uint64_t serial = 0;
};

struct ListRequest {
  int limit = kDefaultPageSize;
  bool only_count = false;
  std::vector<Filter> filters;
  std::string order_field;
  bool is_descending = false;
  std::optional<Place> after;
};

bool stands_before(const ListRequest& list, const Place& one, const Place& other) {
  if (one.value == other.value) return one.serial < other.serial;
  return list.is_descending ? other.value < one.value : one.value < other.value;
}

// Everything that a dotted path leads to; `name[]` stands for each element of an array.
void collect(const Json& value, const std::vector<std::string>& path, std::size_t at,
             std::vector<const Json*>& found) {
  if (at == path.size()) {
    found.push_back(&value);
    return;
  }
  const bool is_each = path[at].ends_with("[]");
  const std::string name = is_each ? path[at].substr(0, path[at].size() - 2) : path[at];
  if (!value.is_object() || !value.contains(name)) return;
  const Json& next = value[name];
  if (!is_each) {
    collect(next, path, at + 1, found);
  } else if (next.is_array()) {
    for (const Json& element : next)
      collect(element, path, at + 1, found);
  }
}

bool fits(const Filter& filter, const std::string& text) {
  if (filter.op == Filter::Operator::like) return std::regex_search(text, filter.pattern);
  const bool is_named =
      std::find(filter.values.begin(), filter.values.end(), text) != filter.values.end();
  return is_named == (filter.op == Filter::Operator::equal);
}

// A field that is not there fits no filter, and neither does one that holds others.
bool fits(const Filter& filter, const Json& body) {
  std::vector<const Json*> found;
  collect(body, filter.path, 0, found);
  return std::any_of(found.begin(), found.end(), [&filter](const Json* value) {
    if (value->is_structured() || value->is_null()) return false;
    return fits(filter, value->is_string() ? value->get<std::string>() : value->dump());
  });
}

std::optional<Filter> read_filter(const std::string& text) {
  constexpr std::string_view kFieldCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.[]";
  const std::size_t at = std::min(text.find_first_not_of(kFieldCharacters), text.size());
  const std::string_view rest = std::string_view(text).substr(at);
  Filter filter;
  filter.path = split(std::string_view(text).substr(0, at), '.');
  if (at == 0) return std::nullopt;
  if (rest.starts_with("==") || rest.starts_with("!=")) {
    filter.op = rest[0] == '=' ? Filter::Operator::equal : Filter::Operator::not_equal;
    filter.values = split(rest.substr(2), ',');
    return filter;
  }
  if (!rest.starts_with("~")) return std::nullopt;
  filter.op = Filter::Operator::like;
  try {
    filter.pattern = std::regex(std::string(rest.substr(1)));
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
  return filter;
}

// The token holds `=` and `%`, as the platform's may: a client must decode and encode it properly.
std::string make_token(const Place& place) {
  std::string hex;
  for (const char c : place.value.dump())
    hex += fmt::format("{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return fmt::format("after={}%{}==", hex, place.serial);
}

std::optional<Place> read_token(std::string_view token) {
  constexpr std::string_view kStart = "after=";
  constexpr std::string_view kEnd = "==";
  const std::size_t middle = token.find('%');
  if (!token.starts_with(kStart) || !token.ends_with(kEnd)) return std::nullopt;
  if (middle == std::string_view::npos) return std::nullopt;
  std::string escaped;
  for (std::size_t i = kStart.size(); i + 1 < middle; i += 2)
    escaped += fmt::format("%{}", token.substr(i, 2));
  const auto text = decode_form(escaped);
  const auto serial =
      read_number(token.substr(middle + 1, token.size() - middle - 1 - kEnd.size()));
  if (!text || text->size() != 1 || !serial) return std::nullopt;
  Place place;
  place.value = Json::parse(text->front().first, nullptr, false);
  place.serial = static_cast<std::uint64_t>(*serial);
  if (place.value.is_discarded()) return std::nullopt;
  return place;
}

Refusal read_order(const Call& call, ListRequest& list) {
  const auto order = call.parameter("orderby");
  if (!order) return std::nullopt;
  const std::vector<std::string_view> fields = {
      "id", "name", "description", "state", "createdAt", "updatedAt", "createdBy", "updatedBy"};
  // A plus sign that was not escaped arrives as a space.
  const bool has_sign = std::string_view("+- ").find(order->substr(0, 1)) != std::string_view::npos;
  list.order_field = has_sign && !order->empty() ? order->substr(1) : *order;
  list.is_descending = order->starts_with("-");
  if (std::find(fields.begin(), fields.end(), list.order_field) != fields.end()) {
    return std::nullopt;
  }
  return flow_error(call, "FLOW-1432-400", fmt::format("Cannot order by {}", *order));
}

Refusal read_limit_and_count(const World& world, const Call& call, ListRequest& list) {
  const auto limit = call.parameter("limit");
  const auto count = call.parameter("count");
  if (limit && count) {
    return flow_error(call, "FLOW-1401-400", "limit and count cannot be given together");
  }
  if (count && count != "true" && count != "false") {
    return flow_error(call, "FLOW-400", fmt::format("count is {}, not true or false", *count));
  }
  list.only_count = count == "true";
  if (limit) list.limit = read_number(*limit).value_or(0);
  if (list.limit < 1) {
    return flow_error(call, "FLOW-400", fmt::format("limit is {}, not a number above 0", *limit));
  }
  list.limit = std::min(list.limit, world.switches().page_size_max);
  return std::nullopt;
}

Refusal read_list_request(const World& world, const Call& call, ListRequest& list) {
  const std::vector<std::string_view> known = {"limit", "orderby", "property", "continuationToken",
                                               "count"};
  if (const Refusal refusal = check_parameters(call, known, "property")) return refusal;
  if (const Refusal refusal = read_limit_and_count(world, call, list)) return refusal;
  if (const Refusal refusal = read_order(call, list)) return refusal;
  for (const auto& [name, value] : call.query) {
    if (name != "property") continue;
    auto filter = read_filter(value);
    if (!filter) {
      return flow_error(call, "FLOW-400", fmt::format("The filter {} is not understood", value));
    }
    list.filters.push_back(std::move(*filter));
  }
  if (const auto token = call.parameter("continuationToken")) {
    list.after = read_token(*token);
    if (!list.after) return flow_error(call, "FLOW-400", "The continuationToken is not valid");
  }
  return std::nullopt;
}

Place place_of(const ListRequest& list, const Record& record) {
  return {list.order_field.empty() ? Json() : record.body.value(list.order_field, Json()),
          record.serial};
}

}  // namespace

http::Response list_reply(const World& world, const Call& call,
                          const std::vector<const Record*>& records) {
  ListRequest list;
  if (const Refusal refusal = read_list_request(world, call, list)) return *refusal;
  std::vector<std::pair<Place, const Record*>> found;
  for (const Record* record : records) {
    const auto fits_record = [record](const Filter& filter) { return fits(filter, record->body); };
    if (!std::all_of(list.filters.begin(), list.filters.end(), fits_record)) continue;
    found.emplace_back(place_of(list, *record), record);
  }
  if (list.only_count) return json_reply(200, {{"count", found.size()}});

  std::sort(found.begin(), found.end(), [&list](const auto& one, const auto& other) {
    return stands_before(list, one.first, other.first);
  });
  Json items = Json::array();
  Json links = Json::object();
  const Place* last = nullptr;
  for (const auto& [place, record] : found) {
    if (list.after && !stands_before(list, *list.after, place)) continue;
    if (items.size() == static_cast<std::size_t>(list.limit)) {
      const std::string token = percent_encode(make_token(*last));
      links["next"] = {{"href", fmt::format("/{}?continuationToken={}", call.segments[3], token)}};
      break;
    }
    items.push_back(shown(world, call.segments[3], *record));
    last = &place;
  }
  return json_reply(200, {{"items", std::move(items)}, {"_links", std::move(links)}});
}

}  // namespace sluice::emulator
