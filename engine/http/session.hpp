#pragma once

// One conversation with the platform: adds the endpoint and the headers that every call carries,
// fetches and renews the token, waits out throttling. It repeats a request only when the platform
// has certainly not acted on it, or when it is a read.

#include "http/api_error.hpp"
#include "http/event_loop.hpp"
#include "http/redactor.hpp"
#include "http/secret.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sluice::http {

/// Either a token that somebody else fetched, or a client that may fetch its own.
struct Credentials {
  Secret access_token;  ///< Empty: use the client.
  std::string client_id;
  Secret client_secret;
  std::string scopes;
  std::string api_key;
  std::string org;
  /// Where its owner finds them, for messages: "AEP_CLIENT_ID and AEP_CLIENT_SECRET". May be empty.
  std::string source;
};

struct SessionOptions {
  std::string endpoint;  ///< "https://platform.adobe.io", no path, no slash at the end.
  std::string ims;       ///< "https://ims-na1.adobelogin.com".
  std::string sandbox;
  Credentials credentials;
  /// A call that makes no progress for this long, waits included, is given up.
  Millis patience{600'000};
};

/// Why nothing can be asked any more. For people; holds no secret.
struct CredentialFailure {
  std::string what;
  std::string detail;
};

class Session {
 public:
  /// `redactor` learns every token that is fetched.
  Session(EventLoop& loop, Random& random, Redactor& redactor, SessionOptions options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Sends `request`, whose origin is empty, and gives the answer after all waiting.
  ///
  /// 401 013 renews the token once (a given token cannot be renewed) and repeats. 429 is waited
  /// out on any call, with Retry-After and jitter; 408, 500, 502, 503, 504 and a lost connection
  /// on reads only. A mutation whose outcome is not certain comes back as it is. When the loop is
  /// hurried no wait is begun. After rejected credentials every call fails at once and
  /// `credential_failure` says why.
  Task<Outcome> send(Request request);

  /// Called at every 429, before it is waited out.
  void set_on_throttled(std::function<void()> on_throttled);

  /// Called when a call waits for longer than people bear in silence, and for all calls together
  /// every half minute at most: with what the platform answered, or why there was no answer, and
  /// for how long it is still tried.
  void set_on_wait(std::function<void(const std::string& what, Millis left)> on_wait);

  const std::optional<CredentialFailure>& credential_failure() const;

  /// The platform's clock as its last `Date` header told, moved on by our monotonic clock since;
  /// epoch milliseconds, 0 if it was never heard.
  Millis server_time() const;

  const SessionOptions& options() const;

  /// The client that the platform names as the creator of what this session makes. Empty for an
  /// access token that was given: whose it is, it does not tell.
  std::string creator() const;

  /// What a refusal says, without the secrets that are known here.
  ApiError read_error(const Response& response) const;

  /// What else the platform says and we repeat, without the secrets that are known here, and cut as
  /// the message of a refusal is.
  std::string told(std::string_view text) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::http
