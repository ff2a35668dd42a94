// Schema Registry: unions. A class whose schemas are in Profile has one, which the platform makes:
// all that those schemas are composed of. There is nothing to store.

#include "emulator/registry_lists.hpp"
#include "emulator/services.hpp"
#include "emulator/xdm_checks.hpp"
#include "emulator/xdm_forms.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::emulator {

namespace {

void add_new(std::vector<std::string>& list, const Json& texts) {
  for (const std::string text : texts) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  }
}

// Null when no schema of the class is in Profile.
Json union_of(World& world, const Call& call, const Json& of_class) {
  const std::string class_id = of_class["$id"];
  std::vector<std::string> references;
  std::vector<std::string> extends;
  for (const auto& [serial, schema] : world.collection(call.sandbox, kSchemas).in_order()) {
    if (schema.body["meta:class"] != class_id || !is_union(schema.body)) continue;
    add_new(references, references_of(schema.body));
    add_new(extends, schema.body["meta:extends"]);
  }
  if (references.empty()) return Json();
  Json parts = Json::array();
  for (const std::string& reference : references)
    parts.push_back({{"$ref", reference}});
  const std::string alt_id = of_class["meta:altId"];
  return {{"$id", class_id + "__union"},
          {"meta:altId", alt_id + "__union"},
          {"meta:resourceType", "unions"},
          {"version", "1.0"},
          {"title", fmt::format("Union object for {}", class_id)},
          {"type", "object"},
          {"description", fmt::format("Union view of all schemas that extend {}", class_id)},
          {"allOf", parts},
          {"imsOrg", world.access().org},
          {"meta:extends", extends},
          {"meta:xdmType", "object"},
          {"meta:registryMetadata", Json::object()},
          {"meta:class", class_id},
          {"meta:containerId", "tenant"}};
}

std::vector<Json> all_unions(World& world, const Call& call) {
  std::vector<Json> unions;
  for (const Json& one : standard_classes()) {
    Json view = union_of(world, call, one);
    if (!view.is_null()) unions.push_back(std::move(view));
  }
  return unions;
}

bool wants(const Call& call, std::string_view form) {
  return call.header("accept").value_or("").find(form) != std::string::npos;
}

}  // namespace

http::Response list_unions(World& world, const Call& call) {
  for (const char* page : {"orderby", "start", "limit"}) {
    if (call.parameter(page)) return not_yet(call);
  }
  if (const Refusal refusal = check_parameters(call, {"property"})) return *refusal;
  if (const Refusal refusal = check_accept(call, true)) return *refusal;
  std::vector<Json> unions = all_unions(world, call);
  if (const Refusal refusal = filter_resources(call, unions)) return *refusal;
  if (wants(call, "xed-id")) {
    for (Json& view : unions)
      view = {{"title", view["title"]},
              {"$id", view["$id"]},
              {"meta:altId", view["meta:altId"]},
              {"version", view["version"]}};
  }
  return json_reply(200, {{"results", unions}});
}

http::Response get_union(World& world, const Call& call) {
  if (const Refusal refusal = check_parameters(call, {})) return *refusal;
  if (const Refusal refusal = check_accept(call, false)) return *refusal;
  const std::string& id = call.captures[0];
  for (Json& view : all_unions(world, call)) {
    if (view["$id"] != id && view["meta:altId"] != id) continue;
    view["meta:sandboxId"] = world.sandbox_id(call.sandbox);
    view["meta:sandboxType"] = call.sandbox == "prod" ? "production" : "development";
    if (wants(call, "-full")) {
      view["properties"] = resolved_properties(world, call.sandbox, view);
      view.erase("allOf");
    }
    return json_reply(200, view);
  }
  return registry_error(call, "XDM-1013-404", fmt::format("{} was not found", id));
}

}  // namespace sluice::emulator
