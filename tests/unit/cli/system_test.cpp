// What the process does to itself, in a process that may be thrown away.

#include "cli/system.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sluice;

namespace {

/// What is not as it should be; 0 when all is.
int faults_after_hardening() {
  cli::harden_process();
  rlimit core = {};
  int faults = 0;
  if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0) faults |= 1;
#ifndef SLUICE_IS_WATCHED
  if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) faults |= 2;
#endif
  if (umask(0) != 077) faults |= 4;
  if (getenv("SSLKEYLOGFILE") != nullptr) faults |= 8;
  if (std::signal(SIGPIPE, SIG_DFL) != SIG_IGN) faults |= 16;
  if (std::signal(SIGXFSZ, SIG_DFL) != SIG_IGN) faults |= 32;
  return faults;
}

}  // namespace

TEST_CASE("system: a process leaves no dump, no keys and no file that others can read") {
  const pid_t child = fork();
  if (child == 0) {
    setenv("SSLKEYLOGFILE", "keys.log", 1);
    _exit(faults_after_hardening());
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
