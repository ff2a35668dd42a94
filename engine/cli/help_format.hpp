#pragma once

// How help is laid out. CLI11 writes each description as one line, whatever the terminal's width;
// this breaks them between words, so that no line is wider than 80 columns.

#include <CLI/CLI.hpp>

#include <string>

namespace sluice::cli {

class HelpFormat final : public CLI::Formatter {
 public:
  HelpFormat();

 private:
  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
};

}  // namespace sluice::cli
