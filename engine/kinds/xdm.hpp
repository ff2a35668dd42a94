#pragma once

// What the kinds of the Schema Registry have in common: where they are, the media types that name a
// form of the answer, and fields as a flat map. Contract: Schema Registry API reference.

#include "kinds/kind.hpp"

namespace sluice::kinds {

/// The whole of a resource as people wrote it, references not followed.
constexpr const char* kWholeForm = "application/vnd.adobe.xed+json; version=1";
constexpr const char* kWholeForms = "application/vnd.adobe.xed+json";

/// "/data/foundation/schemaregistry/tenant/" and `collection`.
std::string registry_path(const std::string& collection);

/// What differs between a schema and a field group.
struct RegistryShape {
  std::string collection;                                              ///< "schemas".
  Json (*to_body)(const Fields& inputs) = nullptr;                     ///< The body of a create.
  void (*put_fields)(const Json& resource, Observed& into) = nullptr;  ///< The kind's own fields.
};

/// What they have alike: making, reading, listing by title, deleting. An id is the "$id".
void add_registry(Kind& kind, const RegistryShape& shape);

/// A resource out of a reply or a list; nullopt when it has no id.
std::optional<Observed> read_resource(const Json& resource,
                                      void (*put_fields)(const Json& resource, Observed& into));

/// A first page of a collection in an order that pages can follow, and of that where one value of
/// `property` is wanted.
http::Request registry_list(const std::string& collection, const std::string& property,
                            const std::string& value);
/// One page, by `read` out of each entry; entries that give nothing are left out.
std::optional<Page> registry_page(const http::Response& response, const http::Request& asked,
                                  std::optional<Observed> (*read)(const Json& entry));

/// A PATCH of a resource with these operations; nullopt for none.
std::optional<http::Request> registry_patch(const std::string& collection, const std::string& id,
                                            const Json& operations);

/// A JSON Patch operation.
Json add_operation(const std::string& path, const Json& value);

/// Fields by their paths, "person.email" and "orders[].sku", each without those below it: out of a
/// resource's nested `properties`, and back.
Json flat_properties(const Json& properties);
Json nested_properties(const Json& flat);

/// "/properties/person/properties/email" for "person.email".
std::string pointer_to_field(const std::string& path);

}  // namespace sluice::kinds
