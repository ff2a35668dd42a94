#include "core/address.hpp"

#include <algorithm>
#include <array>

namespace sluice {

namespace {

constexpr std::array<std::string_view, 4> kPlainSections = {"accounts", "datasets", "pipelines",
                                                            "schemas"};
constexpr std::array<std::string_view, 4> kParts = {"flow", "mapping", "source", "target"};

/// The only part that belongs to a single field.
constexpr std::string_view kIdentity = "identity";
constexpr std::array<std::string_view, 3> kSchemaParts = {"fields", kIdentity, "profile"};

bool contains(const auto& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_key_start(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_key_char(char c) {
  return is_key_start(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Takes everything up to the next of `stops` off the front of `text`.
std::string_view take_until(std::string_view& text, std::string_view stops) {
  const std::size_t end = std::min(text.find_first_of(stops), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end);
  return taken;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

bool is_key(std::string_view text) {
  return !text.empty() && is_key_start(text.front()) &&
         std::all_of(text.begin(), text.end(), is_key_char);
}

std::string Address::text() const {
  std::string result = section + "." + key;
  if (!instance.empty()) result += "[\"" + instance + "\"]";
  if (!part.empty()) result += "." + part;
  return result;
}

std::optional<Address> Address::parse(std::string_view text) {
  Address address;
  address.section = take_until(text, ".");
  if (!contains(kPlainSections, address.section) || !take(text, ".")) return std::nullopt;
  address.key = take_until(text, ".[");
  if (!is_key(address.key)) return std::nullopt;
  if (take(text, "[\"")) {
    address.instance = take_until(text, "\"");
    if (address.instance.empty() || !take(text, "\"]")) return std::nullopt;
  }
  if (text.empty() && address.section != "pipelines") return address;
  if (address.section == "schemas" && take(text, ".")) {
    const bool is_of_field = !address.instance.empty();
    if (!contains(kSchemaParts, text) || is_of_field != (text == kIdentity)) return std::nullopt;
    address.part = text;
    return address;
  }
  if (address.section != "pipelines") return std::nullopt;
  if (!take(text, ".") || !contains(kParts, text)) return std::nullopt;
  address.part = text;
  return address;
}

}  // namespace sluice
