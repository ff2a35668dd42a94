#include "kinds/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace sluice::kinds {

namespace {

const Json kNull;

std::string major_version(std::string version) {
  if (version.ends_with(".0")) version.resize(version.size() - 2);
  return version;
}

}  // namespace

const Json& at_path(const Json& value, std::initializer_list<const char*> path) {
  const Json* here = &value;
  for (const char* key : path) {
    if (!here->is_object()) return kNull;
    const auto found = here->find(key);
    if (found == here->end()) return kNull;
    here = &*found;
  }
  return *here;
}

std::string text_at(const Json& value, const char* key) {
  const Json& found = at_path(value, {key});
  return found.is_string() ? found.get<std::string>() : std::string();
}

bool is_id(std::string_view text) {
  constexpr std::size_t kLongest = 512;
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~:/@").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), is_plain) &&
         text.find("..") == std::string_view::npos;
}

std::string id_at(const Json& value, const char* key) {
  std::string text = text_at(value, key);
  return is_id(text) ? text : std::string();
}

std::int64_t number_at(const Json& value, const char* key) {
  const Json& found = at_path(value, {key});
  if (found.is_number_integer()) return found.get<std::int64_t>();
  if (!found.is_string()) return 0;
  const std::string& text = found.get_ref<const std::string&>();
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void put(Fields& fields, const std::string& name, const Json& value) {
  if (!value.is_null()) fields[name] = value;
}

std::string text_of(const Fields& fields, const std::string& name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return {};
  if (found->second.is_number()) return found->second.dump();
  return found->second.is_string() ? found->second.get<std::string>() : std::string();
}

http::Request request(const char* method, std::string target) {
  http::Request result;
  result.method = method;
  result.target = std::move(target);
  return result;
}

std::string encode(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

std::string schema_media_type(const std::string& version) {
  return "application/vnd.adobe.xed-full+json;version=" + major_version(version);
}

std::string schema_version(std::string_view media_type) {
  constexpr std::string_view kKey = "version=";
  const std::size_t start = media_type.find(kKey);
  if (start == std::string_view::npos) return {};
  std::string version(media_type.substr(start + kKey.size()));
  version.resize(std::min(version.find_first_of("; "), version.size()));
  return major_version(std::move(version));
}

}  // namespace sluice::kinds
