#pragma once

// Base connections, as far as other parts of Flow Service deal with them.

#include "core/json.hpp"
#include "emulator/call.hpp"
#include "emulator/reply.hpp"
#include "emulator/world.hpp"

#include <string>

namespace sluice::emulator {

/// Replaces what may be a secret in the account's `auth.params` by `mask`; leaves it out when the
/// mask is empty.
void mask_secrets(Json& account, const std::string& mask);

/// One operation on `/auth/params` or below it.
Refusal patch_auth_params(const Call& call, const std::string& path, const std::string& op,
                          const Json& value, Json& body);

/// A source whose connector needs an account must name one of that connector.
Refusal check_base_connection(World& world, const Call& call, const Json& source);

/// The source's account; null when it has none.
Json account_of(World& world, const std::string& sandbox, const Record& source);

}  // namespace sluice::emulator
