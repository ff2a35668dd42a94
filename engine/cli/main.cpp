#include "cli/process.hpp"
#include "cli/program.hpp"

int main(int argc, char** argv) {
  sluice::cli::Process process("sluice", argc, argv);
  return static_cast<int>(sluice::cli::run_program(process.world(), process.arguments()));
}
