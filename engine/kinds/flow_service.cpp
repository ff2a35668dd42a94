#include "kinds/flow_service.hpp"

#include "http/json_body.hpp"
#include "kinds/collection.hpp"
#include "kinds/fields.hpp"

#include <algorithm>

namespace sluice::kinds {

namespace {

constexpr int kPageSize = 100;

// An etag that no object has.
constexpr const char* kNobodysEtag = "\"00000000-0000-0000-0000-000000000000\"";

// Names are sent in one filter up to this many bytes, well within what servers take as a URL.
constexpr std::size_t kFilterBytesMax = 1500;

Observed observed_from(const Json& item, const FlowServiceShape& shape) {
  Observed object;
  object.id = id_at(item, "id");
  object.etag = text_at(item, "etag");
  object.updated_by = text_at(item, "updatedBy");
  object.updated_at = number_at(item, "updatedAt");
  object.created_at = number_at(item, "createdAt");
  object.created_client = text_at(item, "createdClient");
  object.created_by = text_at(item, "createdBy");
  put(object.fields, "name", at_path(item, {"name"}));
  put(object.fields, "description", at_path(item, {"description"}));
  shape.from_item(item, object);
  return object;
}

/// An object read by id comes in a list of one; an empty list means that there is none.
std::optional<Observed> parse_one(const http::Response& response, const FlowServiceShape& shape) {
  const std::optional<Json> body = items_of(response);
  if (!body || body->at("items").size() != 1) return std::nullopt;
  Observed object = observed_from(body->at("items").at(0), shape);
  if (object.id.empty() || object.etag.empty()) return std::nullopt;
  return object;
}

/// A comma would split a name in two, so such names are found by listing everything.
bool fits_filter(const std::vector<std::string>& names) {
  std::size_t bytes = 0;
  for (const std::string& name : names) {
    if (name.find(',') != std::string::npos) return false;
    bytes += name.size() * 3 + 1;
  }
  return !names.empty() && bytes <= kFilterBytesMax;
}

http::Request list_request(const std::string& base, const std::vector<std::string>& names) {
  std::string target = base + "?limit=" + std::to_string(kPageSize);
  if (fits_filter(names)) {
    target += "&property=name%3D%3D";
    for (std::size_t i = 0; i < names.size(); ++i) {
      target += (i == 0 ? "" : ",") + encode(names[i]);
    }
  }
  return request("GET", std::move(target));
}

/// The continuation token, still percent-encoded, out of a next-page link of any form.
std::string token_of(const std::string& href) {
  constexpr std::string_view kKey = "continuationToken=";
  for (std::size_t at = href.find('?'); at != std::string::npos; at = href.find('&', at + 1)) {
    const std::string_view pair = std::string_view(href).substr(at + 1);
    if (!pair.starts_with(kKey)) continue;
    const std::string_view value = pair.substr(kKey.size());
    return std::string(value.substr(0, std::min(value.find_first_of("&#"), value.size())));
  }
  return {};
}

std::optional<Page> parse_page(const http::Response& response, const http::Request& asked,
                               const FlowServiceShape& shape) {
  const std::optional<Json> body = items_of(response);
  if (!body) return std::nullopt;
  Page page;
  for (const Json& item : body->at("items")) {
    page.objects.push_back(observed_from(item, shape));
    if (page.objects.back().id.empty()) return std::nullopt;
  }
  std::optional<std::string> next = next_page(*body, asked);
  if (!next) return std::nullopt;
  page.next = std::move(*next);
  return page;
}

std::optional<Written> parse_written(const http::Response& response) {
  const std::optional<Json> body = http::parse_json(response.body);
  if (!body) return std::nullopt;
  // Patches of connections may be answered with the whole item.
  const Json& items = at_path(*body, {"items"});
  const Json& item = items.is_array() && items.size() == 1 ? items.at(0) : *body;
  Written written{id_at(item, "id"), text_at(item, "etag"), Json::object()};
  if (written.id.empty()) return std::nullopt;
  return written;
}

}  // namespace

std::optional<Json> items_of(const http::Response& response) {
  std::optional<Json> body = http::parse_json(response.body);
  if (!body || !at_path(*body, {"items"}).is_array()) return std::nullopt;
  return body;
}

std::optional<std::string> next_page(const Json& body, const http::Request& asked) {
  const std::string token = token_of(text_at(at_path(body, {"_links", "next"}), "href"));
  if (token.empty()) return std::string();
  // The filter of the first page is sent again, since the link need not repeat it.
  const std::string first = asked.target.substr(0, asked.target.find("&continuationToken="));
  std::string next = first + "&continuationToken=" + token;
  if (next == asked.target) return std::nullopt;
  return next;
}

void add_flow_service(Kind& kind, const FlowServiceShape& shape) {
  const std::string base = kFlowServicePath + shape.collection;
  add_collection(kind, base, shape.to_body);
  kind.parse = [shape](const http::Response& response) { return parse_one(response, shape); };
  kind.gone_has_code = true;
  kind.hidden_probe = [base](const std::string& id, const std::string& name) {
    http::Request result = request("PATCH", base + "/" + encode(id));
    result.headers["If-Match"] = kNobodysEtag;
    const Json operation = {{"op", "replace"}, {"path", "/name"}, {"value", name}};
    result.body = Json::array({operation}).dump();
    return result;
  };
  // An empty list means as much as a 404.
  kind.says_gone = [](const http::Response& response) {
    const std::optional<Json> body = items_of(response);
    return body && body->at("items").empty();
  };
  kind.list = [base](const std::vector<std::string>& names) { return list_request(base, names); };
  kind.parse_page = [shape](const http::Response& response, const http::Request& asked) {
    return parse_page(response, asked, shape);
  };
  kind.parse_written = parse_written;
  kind.update = [base, shape](const Update& update) -> std::optional<http::Request> {
    const Json patch = shape.to_patch(update);
    if (patch.empty()) return std::nullopt;
    http::Request result = request("PATCH", base + "/" + encode(update.id));
    result.headers["If-Match"] = update.etag;
    result.body = patch.dump();
    return result;
  };
}

Json connection_body(const Fields& inputs) {
  Json body = {
      {"name", text_of(inputs, "name")},
      {"connectionSpec",
       {{"id", text_of(inputs, "connection_spec.id")},
        {"version", text_of(inputs, "connection_spec.version")}}},
  };
  // A source whose account tells the format has no `data`.
  if (inputs.contains("format")) body["data"] = {{"format", inputs.at("format")}};
  if (inputs.contains("description")) body["description"] = inputs.at("description");
  return body;
}

void put_connection(const Json& item, Observed& into) {
  put(into.fields, "connection_spec.id", at_path(item, {"connectionSpec", "id"}));
  put(into.fields, "connection_spec.version", at_path(item, {"connectionSpec", "version"}));
  put(into.fields, "format", at_path(item, {"data", "format"}));
}

Json plain_patch(const Update& update) {
  Json patch = Json::array();
  for (const Change& change : update.changes) {
    if (change.field != "name" && change.field != "description") continue;
    // `add` sets a field whether it is there or not, and an empty one may not be there; `remove`
    // without a value is not vouched for.
    const char* op = change.before.is_null() || change.before == "" ? "add" : "replace";
    const auto value = update.after.find(change.field);
    const Json wanted = value == update.after.end() ? Json("") : value->second;
    patch.push_back({{"op", op}, {"path", "/" + change.field}, {"value", wanted}});
  }
  return patch;
}

http::Request probe_request() {
  return request("GET", std::string(kFlowServicePath) + "flows?limit=1");
}

}  // namespace sluice::kinds
