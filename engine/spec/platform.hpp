#pragma once

// `platform:` - where a spec says that it belongs. A spec is reviewed less carefully than code and
// runs with production credentials, so it cannot send them to a host of its choice.

#include "spec/interpolation.hpp"

#include <string>
#include <string_view>

namespace sluice::spec {

/// True for `https://HOST[:PORT]` where HOST is one of Adobe's, and for http or https with a
/// loopback address. A path, a query, a user or an odd spelling makes it false.
bool is_trusted_base(std::string_view url);

PlatformPart read_platform(const Document& document, const Interpolator& interpolator,
                           Messages& messages);

}  // namespace sluice::spec
