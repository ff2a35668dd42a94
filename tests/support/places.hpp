#pragma once

// Where the checkout lies, and what was built of it. Only places.cpp is compiled with these paths,
// so that what one checkout has compiled serves another.

#include <string>

namespace sluice::test {

/// Without a slash at the end, as all that follow.
std::string source_dir();

/// The program itself.
std::string sluice_binary();

/// What takes and holds locks for tests/processes.
std::string lock_worker_binary();

/// What saves badly, for tests/processes and tests/syscalls.
std::string saver_twin_binary();

}  // namespace sluice::test
