#pragma once

// Flow Service's lists: filters, order, pages.

#include "emulator/call.hpp"
#include "emulator/reply.hpp"
#include "emulator/world.hpp"

#include <vector>

namespace sluice::emulator {

/// One page of `records`, which come in order of creation, as the call's query asks for it.
http::Response list_reply(const World& world, const Call& call,
                          const std::vector<const Record*>& records);

}  // namespace sluice::emulator
