#pragma once

// Replies, and the error bodies of each service. Where the platform documents a code it is used;
// where it documents a refusal without one, or none at all, the code is the service's prefix and
// the status alone ("FLOW-415"), so that nobody takes it for a documented one.

#include "core/json.hpp"
#include "emulator/call.hpp"
#include "http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::emulator {

/// A reply that ends the work on a request, or nothing: go on.
using Refusal = std::optional<http::Response>;

http::Response json_reply(int status, const Json& body);
http::Response no_content();

/// `{"error_code", "message"}`; the status is the code's first three digits.
http::Response gateway_error(std::string_view code, std::string_view message);

/// Flow Service's problem; the status is the last three digits of `code` ("FLOW-1404-412").
/// `detail` is the message, and should name what is wrong.
http::Response flow_error(const Call& call, std::string_view code, std::string_view detail);

/// Schema Registry's problem, likewise ("XDM-1010-404").
http::Response registry_error(const Call& call, std::string_view code, std::string_view detail);

/// The inlets' problem.
http::Response inlet_error(int status, std::string_view detail);

/// An error that has no documented code, in the form of the call's service.
http::Response service_error(const Call& call, int status, std::string_view detail);

/// What the emulated platform has and this emulator has not: 501.
http::Response not_yet(const Call& call);

/// The query may have these parameters, each once, and no other. Flow Service has a code for it.
Refusal check_parameters(const Call& call, const std::vector<std::string_view>& allowed,
                         std::string_view repeatable = {});

/// `value` must be a JSON object, and have no key but these; `where` names it.
Refusal check_keys(const Call& call, const Json& value, std::string_view where,
                   const std::vector<std::string_view>& allowed);

/// Reads the body that a request must have: its media type (415), that there is one, and that it is
/// JSON (400).
Refusal read_json(const Call& call, Json& body);

/// RFC 7231, 7.1.1.1: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(Millis wall);

}  // namespace sluice::emulator
