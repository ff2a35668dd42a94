#pragma once

// What Catalog adds to a dataset that was sent.

#include "core/json.hpp"
#include "emulator/world.hpp"

#include <string>

namespace sluice::emulator {

struct DataSetIds {
  std::string id;
  std::string view;
};

/// A new dataset as GET tells of it.
Json new_data_set(const World& world, const std::string& sandbox, const Json& sent,
                  const DataSetIds& ids, Millis now);

/// Says in the tags since when the dataset has been enabled for Profile and Identity, and no longer
/// says so when it is not. `before` is the dataset as it was.
void note_enabling(Json& data_set, const Json& before, Millis now);

/// Who changed it when, with a new version.
void stamp_data_set(Json& data_set, Millis now, const std::string& who);

}  // namespace sluice::emulator
