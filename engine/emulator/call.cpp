#include "emulator/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace sluice::emulator {

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      result += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return result;
}

Service service_of(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, Service>, 5> kServices = {{
      {"/data/foundation/flowservice/", Service::flow_service},
      {"/data/foundation/conversion/", Service::data_prep},
      {"/data/foundation/schemaregistry/", Service::schema_registry},
      {"/data/foundation/catalog/", Service::catalog},
      {"/data/foundation/sandbox-management/", Service::sandboxes},
  }};
  for (const auto& [prefix, service] : kServices) {
    if (path.starts_with(prefix)) return service;
  }
  return Service::other;
}

}  // namespace

std::optional<std::string> Call::header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> Call::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string> Call::odd_parameter(const std::vector<std::string_view>& allowed,
                                               std::string_view repeatable) const {
  for (const auto& [name, value] : query) {
    const auto is_same = [&name](const auto& other) { return other.first == name; };
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) return name;
    if (name != repeatable && std::count_if(query.begin(), query.end(), is_same) > 1) return name;
  }
  return std::nullopt;
}

std::string Call::content_type() const {
  const std::string value = header("content-type").value_or("");
  std::string type = lower(std::string_view(value).substr(0, value.find(';')));
  while (type.ends_with(' '))
    type.pop_back();
  return type;
}

Call read_call(const http::Request& request, Millis now) {
  Call call;
  call.method = request.method;
  call.now = now;
  call.body = request.body;
  const std::string_view target = request.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  call.path = target.substr(0, mark);
  call.service = service_of(call.path);
  for (const auto& [name, value] : request.headers)
    call.headers.emplace(lower(name), value);
  // The first part, before the leading slash, is empty.
  const std::vector<std::string> parts = split(call.path, '/');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto decoded = percent_decode(parts[i], false);
    call.well_formed = call.well_formed && decoded.has_value();
    call.segments.push_back(decoded.value_or(""));
  }
  if (mark < target.size()) {
    auto query = decode_form(target.substr(mark + 1));
    call.well_formed = call.well_formed && query.has_value();
    if (query) call.query = std::move(*query);
  }
  return call;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::vector<std::pair<std::string, std::string>>> decode_form(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> fields;
  if (text.empty()) return fields;
  for (const std::string& part : split(text, '&')) {
    const std::size_t at = std::min(part.find('='), part.size());
    auto name = percent_decode(std::string_view(part).substr(0, at), true);
    auto value = percent_decode(std::string_view(part).substr(std::min(at + 1, part.size())), true);
    if (!name || !value) return std::nullopt;
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return fields;
}

std::string percent_encode(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                          std::string_view("-._~").find(c) != std::string_view::npos;
    if (is_plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return result;
}

std::optional<int> read_number(std::string_view text) {
  int number = 0;
  const char* end = text.data() + text.size();
  if (text.empty() || text[0] == '-') return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace sluice::emulator
