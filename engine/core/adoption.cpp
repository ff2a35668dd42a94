#include "core/adoption.hpp"

#include <cassert>
#include <set>

namespace sluice {

namespace {

constexpr std::size_t kKeyMax = 40;

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Only ASCII: another alphabet's letters cannot stand in a key.
char lower_case(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string key_from(std::string_view name, const std::string& otherwise) {
  assert(is_key(otherwise));
  std::string key;
  for (const char c : name) {
    const char small = lower_case(c);
    if (is_letter(small) || is_digit(small)) {
      key += small;
    } else if (!key.empty() && key.back() != '-') {
      key += '-';
    }
  }
  if (!key.empty() && is_digit(key.front())) key.insert(0, otherwise + "-");
  if (key.size() > kKeyMax) key.resize(kKeyMax);
  while (!key.empty() && key.back() == '-')
    key.pop_back();
  return key.empty() ? otherwise : key;
}

std::vector<std::string> unique_keys(const std::vector<std::string>& names) {
  std::set<std::string> taken;
  std::vector<std::string> keys;
  for (const std::string& name : names) {
    const std::string key = key_from(name, "flow");
    std::string free = key;
    for (int number = 2; !taken.insert(free).second; ++number)
      free = key + "-" + std::to_string(number);
    keys.push_back(std::move(free));
  }
  return keys;
}

}  // namespace sluice
