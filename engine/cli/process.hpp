#pragma once

// The real world of a program: system clock, real files, standard streams, environment. Each `main`
// makes one, first of all.

#include "cli/system.hpp"
#include "cli/world.hpp"
#include "store/posix_files.hpp"

#include <string>
#include <vector>

namespace sluice::cli {

class Process {
 public:
  /// Hardens the process and catches its signals. `name` is what its command line begins with in
  /// what others are shown.
  Process(const std::string& name, int argc, char** argv);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  World& world() { return world_; }
  /// The command line behind the program's name.
  const std::vector<std::string>& arguments() const { return arguments_; }

 private:
  SystemClock clock_;
  SystemRandom random_;
  store::PosixFiles files_;
  World world_;
  std::vector<std::string> arguments_;
};

}  // namespace sluice::cli
