#include "cli/process.hpp"

#include "cli/heap.hpp"

#include <iostream>
#include <unistd.h>

namespace sluice::cli {

Process::Process(const std::string& name, int argc, char** argv)
    : world_{clock_, random_, files_, std::cin, std::cout, std::cerr},
      arguments_(argv + 1, argv + argc) {
  use_large_pages();
  harden_process();
  catch_signals();
  std::ios::sync_with_stdio(false);
  world_.network = [](const http::CurlOptions& options) {
    return std::make_unique<http::CurlTransport>(options);
  };
  world_.environment = Environment(read_environment());
  world_.mask_in_job_log();
  world_.in_is_terminal = isatty(STDIN_FILENO) == 1;
  world_.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  world_.err_is_terminal = isatty(STDERR_FILENO) == 1;
  world_.columns = terminal_columns();
  world_.user = user_name();
  world_.host = host_name();
  world_.pid = process_id();
  world_.command_line = name;
  for (const std::string& argument : arguments_)
    world_.command_line += " " + argument;
}

}  // namespace sluice::cli
