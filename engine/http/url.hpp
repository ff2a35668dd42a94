#pragma once

// The little that is decided by looking at an address: what an origin is, and whether credentials
// may go there.

#include <optional>
#include <string>
#include <string_view>

namespace sluice::http {

struct Origin {
  std::string scheme;  ///< "https" or "http".
  std::string host;    ///< In lower case; an IPv6 address without its brackets.
  int port = 0;        ///< 0: the scheme's own.
};

/// nullopt unless `text` is "scheme://host[:port]" with nothing behind it but at most one slash:
/// no user, no path, no query, no control characters.
std::optional<Origin> parse_origin(std::string_view text);

/// 127.0.0.0/8, ::1 and "localhost".
bool is_loopback(const Origin& origin);

/// https, or http to a loopback address.
bool may_carry_credentials(const Origin& origin);

/// Adobe's hosts: `*.adobe.io` and `*.adobelogin.com`. What a spec may name besides loopback.
bool is_adobe_host(const Origin& origin);

/// Every byte but letters, digits and "-._~" as %XX; fit for a query's value and a form's.
std::string percent_encode(std::string_view text);

}  // namespace sluice::http
