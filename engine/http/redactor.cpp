#include "http/redactor.hpp"

#include "core/json.hpp"
#include "http/url.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice::http {

namespace {

constexpr std::string_view kHidden = "***";
constexpr std::size_t kNeedleBytesMin = 4;

// Fields whose value is secret whatever it is. The address of an inlet lets anybody send events.
constexpr std::array<std::string_view, 10> kSecretNames = {
    "access_token", "client_secret", "refresh_token", "id_token", "jwt_token",
    "inletUrl",     "inlet_url",     "password",      "secret",   "Authorization"};

std::string base64(const std::string& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8U | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      result += i <= count ? kDigits[bits >> (18 - 6 * i) & 63U] : '=';
  }
  return result;
}

// How `value` shows in the base64 of a longer text that has `before` bytes in front of it, without
// the characters that its neighbours have a share in.
std::string base64_inside(const std::string& value, std::size_t before) {
  const std::size_t first = (8 * before + 5) / 6;
  const std::size_t end = 8 * (before + value.size()) / 6;
  return base64(std::string(before, '\0') + value).substr(first, end - first);
}

std::string hex(const std::string& bytes, std::string_view digits) {
  std::string result;
  for (const char c : bytes) {
    const unsigned byte = static_cast<unsigned char>(c);
    result += {digits[byte >> 4U], digits[byte & 15U]};
  }
  return result;
}

// "%2F" is also written "%2f".
std::string with_small_escapes(std::string text) {
  for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 1)) {
    for (std::size_t i = at + 1; i < at + 3; ++i)
      if (text[i] >= 'A') text[i] = static_cast<char>(text[i] - 'A' + 'a');
  }
  return text;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// A writer of JSON may escape what is not ASCII or leave it as it is.
std::string json_text(const std::string& value, bool ascii) {
  const std::string quoted = Json(value).dump(-1, ' ', ascii, Json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t backslashes_before(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (count < at && text[at - 1 - count] == '\\')
    ++count;
  return count;
}

// The end of a JSON string that begins at `start`, behind a quote with `depth` backslashes: a body
// may be quoted inside another text. An unfinished string goes on to the end.
std::size_t json_string_end(std::string_view text, std::size_t start, std::size_t depth) {
  for (std::size_t at = text.find('"', start); at != std::string_view::npos;
       at = text.find('"', at + 1)) {
    const std::size_t count = std::min(backslashes_before(text, at), at - start);
    if (count % (2 * (depth + 1)) == depth) return at - depth;
  }
  return text.size();
}

struct Span {
  std::size_t start = 0;
  std::size_t end = 0;
};

// The value that stands behind a name which ends at `at`: `":"value"`, `=value` or `: value`.
// Empty when the name is just a word.
Span value_behind(std::string_view text, std::size_t at) {
  const std::size_t after_name = text.find_first_not_of("\\\"", at);
  const std::size_t sign = text.find_first_not_of(" \t\r\n", after_name);
  if (sign == std::string_view::npos || (text[sign] != ':' && text[sign] != '=')) return {};
  const std::size_t value = text.find_first_not_of(" \t\r\n", sign + 1);
  if (value == std::string_view::npos) return {};
  const std::size_t quote = text.find_first_not_of('\\', value);
  if (quote != std::string_view::npos && text[quote] == '"')
    return {quote + 1, json_string_end(text, quote + 1, quote - value)};
  // A JSON object or array behind the name is no value of its own.
  if (text[value] == '{' || text[value] == '[') return {};
  const std::string_view stops = text[sign] == '=' ? "& \t\r\n\"" : ",}\r\n\"";
  return {value, std::min(text.find_first_of(stops, value), text.size())};
}

void hide_named(std::string& text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string::npos;
       at = text.find(name, at + name.size())) {
    if (at > 0 && is_word(text[at - 1])) continue;
    const Span value = value_behind(text, at + name.size());
    if (value.end > value.start) text.replace(value.start, value.end - value.start, kHidden);
  }
}

}  // namespace

void Redactor::learn(const Secret& secret) {
  const std::string& value = secret.reveal();
  if (value.size() < kNeedleBytesMin) return;
  if (tell_ && !needles_.contains(value)) tell_(value);
  const std::string url = percent_encode(value);
  std::string form = url;
  replace_all(form, "%20", "+");
  for (const std::string& spelling :
       {value, url, with_small_escapes(url), form, with_small_escapes(form), json_text(value, true),
        json_text(value, false), hex(value, "0123456789abcdef"), hex(value, "0123456789ABCDEF")}) {
    needles_.insert(spelling);
  }
  for (std::size_t before = 0; before < 3; ++before) {
    std::string spelling = base64_inside(value, before);
    needles_.insert(spelling);
    std::replace(spelling.begin(), spelling.end(), '+', '-');
    std::replace(spelling.begin(), spelling.end(), '/', '_');
    needles_.insert(spelling);
  }
}

std::string Redactor::redact(std::string_view text) const {
  std::string result(text);
  for (const std::string& needle : needles_)
    replace_all(result, needle, kHidden);
  for (const std::string_view name : kSecretNames)
    hide_named(result, name);
  return result;
}

}  // namespace sluice::http
