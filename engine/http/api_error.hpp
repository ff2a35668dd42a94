#pragma once

// What a refusal says, out of the four families of error bodies that the platform uses, and what
// it means for us. Source: Flow Service error codes, the gateway's and the Schema Registry's
// troubleshooting guides.

#include "http/message.hpp"
#include "http/redactor.hpp"

#include <string>

namespace sluice::http {

/// What is repeated of one message.
inline constexpr std::size_t kMessageBytesMax = 300;

/// One refusal. The flags are independent; all are false for a refusal that means nothing special.
struct ApiError {
  int status = 0;
  std::string code;     ///< "FLOW-1404-412", "401013"; empty when the body does not tell.
  std::string message;  ///< For people, at most `kMessageBytesMax`, without control characters.
  bool gone = false;    ///< The object does not exist. A 404 for an unknown sandbox is not that.
  bool gone_by_code = false;  ///< The service's own code says so, and not the status alone.
  bool sandbox_unknown = false;
  bool rejected_credentials = false;  ///< Token, API key or organisation refused. Not a permission.
  bool in_use = false;                ///< Something still refers to the object.
  bool in_transition = false;         ///< The object is on its way to another state; try again.
};

/// Total: any body gives an answer. A refusal may repeat what was sent, so what is for people has
/// passed `redactor`, before it was cut to a length at which half a secret would not be known.
ApiError read_api_error(const Response& response, const Redactor& redactor);

}  // namespace sluice::http
