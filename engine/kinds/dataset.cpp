#include "http/json_body.hpp"
#include "kinds/collection.hpp"
#include "kinds/fields.hpp"
#include "kinds/kind.hpp"

#include <algorithm>

namespace sluice::kinds {

namespace {

constexpr const char* kDatasets = "/data/foundation/catalog/dataSets";
constexpr std::size_t kDatasetsOfPage = 100;
constexpr const char* kProfileTag = "unifiedProfile";
constexpr const char* kIdentityTag = "unifiedIdentity";

/// What a read is asked to tell: a dataset may carry a schema of megabytes besides.
constexpr const char* kProperties =
    "properties=name,description,schemaRef,tags,enableErrorDiagnostics,version,created,updated,"
    "createdClient,updatedUser";

Json tag_value(bool enabled) {
  return Json::array({enabled ? "enabled:true" : "enabled:false"});
}

bool is_set(const Fields& inputs, const std::string& field) {
  const auto found = inputs.find(field);
  return found != inputs.end() && found->second == true;
}

Json dataset_body(const Fields& inputs) {
  Json body = {{"name", text_of(inputs, "name")},
               {"schemaRef",
                {{"id", text_of(inputs, "schema.id")},
                 {"contentType", schema_media_type(text_of(inputs, "schema.version"))}}}};
  if (inputs.contains("description")) body["description"] = inputs.at("description");
  if (inputs.contains("error_diagnostics")) {
    body["enableErrorDiagnostics"] = inputs.at("error_diagnostics");
  }
  if (is_set(inputs, "profile")) {
    body["tags"] = {{kProfileTag, tag_value(true)}, {kIdentityTag, tag_value(true)}};
  }
  return body;
}

/// Docs write "enabled:true" with and without a blank, and "enabledAt:..." may stand beside it.
bool is_enabled(const Json& tag) {
  return tag.is_array() && std::any_of(tag.begin(), tag.end(), [](const Json& element) {
           if (!element.is_string()) return false;
           std::string text = element.get<std::string>();
           std::erase(text, ' ');
           return text == "enabled:true";
         });
}

Observed dataset_in(const std::string& id, const Json& item) {
  Observed object;
  object.id = id;
  object.updated_by = text_at(item, "updatedUser");
  object.updated_at = number_at(item, "updated");
  object.created_at = number_at(item, "created");
  object.created_client = text_at(item, "createdClient");
  for (const char* field : {"name", "description"})
    put(object.fields, field, at_path(item, {field}));
  put(object.fields, "schema.id", at_path(item, {"schemaRef", "id"}));
  const std::string version = schema_version(text_at(at_path(item, {"schemaRef"}), "contentType"));
  if (!version.empty()) object.fields["schema.version"] = version;
  object.fields["profile"] = is_enabled(at_path(item, {"tags", kProfileTag}));
  object.fields["error_diagnostics"] = at_path(item, {"enableErrorDiagnostics"}) == true;
  return object;
}

/// Datasets come as an object keyed by id.
std::optional<Json> keyed_body(const http::Response& response) {
  std::optional<Json> body = http::parse_json(response.body);
  if (!body || !body->is_object()) return std::nullopt;
  for (const auto& [id, item] : body->items()) {
    if (!item.is_object()) return std::nullopt;
  }
  return body;
}

std::optional<Observed> parse_dataset(const http::Response& response) {
  const std::optional<Json> body = keyed_body(response);
  if (!body || body->size() != 1 || !is_id(body->begin().key())) return std::nullopt;
  Observed object = dataset_in(body->begin().key(), body->begin().value());
  for (const char* header : {"e-tag", "etag"}) {
    const auto found = response.headers.find(header);
    if (object.etag.empty() && found != response.headers.end()) object.etag = found->second;
  }
  return object;
}

std::optional<Page> dataset_page(const http::Response& response, const http::Request& asked) {
  const std::optional<Json> body = keyed_body(response);
  if (!body) return std::nullopt;
  Page page;
  for (const auto& [id, item] : body->items()) {
    if (!is_id(id)) return std::nullopt;
    page.objects.push_back(dataset_in(id, item));
  }
  if (page.objects.size() < kDatasetsOfPage) return page;
  constexpr std::string_view kStart = "&start=";
  const std::size_t at = asked.target.find(kStart) + kStart.size();
  page.next = asked.target.substr(0, at) +
              std::to_string(std::stoul(asked.target.substr(at)) + page.objects.size());
  return page;
}

/// "@/dataSets/68a0000000000000000000d5", in any case, in a list of one.
std::optional<Written> dataset_written(const http::Response& response) {
  const std::optional<Json> body = http::parse_json(response.body);
  if (!body || !body->is_array() || body->size() != 1 || !body->at(0).is_string()) {
    return std::nullopt;
  }
  const std::string text = body->at(0).get<std::string>();
  const std::size_t slash = text.find('/', 2);
  if (!text.starts_with("@/") || slash == std::string::npos) return std::nullopt;
  const std::string id = text.substr(slash + 1);
  if (!is_id(id)) return std::nullopt;
  return Written{id, {}, Json::object()};
}

/// One JSON Patch for all, since a plain merge is vouched for on the top level only.
std::optional<http::Request> dataset_update(const Update& update) {
  Json patch = Json::array();
  const auto add = [&patch](const std::string& path, Json value) {
    patch.push_back({{"op", "add"}, {"path", path}, {"value", std::move(value)}});
  };
  for (const Change& change : update.changes) {
    const auto after = update.after.find(change.field);
    const Json wanted = after == update.after.end() ? Json("") : after->second;
    if (change.field == "name" || change.field == "description") add("/" + change.field, wanted);
    if (change.field == "error_diagnostics") add("/enableErrorDiagnostics", wanted);
    if (change.field != "profile") continue;
    add(std::string("/tags/") + kProfileTag, tag_value(wanted == true));
    add(std::string("/tags/") + kIdentityTag, tag_value(wanted == true));
  }
  if (patch.empty()) return std::nullopt;
  http::Request result = request("PATCH", std::string(kDatasets) + "/" + encode(update.id));
  result.headers["Content-Type"] = "application/json-patch+json";
  if (!update.etag.empty()) result.headers["If-Match"] = update.etag;
  result.body = patch.dump();
  return result;
}

KindRules dataset_rules() {
  KindRules rules;
  rules.kind = "dataset";
  rules.fields = {{"name", FieldClass::in_place, Equality::exact},
                  {"description", FieldClass::in_place, Equality::text},
                  {"schema.id", FieldClass::create_only, Equality::exact},
                  // The platform rewrites it to what it takes for the newest.
                  {"schema.version", FieldClass::write_only, Equality::version},
                  // Not of the dataset: it makes the dataset wait for its schema's profile.
                  {"schema.profile", FieldClass::write_only, Equality::exact},
                  {"profile", FieldClass::in_place, Equality::exact},
                  {"error_diagnostics", FieldClass::in_place, Equality::exact}};
  rules.attributes = {"id"};
  rules.replacement_note = "The data stays in the old dataset and goes with it.";
  rules.holds_data = true;
  return rules;
}

}  // namespace

Kind dataset() {
  Kind kind;
  kind.noun = "dataset";
  kind.guard = Guard::compare;
  kind.rules = dataset_rules();
  const std::string base = kDatasets;
  add_collection(kind, base, dataset_body);
  kind.read = [base](const std::string& id) {
    return request("GET", base + "/" + encode(id) + "?" + kProperties);
  };
  kind.parse = parse_dataset;
  kind.says_gone = [](const http::Response& response) {
    const std::optional<Json> body = keyed_body(response);
    return body && body->empty();
  };
  kind.list = [base](const std::vector<std::string>& names) {
    std::string target = base + "?limit=" + std::to_string(kDatasetsOfPage) + "&" + kProperties;
    if (names.size() == 1) target += "&name=" + encode(names.front());
    return request("GET", target + "&start=0");
  };
  kind.parse_page = dataset_page;
  kind.parse_written = dataset_written;
  kind.update = dataset_update;
  return kind;
}

}  // namespace sluice::kinds
