#pragma once

// From a request to the function that does its work.

#include "emulator/call.hpp"
#include "emulator/reply.hpp"
#include "emulator/world.hpp"

namespace sluice::emulator {

/// The reply to a request that arrived, after the checks that come before a service sees it.
http::Response dispatch(World& world, Call& call);

}  // namespace sluice::emulator
