#pragma once

// The folder beside a state with its last ten versions, the present one included, each under its
// serial. What is in there once is never written over by something else.

#include "core/resource.hpp"
#include "store/files.hpp"
#include "store/state_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::store {

/// A numbered state in `<path>.backup/`: "0000000007.json". Nothing else in there is the store's.
bool is_backup_name(const std::string& name);

/// The file of the state with this serial.
std::string backup_path(const std::string& state_path, std::int64_t serial);

/// The serials of the backups, the newest first. Throws Fatal with `advice`.
std::vector<std::int64_t> backup_serials(Files& files, const std::string& state_path,
                                         const std::string& advice);

/// A state's text and its serial.
struct Version {
  std::int64_t serial = 0;
  std::string_view text;
};

/// Keeps the state that is to be saved, so that its file can be lost without loss, and the one that
/// it follows, unless that is kept already: people may have put it there. All is on the disk when
/// this returns. Where another state has the serial's name, as when people have brought two
/// histories together, this one is kept beside it, and no number is in its name that `recover`
/// would go by. Of more than ten, the oldest are removed.
FileResult<Nothing> back_up(Files& files, const std::string& state_path,
                            const std::optional<Version>& old, const Version& next);

/// What the newest backup of the state's lineage has that the state has not, if it is newer than
/// the state. A backup that cannot be read is passed over.
std::optional<LeftBehind> newer_objects(Files& files, const std::string& state_path,
                                        const State& state);

}  // namespace sluice::store
