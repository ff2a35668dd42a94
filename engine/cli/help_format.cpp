#include "cli/help_format.hpp"

namespace sluice::cli {

namespace {

constexpr std::size_t kNameColumns = 34;
constexpr std::size_t kTextColumns = 80 - kNameColumns;

/// `text` with newlines in place of the spaces where a line would get too wide. CLI11 indents what
/// follows a newline.
std::string broken(const std::string& text) {
  std::string result = text;
  std::size_t line = 0;
  while (result.size() - line > kTextColumns) {
    const std::size_t space = result.rfind(' ', line + kTextColumns);
    if (space == std::string::npos || space <= line) break;
    result[space] = '\n';
    line = space + 1;
  }
  return result;
}

}  // namespace

HelpFormat::HelpFormat() {
  column_width(kNameColumns);
}

std::string HelpFormat::make_option_desc(const CLI::Option* option) const {
  return broken(Formatter::make_option_desc(option));
}

std::string HelpFormat::make_subcommand(const CLI::App* command) const {
  std::stringstream out;
  CLI::detail::format_help(out, command->get_display_name(true), broken(command->get_description()),
                           kNameColumns);
  return out.str();
}

}  // namespace sluice::cli
