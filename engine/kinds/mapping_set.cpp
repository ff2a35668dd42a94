#include "http/json_body.hpp"
#include "kinds/collection.hpp"
#include "kinds/fields.hpp"
#include "kinds/kind.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace sluice::kinds {

namespace {

constexpr const char* kPath = "/data/foundation/conversion/mappingSets";
constexpr std::size_t kSetsOfPage = 100;

/// The spellings of a row's type that the platform uses in replies, besides our own.
struct TypeName {
  std::string_view seen;  // In lower case.
  const char* canonical;
};
constexpr std::array kTypeNames = {
    TypeName{"attribute", "attribute"}, TypeName{"text/x.schema-path", "attribute"},
    TypeName{"expression", "expression"}, TypeName{"static", "static"}};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// A row without a type is an attribute, as the older dialect leaves it out.
std::string canonical_type(const std::string& seen) {
  if (seen.empty()) return "attribute";
  const std::string word = lower(seen);
  for (const TypeName& name : kTypeNames) {
    if (name.seen == word) return name.canonical;
  }
  // The platform's own word for an expression is not written down everywhere in the same way.
  return word.starts_with("text/x.") ? "expression" : word;
}

Json mapping_body(const Fields& inputs) {
  Json rows = Json::array();
  for (const auto& [destination, row] : inputs.at("rows").items()) {
    Json item = {{"sourceType", upper(text_at(row, "type"))},
                 {"source", text_at(row, "source")},
                 {"destination", destination}};
    for (const char* optional : {"name", "description"}) {
      if (row.contains(optional)) item[optional] = row.at(optional);
    }
    rows.push_back(std::move(item));
  }
  return {{"name", text_of(inputs, "name")},
          {"outputSchema",
           {{"schemaRef",
             {{"id", text_of(inputs, "schema.id")},
              {"contentType", schema_media_type(text_of(inputs, "schema.version"))}}}}},
          {"mappings", std::move(rows)}};
}

Json row_from(const Json& item) {
  std::string source = text_at(item, "source");
  for (const char* older : {"sourceAttribute", "sourceExpression"}) {
    if (source.empty()) source = text_at(item, older);
  }
  Json row = {{"type", canonical_type(text_at(item, "sourceType"))}, {"source", source}};
  for (const char* optional : {"name", "description"}) {
    if (!text_at(item, optional).empty()) row[optional] = item.at(optional);
  }
  return row;
}

/// The schema stands in `outputSchema`; a set of the oldest dialect has it at the top.
void put_schema(const Json& item, Observed& into) {
  const Json& reference = at_path(item, {"outputSchema", "schemaRef"});
  put(into.fields, "schema.id", at_path(item, {"xdmSchema"}));
  put(into.fields, "schema.id", at_path(reference, {"id"}));
  const std::string old_version = text_at(item, "xdmVersion");
  std::string version = schema_version(text_at(reference, "contentType"));
  if (version.empty()) version = schema_version(old_version);
  // That dialect also writes the version alone: "1.0".
  if (version.empty() && old_version.find('/') == std::string::npos) version = old_version;
  if (!version.empty()) into.fields["schema.version"] = version;
}

Observed mapping_in(const Json& item) {
  Observed object;
  object.id = id_at(item, "id");
  object.facts["version"] = number_at(item, "version");
  object.updated_by = text_at(item, "modifiedBy");
  object.updated_at = number_at(item, "modifiedDate");
  object.created_at = number_at(item, "createdDate");
  object.created_by = text_at(item, "createdBy");
  put(object.fields, "name", at_path(item, {"name"}));
  put_schema(item, object);
  const Json& mappings = at_path(item, {"mappings"});
  if (mappings.is_array()) {
    Json rows = Json::object();
    for (const Json& mapping : mappings) {
      std::string destination = text_at(mapping, "destination");
      if (destination.empty()) destination = text_at(mapping, "destinationXdmPath");
      // A second row for the same destination must show, or nobody would ever take it out.
      while (rows.contains(destination))
        destination += " (again)";
      rows[destination] = row_from(mapping);
    }
    object.fields["rows"] = std::move(rows);
  }
  return object;
}

std::string list_target(const std::string& name, std::size_t start) {
  std::string target = std::string(kPath) + "?limit=" + std::to_string(kSetsOfPage) +
                       "&start=" + std::to_string(start);
  if (!name.empty()) target += "&name=" + encode(name);
  return target;
}

/// The number behind "&start=" in the target of a page.
std::size_t start_of(const std::string& target) {
  constexpr std::string_view kKey = "&start=";
  const std::size_t at = target.find(kKey);
  return at == std::string::npos ? 0 : std::stoul(target.substr(at + kKey.size()));
}

/// Pages are counted by offset. A page that is not full is the last one, unless the platform says
/// that it cuts pages shorter or that there is more.
std::optional<Page> mapping_page(const http::Response& response, const http::Request& asked) {
  const std::optional<Json> body = http::parse_json(response.body);
  if (!body || !at_path(*body, {"data"}).is_array()) return std::nullopt;
  Page page;
  for (const Json& item : body->at("data")) {
    page.objects.push_back(mapping_in(item));
    if (page.objects.back().id.empty()) return std::nullopt;
  }
  const std::int64_t limit = number_at(at_path(*body, {"_page"}), "limit");
  const std::size_t full = limit > 0 ? static_cast<std::size_t>(limit) : kSetsOfPage;
  const bool more = page.objects.size() >= std::min(full, kSetsOfPage) ||
                    !text_at(at_path(*body, {"_links", "next"}), "href").empty();
  if (page.objects.empty() || !more) return page;
  const std::size_t at = asked.target.find("&start=");
  const std::size_t end = std::min(asked.target.find('&', at + 1), asked.target.size());
  page.next = asked.target.substr(0, at) +
              "&start=" + std::to_string(start_of(asked.target) + page.objects.size()) +
              asked.target.substr(end);
  return page;
}

std::optional<Observed> mapping_from(const http::Response& response) {
  const std::optional<Json> body = http::parse_json(response.body);
  if (!body || !body->is_object()) return std::nullopt;
  Observed object = mapping_in(*body);
  if (object.id.empty() || !at_path(*body, {"mappings"}).is_array()) return std::nullopt;
  return object;
}

std::optional<Written> mapping_written(const http::Response& response) {
  const std::optional<Json> body = http::parse_json(response.body);
  if (!body || id_at(*body, "id").empty() || !body->contains("version")) return std::nullopt;
  return Written{id_at(*body, "id"), {}, {{"version", number_at(*body, "version")}}};
}

KindRules rules() {
  return {"mappingSet",
          "mapping",
          {{"name", FieldClass::in_place, Equality::if_told},
           {"schema.id", FieldClass::create_only, Equality::exact},
           {"schema.version", FieldClass::create_only, Equality::version},
           {"rows", FieldClass::in_place, Equality::keyed}},
          {"id", "version"},
          {},
          {}};
}

}  // namespace

Kind mapping_set() {
  Kind kind;
  kind.noun = "mapping set";
  kind.guard = Guard::version;
  kind.may_lack_delete = true;
  kind.has_client = false;
  kind.rules = rules();
  add_collection(kind, kPath, mapping_body);
  kind.read_version = [](const std::string& id, std::int64_t version) {
    return request("GET",
                   std::string(kPath) + "/" + encode(id) + "?version=" + std::to_string(version));
  };
  kind.parse = mapping_from;
  kind.list = [](const std::vector<std::string>& names) {
    return request("GET", list_target(names.size() == 1 ? names.front() : "", 0));
  };
  kind.parse_page = mapping_page;
  kind.parse_written = mapping_written;
  kind.update = [](const Update& update) -> std::optional<http::Request> {
    if (update.changes.empty()) return std::nullopt;
    http::Request result = request("PUT", std::string(kPath) + "/" + encode(update.id));
    result.body = mapping_body(update.after).dump();
    return result;
  };
  return kind;
}

}  // namespace sluice::kinds
