#pragma once

// What the kinds of Flow Service have in common: items in a list, etags, JSON Patch, paging by
// continuation token. Contract: Flow Service API reference, and the sources tutorials that use it.

#include "kinds/kind.hpp"

namespace sluice::kinds {

/// What differs between the kinds of Flow Service.
struct FlowServiceShape {
  std::string collection;                                         ///< "flows".
  Json (*to_body)(const Fields& inputs) = nullptr;                ///< The body of a create.
  void (*from_item)(const Json& item, Observed& into) = nullptr;  ///< Adds the kind's own fields.
  /// The patch operations for the changed fields.
  Json (*to_patch)(const Update& update) = nullptr;
};

/// Fills in every function of `kind` but `action`.
void add_flow_service(Kind& kind, const FlowServiceShape& shape);

/// Operations for the fields that are patched at "/<field>" as they are: name and description.
Json plain_patch(const Update& update);

/// The head that every connection has when it is created: name, connection spec, data format, and
/// the description if there is one.
Json connection_body(const Fields& inputs);

/// Reads that head out of a reply.
void put_connection(const Json& item, Observed& into);

/// The specification of flows that take raw data from the HTTP API.
constexpr const char* kHttpApiFlow = "c1a19761-d2c7-4702-b9fa-fe91f0613e81";

/// The body of a reply that is a list, with its "items"; nullopt when it is none.
std::optional<Json> items_of(const http::Response& response);

/// The target of the page behind the one in `body`, empty at the end. nullopt when that is the page
/// that was asked for, since such a list would never end.
std::optional<std::string> next_page(const Json& body, const http::Request& asked);

constexpr const char* kFlowServicePath = "/data/foundation/flowservice/";

}  // namespace sluice::kinds
