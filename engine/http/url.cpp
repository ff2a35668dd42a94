#include "http/url.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::http {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// A number of at most `max` in plain decimal, without a sign or a leading zero.
std::optional<int> small_number(std::string_view text, int max) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool plain = !text.empty() && is_digit(text[0]) && (text[0] != '0' || text.size() == 1);
  if (!plain || error != std::errc() || end != text.data() + text.size() || number > max)
    return std::nullopt;
  return number;
}

// Strict dotted decimal: "127.1" and "0x7f.1" are nothing that people write.
bool is_ipv4(std::string_view host) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = host.find('.');
    if ((part < 3) != (dot != std::string_view::npos)) return false;
    if (!small_number(host.substr(0, dot), 255)) return false;
    if (part < 3) host.remove_prefix(dot + 1);
  }
  return true;
}

// A name or IPv4 address. An empty label is refused, so that "adobe.io." is no second spelling, and
// so are numbers that libcurl would make an address of: what ends in a digit's label is no name.
bool is_host_name(std::string_view host) {
  const bool known = std::all_of(host.begin(), host.end(), [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
  });
  return known && !host.empty() && host.front() != '.' && host.back() != '.' &&
         host.find("..") == std::string_view::npos &&
         (!is_digit(host[host.rfind('.') + 1]) || is_ipv4(host));
}

bool is_ipv6(std::string_view host) {
  return host.find(':') != std::string_view::npos &&
         host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

}  // namespace

std::optional<Origin> parse_origin(std::string_view text) {
  Origin origin;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  origin.scheme = text.substr(0, colon);
  std::transform(origin.scheme.begin(), origin.scheme.end(), origin.scheme.begin(), to_lower);
  if (origin.scheme != "https" && origin.scheme != "http") return std::nullopt;

  std::string_view rest = text.substr(colon + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const bool bracketed = rest.starts_with('[');
  const std::size_t host_end = bracketed ? rest.find(']') : rest.find(':');
  const std::string_view host = rest.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
  if (bracketed ? host_end == std::string_view::npos || !is_ipv6(host) : !is_host_name(host))
    return std::nullopt;
  origin.host = host;
  std::transform(origin.host.begin(), origin.host.end(), origin.host.begin(), to_lower);

  rest = host_end == std::string_view::npos ? "" : rest.substr(host_end + (bracketed ? 1 : 0));
  if (rest.empty()) return origin;
  if (!rest.starts_with(':')) return std::nullopt;
  const std::optional<int> port = small_number(rest.substr(1), 65'535);
  if (!port || *port == 0) return std::nullopt;
  origin.port = *port;
  return origin;
}

bool is_loopback(const Origin& origin) {
  if (origin.host == "localhost" || origin.host == "::1") return true;
  // "127.evil.example" is a name.
  return is_ipv4(origin.host) && origin.host.starts_with("127.");
}

bool may_carry_credentials(const Origin& origin) {
  return origin.scheme == "https" || is_loopback(origin);
}

bool is_adobe_host(const Origin& origin) {
  return origin.host.ends_with(".adobe.io") || origin.host.ends_with(".adobelogin.com");
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (is_letter_or_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos) {
      result += c;
      continue;
    }
    const unsigned byte = static_cast<unsigned char>(c);
    result += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return result;
}

}  // namespace sluice::http
