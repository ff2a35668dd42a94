#include "http/json_body.hpp"
#include "kinds/collection.hpp"
#include "kinds/fields.hpp"
#include "kinds/xdm.hpp"

#include <algorithm>

namespace sluice::kinds {

namespace {

constexpr const char* kDescriptors = "descriptors";
constexpr const char* kType = "xdm:descriptorIdentity";

/// "/_acme/person/email" for "person.email".
std::string property_of(const Fields& inputs) {
  std::string path = text_of(inputs, "path");
  std::replace(path.begin(), path.end(), '.', '/');
  return "/_" + text_of(inputs, "tenant") + "/" + path;
}

/// What is no pointer stays as it is, so that it differs from every path.
std::string path_of_property(const std::string& property) {
  if (!property.starts_with('/')) return property;
  const std::size_t at = property.starts_with("/_") ? property.find('/', 1) : 0;
  if (at == std::string::npos) return property;
  std::string path = property.substr(at + 1);
  std::replace(path.begin(), path.end(), '/', '.');
  return path;
}

Json descriptor_body(const Fields& inputs) {
  return {{"@type", kType},
          {"xdm:sourceSchema", inputs.at("schema")},
          {"xdm:sourceVersion", 1},
          {"xdm:sourceProperty", property_of(inputs)},
          {"xdm:namespace", inputs.at("namespace")},
          {"xdm:property", "xdm:code"},
          {"xdm:isPrimary", inputs.at("primary")}};
}

std::optional<Observed> identity_in(const Json& descriptor) {
  if (text_at(descriptor, "@type") != kType) return std::nullopt;
  Observed object;
  object.id = id_at(descriptor, "@id");
  if (object.id.empty()) return std::nullopt;
  put(object.fields, "schema", at_path(descriptor, {"xdm:sourceSchema"}));
  object.fields["path"] = path_of_property(text_at(descriptor, "xdm:sourceProperty"));
  put(object.fields, "namespace", at_path(descriptor, {"xdm:namespace"}));
  object.fields["primary"] = at_path(descriptor, {"xdm:isPrimary"}) == true;
  return object;
}

KindRules identity_rules() {
  KindRules rules;
  rules.kind = "identity";
  rules.part = "identity";
  rules.fields = {{"name", FieldClass::write_only, Equality::exact},
                  {"schema", FieldClass::create_only, Equality::exact},
                  {"path", FieldClass::create_only, Equality::exact},
                  {"namespace", FieldClass::in_place, Equality::exact},
                  {"primary", FieldClass::in_place, Equality::exact}};
  rules.attributes = {"id"};
  rules.sole_field = "primary";
  return rules;
}

}  // namespace

Kind identity() {
  Kind kind;
  kind.noun = "identity";
  kind.guard = Guard::compare;
  kind.has_name = false;
  kind.gone_has_code = true;
  kind.key_fields = {"schema", "path"};
  kind.has_client = false;
  kind.says_taken_with_400 = true;
  kind.needs_tenant = true;
  kind.rules = identity_rules();
  const std::string base = registry_path(kDescriptors);
  add_collection(kind, base, descriptor_body);
  kind.parse = [](const http::Response& response) -> std::optional<Observed> {
    const std::optional<Json> body = http::parse_json(response.body);
    if (!body) return std::nullopt;
    return identity_in(*body);
  };
  kind.list = [](const std::vector<std::string>&) { return registry_list(kDescriptors, "", ""); };
  kind.candidates = [](const Fields& inputs) {
    return registry_list(kDescriptors, "xdm:sourceSchema", text_of(inputs, "schema"));
  };
  kind.parse_page = [](const http::Response& response, const http::Request& asked) {
    return registry_page(response, asked, identity_in);
  };
  kind.parse_written = [](const http::Response& response) -> std::optional<Written> {
    const std::optional<Json> body = http::parse_json(response.body);
    if (!body || id_at(*body, "@id").empty()) return std::nullopt;
    return Written{id_at(*body, "@id"), {}, Json::object()};
  };
  // There is no patch of a descriptor; the whole is put.
  kind.update = [base](const Update& update) -> std::optional<http::Request> {
    if (update.changes.empty()) return std::nullopt;
    http::Request result = request("PUT", base + "/" + encode(update.id));
    result.body = descriptor_body(update.after).dump();
    return result;
  };
  return kind;
}

http::Request tenant_request() {
  return request("GET", "/data/foundation/schemaregistry/stats");
}

std::string parse_tenant(const http::Response& response) {
  const std::optional<Json> body = http::parse_json(response.body);
  return body ? text_at(*body, "tenantId") : std::string();
}

}  // namespace sluice::kinds
