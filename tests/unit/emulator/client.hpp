#pragma once

// A client of the emulated platform that builds its requests by hand, from the published shapes.

#include "core/json.hpp"
#include "emulator/platform.hpp"
#include "support/sim_clock.hpp"

#include <doctest/doctest.h>

#include <map>
#include <ostream>
#include <string>

namespace sluice::test {

inline const std::string kFlowService = "/data/foundation/flowservice";
inline const std::string kFlows = kFlowService + "/flows";
inline const std::string kSources = kFlowService + "/sourceConnections";
inline const std::string kConversion = "/data/foundation/conversion";
inline const std::string kSets = kConversion + "/mappingSets";
inline const std::string kSchema =
    "https://ns.adobe.com/extconndev/schemas/945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a";
inline const std::string kSchemaVersion = "application/vnd.adobe.xed-full+json;version=1";
inline const std::string kDataSet = "63ec807d3f5ce91bd2d06c65";
inline const std::string kCustomerIo = "96479064-7b8a-4d69-b9ed-21c5683837ea";
inline const std::string kDataLake = "c604ff05-7f1a-43c0-8e18-33bf874cb11c";
inline const std::string kStreamingFlow = "e77fde5a-22a8-11ed-861d-0242ac120002";

struct Reply {
  int status = 0;
  std::string code;  // Of an error: "FLOW-1403-400", "403010", "invalid_client".
  Json body;
  std::string text;
  std::map<std::string, std::string> headers;
};

/// A call that must be refused, and how.
struct Refused {
  std::string what;
  Json body;
  int status = 0;
  std::string code;
  std::string word = {};  // That the message must hold.
};

inline std::string error_code(const Json& body) {
  if (!body.is_object()) return "";
  if (body.contains("error_code")) return body["error_code"];
  if (body.contains("error")) return body["error"];
  const std::string type = body.value("type", "");
  return type.substr(type.rfind('/') + 1);
}

using Headers = std::map<std::string, std::string>;

inline Headers standard_headers() {
  return {{"Authorization", "Bearer emulator-token"},
          {"x-api-key", "emulator"},
          {"x-gw-ims-org-id", "EMULATOR@AdobeOrg"},
          {"x-sandbox-name", "dev"}};
}

inline Headers standard_headers_but(const std::string& name, const std::string& value = "") {
  Headers headers = standard_headers();
  headers.erase(name);
  if (!value.empty()) headers[name] = value;
  return headers;
}

inline Reply read_reply(const http::Response& response) {
  Reply reply{response.status, "", Json(), response.body, response.headers};
  if (!response.body.empty()) reply.body = Json::parse(response.body);
  if (response.status >= 400) reply.code = error_code(reply.body);
  return reply;
}

class Client {
 public:
  explicit Client(emulator::Switches switches = {}, emulator::Access access = {})
      : random(7), platform(clock, random, switches, std::move(access)) {}

  Reply send(http::Request request) {
    const http::Outcome outcome = platform.handle(request);
    REQUIRE(std::holds_alternative<http::Response>(outcome));
    return read_reply(std::get<http::Response>(outcome));
  }

  Reply call(const std::string& method, const std::string& target, const std::string& body = "",
             const Headers& more = {}) {
    Headers headers = standard_headers();
    if (!body.empty()) headers["Content-Type"] = "application/json";
    for (const auto& [name, value] : more)
      headers[name] = value;
    return send({method, "", target, headers, body});
  }

  Reply get(const std::string& target) { return call("GET", target); }
  Reply post(const std::string& target, const Json& body) {
    return call("POST", target, body.dump());
  }
  Reply patch(const std::string& target, const std::string& etag, const Json& body) {
    return call("PATCH", target, body.dump(), {{"If-Match", etag}});
  }
  /// The object that GET wraps in `items`.
  Json item(const std::string& target) { return get(target).body.at("items").at(0); }

  SimClock clock;
  SeededRandom random;
  emulator::Platform platform;
};

inline Json source_body() {
  return {{"name", "cio-source"},
          {"description", "Customer.io events"},
          {"providerId", "521eee4d-8cbe-4906-bb48-fb6bd4450033"},
          {"connectionSpec", {{"id", kCustomerIo}, {"version", "1.0"}}},
          {"data", {{"format", "json"}}}};
}

inline Json target_body() {
  return {
      {"name", "cio-target"},
      {"description", "Customer.io landing"},
      {"connectionSpec", {{"id", kDataLake}, {"version", "1.0"}}},
      {"data", {{"format", "json"}, {"schema", {{"id", kSchema}, {"version", kSchemaVersion}}}}},
      {"params", {{"dataSetId", kDataSet}}}};
}

inline Json mapping_row(const std::string& source, const std::string& destination) {
  return {{"sourceType", "ATTRIBUTE"}, {"source", source}, {"destination", destination}};
}

inline Json mapping_body() {
  return {{"name", "cio-mapping"},
          {"outputSchema", {{"schemaRef", {{"id", kSchema}, {"contentType", kSchemaVersion}}}}},
          {"mappings", Json::array({mapping_row("event_id", "_extconndev.event_id0")})}};
}

inline Json mapping_step(const std::string& mapping_id, const Json& version) {
  return {{"name", "Mapping"},
          {"params", {{"mappingId", mapping_id}, {"mappingVersion", version}}}};
}

/// Ids of what a pipeline consists of.
struct Pipeline {
  std::string source;
  std::string target;
  std::string mapping;
  std::string flow;
};

inline Json flow_body(const Pipeline& pipeline) {
  return {{"name", "cio-flow"},
          {"description", "Customer.io to the lake"},
          {"flowSpec", {{"id", kStreamingFlow}, {"version", "1.0"}}},
          {"sourceConnectionIds", Json::array({pipeline.source})},
          {"targetConnectionIds", Json::array({pipeline.target})},
          {"transformations", Json::array({mapping_step(pipeline.mapping, 0)})}};
}

/// Makes all but the flow.
inline Pipeline make_connections(Client& client) {
  Pipeline pipeline;
  const Reply source = client.post(kFlowService + "/sourceConnections", source_body());
  const Reply target = client.post(kFlowService + "/targetConnections", target_body());
  const Reply mapping = client.post(kConversion + "/mappingSets", mapping_body());
  REQUIRE(source.status == 201);
  REQUIRE(target.status == 201);
  REQUIRE(mapping.status == 200);
  pipeline.source = source.body["id"];
  pipeline.target = target.body["id"];
  pipeline.mapping = mapping.body["id"];
  return pipeline;
}

inline Pipeline make_pipeline(Client& client) {
  Pipeline pipeline = make_connections(client);
  const Reply flow = client.post(kFlowService + "/flows", flow_body(pipeline));
  REQUIRE(flow.status == 201);
  pipeline.flow = flow.body["id"];
  return pipeline;
}

/// "without /name": the body of a valid request with one thing wrong, by RFC 6902.
inline Json changed(Json body, const std::string& op, const std::string& path,
                    const Json& value = nullptr) {
  return body.patch(Json::array({{{"op", op}, {"path", path}, {"value", value}}}));
}

}  // namespace sluice::test
