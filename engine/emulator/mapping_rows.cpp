#include "emulator/mapping_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

namespace sluice::emulator {

namespace {

constexpr std::size_t kExpressionSizeMax = 4096;
constexpr const char* kFullSchema = "application/vnd.adobe.xed-full+json;version=1";

Refusal refuse(const Call& call, std::string_view detail) {
  return service_error(call, 400, detail);
}

bool is_filled_text(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() && *found != "";
}

// How GET tells of a source type that was sent; null for one that there is not.
Json told_source_type(const Json& sent) {
  constexpr std::array<std::pair<const char*, const char*>, 3> kTypes = {{
      {"ATTRIBUTE", "text/x.schema-path"},
      {"EXPRESSION", "text/x.aep-xl"},
      {"STATIC", "STATIC"},
  }};
  for (const auto& [name, told] : kTypes) {
    if (sent == name) return told;
  }
  return Json();
}

// The dialects differ in the names of source and destination, and in whether the type may be left
// out. One row may not mix them.
struct Dialect {
  std::string source;
  std::string destination;
  std::string default_type;  // Empty: it must be said.
};

Dialect dialect_of(const Json& row) {
  const bool is_legacy = row.contains("destinationXdmPath") || row.contains("sourceAttribute") ||
                         row.contains("sourceExpression");
  if (!is_legacy) return {"source", "destination", ""};
  if (row.contains("sourceExpression")) return {"sourceExpression", "destinationXdmPath", ""};
  return {"sourceAttribute", "destinationXdmPath", "ATTRIBUTE"};
}

Refusal check_row(const Call& call, const Json& row, const Dialect& dialect) {
  std::vector<std::string_view> keys = {"sourceType", dialect.source, dialect.destination};
  if (dialect.source == "source") {
    keys.insert(keys.end(), {"name", "description"});
  } else {
    keys.insert(keys.end(), {"identity", "version"});
  }
  if (const Refusal refusal = check_keys(call, row, "A mapping", keys)) return refusal;
  for (const std::string& key : {dialect.source, dialect.destination}) {
    if (!is_filled_text(row, key)) {
      return refuse(call, fmt::format("A mapping needs a text in the field {}", key));
    }
  }
  const Json type = row.value("sourceType", Json(dialect.default_type));
  if (told_source_type(type).is_null()) {
    return refuse(
        call, fmt::format("The sourceType {} is not ATTRIBUTE, EXPRESSION or STATIC", type.dump()));
  }
  if (type == "EXPRESSION" &&
      row[dialect.source].get_ref<const std::string&>().size() > kExpressionSizeMax) {
    return refuse(call, "An expression may have 4096 characters at most");
  }
  for (const char* key : {"name", "description"}) {
    if (row.contains(key) && !row[key].is_string()) {
      return refuse(call, fmt::format("The field {} of a mapping must be a text", key));
    }
  }
  if (row.contains("identity") && !row["identity"].is_boolean()) {
    return refuse(call, "The field identity of a mapping must be true or false");
  }
  return std::nullopt;
}

Json told_row(const Json& row, const Dialect& dialect) {
  const Json& source = row[dialect.source];
  const Json& destination = row[dialect.destination];
  Json told = {{"sourceType", told_source_type(row.value("sourceType", dialect.default_type))},
               {"source", source},
               {"destination", destination},
               {"sourceAttribute", source},
               {"destinationXdmPath", destination},
               {"identity", row.value("identity", false)},
               {"primaryIdentity", false},
               {"matchScore", 0.0},
               {"functionVersion", 1}};
  for (const char* key : {"name", "description"}) {
    if (row.contains(key)) told[key] = row[key];
  }
  return told;
}

Refusal read_rows(const Call& call, const Json& body, MappingSetBody& result) {
  const Json rows = body.value("mappings", Json());
  if (!rows.is_array()) return refuse(call, "The field mappings must be an array");
  std::set<std::string> destinations;
  for (const Json& row : rows) {
    if (!row.is_object()) return refuse(call, "A mapping must be a JSON object");
    const Dialect dialect = dialect_of(row);
    if (const Refusal refusal = check_row(call, row, dialect)) return refusal;
    const std::string destination = row[dialect.destination];
    if (!destinations.insert(destination).second) {
      return refuse(call, fmt::format("Two mappings have the destination {}", destination));
    }
    result.rows.push_back(told_row(row, dialect));
  }
  return std::nullopt;
}

// The schema stands in `outputSchema.schemaRef`, or in the oldest dialect at the top.
Refusal read_schema_ref(const Call& call, const Json& body, MappingSetBody& result) {
  if (body.contains("xdmSchema") && !body.contains("outputSchema")) {
    if (!is_filled_text(body, "xdmSchema")) return refuse(call, "xdmSchema must be a text");
    const Json version = body.value("xdmVersion", Json());
    if (version != "1.0" && version != "1" && version != kFullSchema) {
      return refuse(call, "xdmVersion must be 1.0");
    }
    result.schema_ref = {{"id", body["xdmSchema"]}, {"contentType", kFullSchema}};
    return std::nullopt;
  }
  const Json output = body.value("outputSchema", Json());
  if (const Refusal refusal = check_keys(call, output, "outputSchema", {"schemaRef"})) {
    return refusal;
  }
  result.schema_ref = output.value("schemaRef", Json());
  const std::vector<std::string_view> keys = {"id", "contentType"};
  if (const Refusal refusal = check_keys(call, result.schema_ref, "outputSchema.schemaRef", keys)) {
    return refusal;
  }
  for (const std::string_view key : keys) {
    if (!is_filled_text(result.schema_ref, key)) {
      return refuse(call, fmt::format("outputSchema.schemaRef needs a text in the field {}", key));
    }
  }
  const std::string content_type = result.schema_ref["contentType"];
  if (content_type.starts_with("application/vnd.adobe.xed") &&
      content_type.find("version=1") != std::string::npos) {
    return std::nullopt;
  }
  return refuse(call, fmt::format("The contentType {} names no schema version", content_type));
}

}  // namespace

Refusal read_mapping_set(const Call& call, const Json& body, MappingSetBody& result) {
  const std::vector<std::string_view> keys = {"name",      "outputSchema", "mappings", "version",
                                              "xdmSchema", "xdmVersion",   "id"};
  if (const Refusal refusal = check_keys(call, body, "The body", keys)) return refusal;
  result.name = body.value("name", Json());
  if (body.contains("name") && !result.name.is_string()) {
    return refuse(call, "The field name must be a text");
  }
  if (const Refusal refusal = read_schema_ref(call, body, result)) return refusal;
  return read_rows(call, body, result);
}

}  // namespace sluice::emulator
