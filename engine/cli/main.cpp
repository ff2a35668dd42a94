#include "cli/program.hpp"
#include "cli/system.hpp"
#include "store/posix_files.hpp"

#include <iostream>
#include <unistd.h>

int main(int argc, char** argv) {
  sluice::cli::harden_process();
  sluice::cli::catch_signals();
  std::ios::sync_with_stdio(false);
  sluice::cli::SystemClock clock;
  sluice::cli::SystemRandom random;
  sluice::store::PosixFiles files;
  sluice::cli::World world{clock, random, files, std::cin, std::cout, std::cerr};
  world.environment = sluice::cli::Environment(sluice::cli::read_environment());
  world.in_is_terminal = isatty(STDIN_FILENO) == 1;
  world.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  world.err_is_terminal = isatty(STDERR_FILENO) == 1;
  world.columns = sluice::cli::terminal_columns();
  world.user = sluice::cli::user_name();
  world.host = sluice::cli::host_name();
  world.pid = sluice::cli::process_id();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  world.command_line = "sluice";
  for (const std::string& argument : arguments)
    world.command_line += " " + argument;
  return static_cast<int>(sluice::cli::run_program(world, arguments));
}
