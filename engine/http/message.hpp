#pragma once

// One exchange as values: no socket, no library. Any status is an answer; what it means is the
// caller's to say.

#include <chrono>
#include <map>
#include <string>
#include <variant>

namespace sluice::http {

struct Request {
  std::string method;  ///< "GET", "POST", "PUT", "PATCH", "DELETE".
  std::string origin;  ///< "https://platform.adobe.io", without a path. Kinds leave it empty.
  std::string target;  ///< Path and query, percent-encoded: "/data/foundation/flowservice/flows".
  std::map<std::string, std::string> headers;
  std::string body;

  bool is_read() const { return method == "GET"; }
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;
};

/// No usable answer came. `maybe_sent` is true when the platform may have acted on the request all
/// the same; such a mutation must be looked up before it is tried again.
struct Failure {
  std::string what;  ///< One sentence without a full stop, for people; holds no secret.
  bool maybe_sent = false;
  bool lasting = false;  ///< Another try would fail in the same way: a refused certificate, say.
};

using Outcome = std::variant<Response, Failure>;

}  // namespace sluice::http
