// One program for all targets, since most of what it costs is building it. Which one it is its
// file's name says, so that libFuzzer can start it again as it is.

#include "fuzz/targets.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <filesystem>

extern "C" int LLVMFuzzerRunDriver(int* count, char*** arguments,
                                   int (*callback)(const std::uint8_t* data, std::size_t size));

namespace sluice::fuzz {

namespace {

/// The time is the processor's: on a busy machine libFuzzer's own limit, which is by the clock on
/// the wall, would find what is not slow.
template <void (*target)(std::string_view, bool), bool twin>
int take(const std::uint8_t* data, std::size_t size) {
  const std::clock_t start = std::clock();
  target({reinterpret_cast<const char*>(data), size}, twin);
  require(std::clock() - start <= CLOCKS_PER_SEC, "an input costs no second");
  return 0;
}

using Callback = int (*)(const std::uint8_t* data, std::size_t size);

struct Target {
  std::string_view name;
  Callback sound;
  Callback twin;
};

template <void (*target)(std::string_view, bool)>
constexpr Target named(std::string_view name) {
  return {name, take<target, false>, take<target, true>};
}

constexpr std::array kTargets = {
    named<spec>("spec"), named<state>("state"), named<journal>("journal"),
    named<plan>("plan"), named<reply>("reply"), named<redactor>("redactor"),
    named<url>("url"),
};

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator)) {
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.emplace_back(text);
  return parts;
}

bool is_clean(const std::string& text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const unsigned byte = static_cast<unsigned char>(text[at]);
    const bool is_c1 =
        byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    if (byte == 0x7F || is_c1 || byte < 0x20) return false;
  }
  try {
    nlohmann::json(text).dump();  // Throws on what is not UTF-8.
  } catch (const nlohmann::json::exception&) {
    return false;
  }
  return true;
}

}  // namespace sluice::fuzz

int main(int count, char** arguments) {
  const std::string name = std::filesystem::path(arguments[0]).filename();
  for (const auto& target : sluice::fuzz::kTargets) {
    if (name != target.name) continue;
    const bool twin = std::getenv("SLUICE_FUZZ_TWIN") != nullptr;
    return LLVMFuzzerRunDriver(&count, &arguments, twin ? target.twin : target.sound);
  }
  std::fprintf(stderr, "%s is no target\n", name.c_str());
  return 64;
}
