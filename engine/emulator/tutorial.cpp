#include "emulator/tutorial.hpp"

#include "emulator/data_set_forms.hpp"
#include "emulator/xdm_forms.hpp"

#include <fmt/format.h>

namespace sluice::emulator {

namespace {

constexpr const char* kTutorialFieldGroup = "6f1f0c7bd5a2c81e93b4d07c2ab16d3e5c9a4f70b8d2e614";
constexpr const char* kTutorialSchema = "945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a";
constexpr const char* kTutorialDataSet = "63ec807d3f5ce91bd2d06c65";
constexpr const char* kTutorialView = "63ec807d3f5ce91bd2d06c66";
constexpr const char* kFullSchema = "application/vnd.adobe.xed-full+json;version=1";
constexpr Millis kTutorialMade{1'676'444'797'000};  // By the first digits of the dataset's id.

Json reference_to(const std::string& id) {
  return {{"$ref", id}};
}

std::string tutorial_id(const char* kind, const char* hash) {
  return fmt::format("https://ns.adobe.com/{}/{}/{}", kTenant, kind, hash);
}

// What `stamp` writes, without counting: the counter's values are in the ids of what comes later.
Json tutorial_metadata(const World& world, const char* hash) {
  return {{"repo:createdDate", kTutorialMade.count()},
          {"repo:lastModifiedDate", kTutorialMade.count()},
          {"xdm:createdClientId", world.access().client_id},
          {"xdm:lastModifiedClientId", world.access().client_id},
          {"xdm:createdUserId", world.technical_account()},
          {"xdm:lastModifiedUserId", world.technical_account()},
          {"eTag", hash},
          {"meta:globalLibVersion", "1.38.2"}};
}

}  // namespace

Record tutorial_field_group(const World& world, const std::string& sandbox) {
  Json fields = Json::object();
  for (const char* name : {"cio_id", "email", "event_id0", "metricx", "object_type1"})
    fields[name] = {{"type", "string"}, {"title", name}};
  fields["timestampx"] = {{"type", "integer"}, {"title", "timestampx"}};
  const std::string name_space = fmt::format("_{}", kTenant);
  const Json own = {{"type", "object"}, {"properties", fields}};
  const Json custom = {{"type", "object"}, {"properties", {{name_space, own}}}};
  Record group;
  group.body = {{"title", "Customer.io event fields"},
                {"type", "object"},
                {"description", "Fields of the Customer.io tutorial"},
                {"meta:intendedToExtend", Json::array({kExperienceEvent})},
                {"definitions", {{"customFields", custom}}},
                {"allOf", Json::array({reference_to("#/definitions/customFields")})},
                {"meta:registryMetadata", tutorial_metadata(world, kTutorialFieldGroup)}};
  name_resource(group.body, kFieldGroups, kTutorialFieldGroup, world, sandbox);
  decorate_field_group(group.body);
  group.id = group.body["meta:altId"];
  return group;
}

Record tutorial_schema(const World& world, const std::string& sandbox) {
  Record schema;
  schema.body = {{"title", "Customer.io events"},
                 {"type", "object"},
                 {"description", "Target schema of the Customer.io tutorial"},
                 {"allOf", Json::array({reference_to(kExperienceEvent),
                                        reference_to(tutorial_id("mixins", kTutorialFieldGroup))})},
                 {"meta:registryMetadata", tutorial_metadata(world, kTutorialSchema)}};
  name_resource(schema.body, kSchemas, kTutorialSchema, world, sandbox);
  decorate_schema(schema.body);
  schema.id = schema.body["meta:altId"];
  return schema;
}

Record tutorial_data_set(const World& world, const std::string& sandbox) {
  const Json sent = {
      {"name", "Customer.io events"},
      {"description", "Target dataset of the Customer.io tutorial"},
      {"schemaRef",
       {{"id", tutorial_id("schemas", kTutorialSchema)}, {"contentType", kFullSchema}}}};
  Record data_set;
  data_set.id = kTutorialDataSet;
  data_set.body =
      new_data_set(world, sandbox, sent, {kTutorialDataSet, kTutorialView}, kTutorialMade);
  return data_set;
}

}  // namespace sluice::emulator
