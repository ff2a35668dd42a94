#include "http/redactor.hpp"

#include "core/json.hpp"
#include "core/value.hpp"
#include "http/spellings.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice::http {

namespace {

constexpr std::string_view kHidden = "***";

// Fields whose value is secret whatever it is. The address of an inlet lets anybody send events,
// and it is made of the inlet's id.
constexpr std::array<std::string_view, 12> kSecretNames = {
    "access_token", "client_secret", "refresh_token", "id_token", "jwt_token", "inletUrl",
    "inlet_url",    "inletId",       "inlet_id",      "password", "secret",    "Authorization"};

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

std::string without_named(const std::string& text, std::string_view name) {
  std::string result;
  std::size_t done = 0;
  for (std::size_t at = text.find(name); at != std::string::npos;
       at = text.find(name, std::max(done, at + name.size()))) {
    if (at > 0 && is_word(text[at - 1])) continue;
    const Span value = value_behind(text, at + name.size());
    if (value.end <= value.start) continue;
    result.append(text, done, value.start - done).append(kHidden);
    done = value.end;
  }
  return done == 0 ? text : result.append(text, done);
}

// A name and a password may stand in an address, in front of its host.
std::string without_users(const std::string& text) {
  constexpr std::string_view kSign = "://";
  constexpr std::string_view kStops = "/?#\\\"<> \t\r\n";
  std::string result;
  std::size_t done = 0;
  for (std::size_t at = text.find(kSign); at != std::string::npos; at = text.find(kSign, at)) {
    at += kSign.size();
    const std::size_t end = text.find_first_of(kStops, at);
    const std::size_t user_end = std::string_view(text).substr(at, end - at).rfind('@');
    if (user_end == std::string_view::npos || user_end == 0) continue;
    result.append(text, done, at - done).append(kHidden);
    done = at + user_end;
  }
  return done == 0 ? text : result.append(text, done);
}

// Of a value that is no UTF-8 a writer of JSON shows what is.
std::string as_utf8(const std::string& value) {
  const std::string quoted = Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

}  // namespace

void Redactor::learn(const Secret& secret) {
  const std::string& value = secret.reveal();
  if (value.size() < kSecretBytesMin) return;
  if (add(value) && tell_) tell_(value);
  add(as_utf8(value));
  add(hex(value, "0123456789abcdef"));
  add(hex(value, "0123456789ABCDEF"));
  for (std::size_t before = 0; before < 3; ++before) {
    std::string spelling = base64_inside(value, before);
    add(spelling);
    std::replace(spelling.begin(), spelling.end(), '+', '-');
    std::replace(spelling.begin(), spelling.end(), '/', '_');
    add(spelling);
  }
}

bool Redactor::add(const std::string& needle) {
  std::vector<std::string>& all = needles_[static_cast<unsigned char>(needle[0])];
  if (std::find(all.begin(), all.end(), needle) != all.end()) return false;
  all.push_back(needle);
  return true;
}

// Where the secret that begins at `at` ends, the longest if there are several; npos when none does.
std::size_t Redactor::secret_end(std::string_view text, std::size_t at) const {
  std::size_t end = std::string_view::npos;
  const FirstBytes first = first_bytes(text, at);
  for (std::size_t i = 0; i < first.count; ++i) {
    for (const std::string& needle : needles_[first.bytes[i]]) {
      const std::size_t found = spelling_end(text, at, needle);
      if (found != std::string_view::npos && (end == std::string_view::npos || found > end))
        end = found;
    }
  }
  return end;
}

std::string Redactor::redact(std::string_view text) const {
  std::string result;
  // Secrets that overlap are hidden as one, so that none leaves a rest of another behind.
  std::size_t hidden_end = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t end = secret_end(text, at);
    if (end == std::string_view::npos) continue;
    if (at >= hidden_end) result.append(text, hidden_end, at - hidden_end).append(kHidden);
    hidden_end = std::max(hidden_end, end);
  }
  result.append(text, hidden_end);
  for (const std::string_view name : kSecretNames)
    result = without_named(result, name);
  return without_users(result);
}

}  // namespace sluice::http
