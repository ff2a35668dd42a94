#include "emulator/phantoms.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace sluice::emulator {

namespace {

// "application/vnd.adobe.xed-full+json;version=1" as "...+json; version=1.0".
void respell_media_type(Json& value) {
  if (!value.is_string()) return;
  std::string text = value;
  const std::size_t at = text.find(";version=");
  if (at != std::string::npos) text.insert(at + 1, " ");
  if (text.ends_with("version=1")) text += ".0";
  value = text;
}

void rename_key(Json& object, const char* from, const char* to) {
  if (!object.contains(from)) return;
  object[to] = object[from];
  object.erase(from);
}

void tell_connection(Json& item) {
  item["connectionSpec"]["name"] = "Of the catalogue";
  if (item.value("description", "").empty()) item["description"] = nullptr;
  if (item.contains("data")) {
    item["data"]["properties"] = nullptr;
    if (item["data"].contains("schema")) respell_media_type(item["data"]["schema"]["version"]);
  }
  if (!item.contains("params") || item["params"].is_null()) item["params"] = Json::object();
  item["params"]["filled"] = "in";
  rename_key(item["params"], "dataSetId", "datasetId");
}

void tell_flow(Json& item) {
  if (item.value("description", "").empty()) item["description"] = nullptr;
  item["transformations"].push_back({{"name", "Copy"}, {"params", Json::object()}});
  item["options"]["errorDiagnosticsEnabled"] = true;
  item["options"]["partialIngestionPercent"] = "5";
  item["labels"] = Json::array();
}

void tell_mapping_set(Json& item) {
  Json& rows = item["mappings"];
  std::reverse(rows.begin(), rows.end());
  for (Json& row : rows) {
    if (row.value("sourceType", "") == "ATTRIBUTE") row["sourceType"] = "text/x.schema-path";
    if (row.value("sourceType", "") == "EXPRESSION") row["sourceType"] = "text/x.aep-xl";
    row["matchScore"] = 1.0;
    row["description"] = row.value("description", "");
  }
  if (item.contains("outputSchema")) {
    respell_media_type(item["outputSchema"]["schemaRef"]["contentType"]);
  }
}

void tell_leaves(Json& node) {
  if (!node.is_object()) return;
  if (node.value("type", Json()) == "integer") {
    node.emplace("minimum", std::numeric_limits<std::int32_t>::min());
    node.emplace("maximum", std::numeric_limits<std::int32_t>::max());
  }
  if (node.value("type", Json()).is_string()) node["meta:titleId"] = "title##1";
  for (const char* below : {"properties", "definitions"}) {
    if (!node.contains(below)) continue;
    for (Json& child : node[below])
      tell_leaves(child);
  }
  if (node.contains("items")) tell_leaves(node["items"]);
}

void tell_resource(Json& resource) {
  std::reverse(resource["allOf"].begin(), resource["allOf"].end());
  resource["required"] = Json::array();
  tell_leaves(resource);
}

void tell_data_set(Json& item) {
  if (item.contains("schemaRef")) respell_media_type(item["schemaRef"]["contentType"]);
  if (item.value("description", "").empty()) item.erase("description");
  if (item.value("enableErrorDiagnostics", false) == false) item.erase("enableErrorDiagnostics");
  if (!item.contains("tags")) return;
  for (Json& values : item["tags"]) {
    std::reverse(values.begin(), values.end());
    for (Json& value : values) {
      if (value == "enabled:true") value = "enabled: true";
    }
  }
}

void tell(Json& item) {
  if (!item.is_object()) return;
  if (item.contains("connectionSpec")) tell_connection(item);
  if (item.contains("flowSpec")) tell_flow(item);
  if (item.contains("mappings")) tell_mapping_set(item);
  if (item.contains("allOf")) tell_resource(item);
  if (item.contains("xdm:sourceVersion")) item["xdm:sourceVersion"] = "1";
}

}  // namespace

void add_phantoms(const Call& call, http::Response& response) {
  if (call.method != "GET" || response.status != 200 || response.body.empty()) return;
  Json body = Json::parse(response.body);
  if (call.service == Service::catalog) {
    for (Json& item : body)
      tell_data_set(item);
  }
  tell(body);
  for (const char* list : {"items", "data", "results"}) {
    if (!body.is_object() || !body.contains(list) || !body[list].is_array()) continue;
    for (Json& item : body[list])
      tell(item);
  }
  response.body = body.dump();
}

}  // namespace sluice::emulator
