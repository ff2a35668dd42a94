#include "cli/world.hpp"

namespace sluice::cli {

std::string Environment::get(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string() : found->second;
}

void World::print(std::string_view text) {
  out << redactor.redact(text);
}

void World::say(std::string_view text) {
  // Results that were printed before must stand before this on a terminal that shows both.
  out.flush();
  err << redactor.redact(text);
  err.flush();
}

void World::say(const Diagnostic& diagnostic, const report::Style& style) {
  say(report::diagnostic_text(diagnostic, style));
}

}  // namespace sluice::cli
