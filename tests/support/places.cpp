#include "support/places.hpp"

namespace sluice::test {

std::string source_dir() {
  return SLUICE_SOURCE_DIR;
}

std::string sluice_binary() {
  return SLUICE_BUILD_DIR "/sluice";
}

std::string lock_worker_binary() {
  return SLUICE_BUILD_DIR "/tests/processes/lock_worker";
}

std::string saver_twin_binary() {
  return SLUICE_BUILD_DIR "/tests/syscalls/syscall_twin";
}

}  // namespace sluice::test
