// The token endpoint. Only the form in the body counts: what stands in a query ends up in logs.

#include "emulator/gateway.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace sluice::emulator {

namespace {

http::Response oauth_error(int status, std::string_view error, std::string_view description) {
  return json_reply(status, {{"error", error}, {"error_description", description}});
}

}  // namespace

http::Response give_token(World& world, const Call& call) {
  if (!call.query.empty()) {
    return oauth_error(400, "invalid_request", "Parameters belong into the body, not the query");
  }
  if (call.content_type() != "application/x-www-form-urlencoded") {
    return oauth_error(400, "invalid_request", "The body must be a URL-encoded form");
  }
  const auto form = decode_form(call.body);
  if (!form) return oauth_error(400, "invalid_request", "The form has a bad escape");
  std::map<std::string, std::string> fields;
  for (const auto& [name, value] : *form) {
    if (!fields.emplace(name, value).second) {
      return oauth_error(400, "invalid_request", fmt::format("{} is there twice", name));
    }
  }
  for (const char* name : {"grant_type", "client_id", "client_secret", "scope"}) {
    if (fields[name].empty()) {
      return oauth_error(400, "invalid_request", fmt::format("{} is missing", name));
    }
  }
  if (fields["grant_type"] != "client_credentials") {
    return oauth_error(400, "unsupported_grant_type", "grant_type must be client_credentials");
  }
  if (fields["client_id"] != world.access().client_id ||
      fields["client_secret"] != world.access().client_secret) {
    return oauth_error(401, "invalid_client", "The client id or the client secret is wrong");
  }
  const auto life = std::chrono::duration_cast<std::chrono::seconds>(world.switches().token_life);
  return json_reply(200, {{"access_token", world.new_token(call.now)},
                          {"token_type", "bearer"},
                          {"expires_in", life.count()}});
}

}  // namespace sluice::emulator
