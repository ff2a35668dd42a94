#include "cli/world.hpp"

#include <fmt/format.h>

namespace sluice::cli {

std::string Environment::get(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string() : found->second;
}

void World::mask_in_job_log() {
  if (environment.get("GITHUB_ACTIONS") != "true") return;
  redactor.on_learn([this](const std::string& value) {
    std::string data;
    for (const char c : value) {
      if (c == '%' || c == '\r' || c == '\n') {
        data += fmt::format("%{:02X}", static_cast<unsigned>(c));
      } else {
        data += c;
      }
    }
    out.flush();
    err << "::add-mask::" << data << '\n' << std::flush;
  });
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
