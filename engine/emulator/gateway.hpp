#pragma once

// What stands before every service: who calls, and in which sandbox. The order of the checks is the
// platform's.

#include "emulator/call.hpp"
#include "emulator/reply.hpp"
#include "emulator/world.hpp"

namespace sluice::emulator {

/// Token, API key and organisation.
Refusal check_gateway(const World& world, const Call& call);

/// The sandbox, which it sets in `call`. Sandbox management itself needs none.
Refusal check_sandbox(const World& world, Call& call);

/// POST /ims/token/v3: client credentials for a token.
http::Response give_token(World& world, const Call& call);

}  // namespace sluice::emulator
