#pragma once

// What every sandbox holds from the start: the field group, schema and dataset that the Customer.io
// tutorial takes for granted, in the forms that the services would have given them.

#include "emulator/world.hpp"

#include <string>

namespace sluice::emulator {

Record tutorial_field_group(const World& world, const std::string& sandbox);
Record tutorial_schema(const World& world, const std::string& sandbox);
Record tutorial_data_set(const World& world, const std::string& sandbox);

}  // namespace sluice::emulator
