#pragma once

// Runs: what became of the events that a flow took in.

#include "emulator/world.hpp"

#include <string>

namespace sluice::emulator {

/// Counts an event that arrived now in the flow's run, which begins with it if none is under way.
void count_event(World& world, const std::string& sandbox, const Record& flow,
                 const std::string& event, Millis now);

/// The run is over: its summaries are final.
void finish_run(World& world, Record& run, Millis now);

}  // namespace sluice::emulator
