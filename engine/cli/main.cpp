#include "cli/process.hpp"
#include "cli/program.hpp"

#include <cstdlib>

int main(int argc, char** argv) {
  sluice::cli::Process process("sluice", argc, argv);
  const auto code = sluice::cli::run_program(process.world(), process.arguments());
  // Unlike a return, this does not take apart what the command left.
  std::exit(static_cast<int>(code));
}
