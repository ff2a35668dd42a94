// What a server sends, and what is sent to which server.

#include "fuzz/targets.hpp"
#include "http/api_error.hpp"
#include "http/json_body.hpp"
#include "http/printable.hpp"
#include "http/redactor.hpp"
#include "http/reply_reader.hpp"
#include "http/retry.hpp"
#include "http/url.hpp"
#include "kinds/kind.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <memory>

namespace sluice::fuzz {

namespace {

using http::Response;

/// "HTTP/1.1 429 Slow down", lines of headers, an empty line and a body. nullopt for a reply that
/// is given up.
std::optional<Response> read_reply(std::string_view input) {
  http::ReplyReader reader("the server", 4096, std::size_t{1} << 20U);
  Response response;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size() - 1) + 1;
    const std::string_view line = input.substr(0, end);
    input.remove_prefix(end);
    if (line.starts_with("HTTP/1.1 "))
      std::from_chars(line.data() + 9, line.data() + line.size(), response.status);
    if (!reader.take_header(line)) {
      require(is_clean(reader.problem()), "why a reply is given up can be printed");
      return std::nullopt;
    }
    if (line == "\n" || line == "\r\n") break;
  }
  if (!reader.take_body(input)) return std::nullopt;
  const int status = response.status;
  response = reader.take();
  response.status = status;
  require(response.body == input, "a body arrives as it is");
  return response;
}

void check_headers(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    require(http::is_header(name, value), "a header is one");
    require(name == http::lower_case(name), "a header's name is in lower case");
    require(!value.starts_with(' ') && !value.ends_with(' '), "a header's value is trimmed");
  }
  const auto asked = http::retry_after(response, Millis(1'700'000'000'000));
  require(!asked || (asked->count() >= 0 && asked->count() <= 120'000), "a wait is of two minutes");
  for (const int attempt : {1, 5, 1000}) {
    const Millis delay = http::retry_delay(attempt, asked, ~std::uint64_t{0});
    require(delay.count() >= 1000 && delay.count() <= 150'000, "a delay is of two minutes or so");
  }
}

/// The twin lets a control character above ASCII pass.
std::string printed(std::string_view text, std::size_t bytes_max, bool twin) {
  if (const std::size_t next_line = text.find("\xC2\x85"); twin && next_line != text.npos)
    return std::string(text.substr(next_line, 2));
  return http::printable(text, bytes_max);
}

void check_printable(const std::string& text, bool twin) {
  for (const std::size_t bytes_max : {std::size_t{10}, std::size_t{300}}) {
    const std::string shown = printed(text, bytes_max, twin);
    require(shown.size() <= bytes_max && is_clean(shown), "what is printable can be printed");
    require(http::printable(shown, bytes_max) == shown, "what can be printed stays as it is");
  }
}

void check_error(const Response& response) {
  const http::ApiError error = http::read_api_error(response, {});
  require(!error.message.empty() && error.message.size() <= 300, "an error says something");
  require(is_clean(error.message) && is_clean(error.code), "an error can be printed");
  require(!(error.gone && error.sandbox_unknown), "an object in no sandbox is not gone");
}

void check_page(const std::optional<kinds::Page>& page, const http::Request& asked) {
  if (!page) return;
  for (const Observed& object : page->objects)
    require(!object.id.empty(), "an object of a list has an id");
  if (page->next.empty()) return;
  const std::string path = asked.target.substr(0, asked.target.find('?'));
  require(page->next.starts_with(path), "a next page is of the same list: " + page->next);
  require(page->next != asked.target, "a next page is another one");
}

void check_kind(const kinds::Kind& kind, const Response& response) {
  if (kind.parse) {
    const auto object = kind.parse(response);
    require(!object || !object->id.empty(), "an object has an id");
  }
  if (kind.parse_written) {
    const auto written = kind.parse_written(response);
    require(!written || !written->id.empty(), "what was written has an id");
  }
  if (kind.says_gone) kind.says_gone(response);
  if (kind.parse_test) kind.parse_test(response);
  if (kind.list && kind.parse_page) {
    const http::Request asked = kind.list({"one"});
    check_page(kind.parse_page(response, asked), asked);
  }
}

/// A secret's spellings, made here in another way than the redactor makes them.
std::string hex(std::string_view bytes, const char* digits) {
  std::string result;
  for (const char c : bytes) {
    result += digits[static_cast<unsigned char>(c) / 16];
    result += digits[static_cast<unsigned char>(c) % 16];
  }
  return result;
}

std::string percent(std::string_view bytes, const char* digits, bool plus) {
  std::string result;
  for (const char c : bytes) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' ||
                       c == '_' || c == '~';
    if (plain) result += c;
    if (!plain && c == ' ' && plus) result += '+';
    if (!plain && !(c == ' ' && plus)) result += "%" + hex({&c, 1}, digits);
  }
  return result;
}

std::string base64(std::string_view bytes, std::string_view last_digits) {
  const std::string digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + std::string(last_digits);
  std::string result;
  unsigned bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6)
      result += digits[bits >> (count - 6) & 63U];
    bits &= (1U << count) - 1;
  }
  return result;
}

/// The digits of base64 that the secret alone decides when so many bytes stand before it.
std::string base64_inside(const std::string& secret, std::size_t before, std::string_view digits) {
  const std::string all = base64(std::string(before, 'x') + secret, digits);
  const std::size_t first = before == 0 ? 0 : before + 1;
  return all.substr(first);
}

std::string quoted(const std::string& text, bool ascii) {
  const std::string json = Json(text).dump(-1, ' ', ascii, Json::error_handler_t::replace);
  return json.substr(1, json.size() - 2);
}

/// Each byte as `escape` writes it.
template <class Escape>
std::string each(const std::string& secret, const Escape& escape) {
  std::string result;
  for (const char c : secret)
    result += escape(c);
  return result;
}

bool is_one_of(char c, const char* set) {
  return c != '\0' && std::string_view(set).find(c) != std::string_view::npos;
}

/// As encodeURIComponent writes it, as URLEncoder of Java does, and with its slashes kept.
std::vector<std::string> of_urls(const std::string& secret) {
  const auto escaping = [&secret](const char* plain, bool plus) {
    return each(secret, [plain, plus](char c) {
      if (c == ' ' && plus) return std::string("+");
      const bool kept = std::isalnum(static_cast<unsigned char>(c)) != 0 || is_one_of(c, plain);
      return kept ? std::string(1, c) : "%" + hex({&c, 1}, "0123456789ABCDEF");
    });
  };
  return {escaping("-_.!~*'()", false), escaping("-_.*", true), escaping("-_.~/", false)};
}

/// JSON with escapes that are not needed, and in capitals.
std::vector<std::string> of_json(const std::string& secret) {
  const std::string ascii = quoted(secret, true);
  std::string capitals;
  std::string gson;
  for (std::size_t at = 0; at < ascii.size(); ++at) {
    const bool is_unicode = ascii[at] == '\\' && ascii[at + 1] == 'u';
    const std::size_t size = is_unicode ? 6 : ascii[at] == '\\' ? 2 : 1;
    const std::string part = ascii.substr(at, size);
    std::string digits = part;
    if (is_unicode)
      std::transform(part.begin() + 2, part.end(), digits.begin() + 2,
                     [](unsigned char c) { return std::toupper(c); });
    capitals += part == "/" ? "\\/" : digits;
    gson += is_one_of(part[0], "=&'<>") ? "\\u00" + hex(part, "0123456789abcdef") : part;
    at += size - 1;
  }
  return {capitals, gson, quoted(capitals, true)};
}

/// As HTML, with names and with numbers.
std::vector<std::string> of_html(const std::string& secret) {
  return {each(secret,
               [](char c) -> std::string {
                 return c == '&'    ? "&amp;"
                        : c == '<'  ? "&lt;"
                        : c == '>'  ? "&gt;"
                        : c == '"'  ? "&quot;"
                        : c == '\'' ? "&#x27;"
                                    : std::string(1, c);
               }),
          each(secret, [](char c) -> std::string {
            return is_one_of(c, "&<>\"'") ? "&#" + std::to_string(static_cast<int>(c)) + ";"
                                          : std::string(1, c);
          })};
}

std::vector<std::string> spellings(const std::string& secret) {
  const char* const small = "0123456789abcdef";
  const char* const large = "0123456789ABCDEF";
  std::vector<std::string> result = {secret,
                                     quoted(secret, true),
                                     quoted(secret, false),
                                     hex(secret, small),
                                     hex(secret, large),
                                     percent(secret, small, false),
                                     percent(secret, large, false),
                                     percent(secret, small, true),
                                     percent(secret, large, true)};
  for (const auto& more : {of_urls(secret), of_json(secret), of_html(secret)})
    result.insert(result.end(), more.begin(), more.end());
  for (std::size_t before = 0; before < 3; ++before) {
    result.push_back(base64_inside(secret, before, "+/"));
    result.push_back(base64_inside(secret, before, "-_"));
  }
  return result;
}

/// The bytes of an IPv6 address, which has many spellings; of anything else the text.
std::string plain_host(const std::string& host) {
  std::string bytes(sizeof(in6_addr), '\0');
  return inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1 ? bytes : host;
}

}  // namespace

void reply(std::string_view input, bool twin) {
  static const kinds::Registry registry;
  const std::optional<Response> response = read_reply(input);
  if (!response) return;
  check_headers(*response);
  check_printable(response->body, twin);
  check_error(*response);
  http::is_passing_trouble(*response);
  if (const auto body = http::parse_json(response->body)) {
    require(http::parse_json(body->dump()) == body, "a body's JSON is read back");
  }
  for (const std::string& name : registry.names())
    check_kind(registry.at(name), *response);
  kinds::parse_tenant(*response);
}

/// Up to four secrets a line each, an empty line, and a text in which a byte below 0x20 stands for
/// one of the spellings of the first secret.
void redactor(std::string_view input, bool twin) {
  const std::size_t end = std::min(input.find("\n\n"), input.size());
  http::Redactor redactor;
  std::vector<std::string> hidden;
  std::vector<std::string> first;
  std::vector<std::string> secrets = split(input.substr(0, end), '\n');
  secrets.resize(std::min<std::size_t>(secrets.size(), 4));
  for (const std::string& secret : secrets) {
    redactor.learn(http::Secret(secret));
    // Shorter ones are not learnt, and stars may come back by what stands for a secret.
    if (secret.size() < 4 || secret.find('*') != std::string::npos) continue;
    const std::vector<std::string> all = spellings(secret);
    if (first.empty()) first = all;
    hidden.insert(hidden.end(), all.begin(), all.end());
  }
  std::string text;
  for (const char c : input.substr(std::min(end + 2, input.size()))) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 || first.empty()) text += c;
    if (byte < 0x20 && !first.empty()) text += first[byte % first.size()];
  }
  const std::string redacted = redactor.redact(text);
  for (const std::string& spelling : hidden)
    require(redacted.find(spelling) == std::string::npos, "a secret is hidden: " + spelling);
  // What a redactor without base64 for URLs would leave: every other one of the last six.
  for (std::size_t back = 1; twin && !first.empty() && back < 6; back += 2) {
    const std::string& for_urls = first[first.size() - back];
    const bool missed =
        for_urls != first[first.size() - back - 1] && text.find(for_urls) != std::string::npos;
    require(!missed, "a secret is hidden in base64 for URLs");
  }
}

/// An origin, a line's end and a target. The library that sends the request reads addresses by
/// itself, and must take the same host out of one: else it could get what is meant for another.
void url(std::string_view input, bool twin) {
  const std::vector<std::string> parts = split(input, '\n');
  const std::string target = parts.size() > 1 ? parts[1] : "/";
  const std::string encoded = http::percent_encode(input);
  require(http::is_target("/" + encoded), "what is encoded can be sent");
  std::string origin_text = parts[0];
  // The twin takes what stands before an @ for the host, as people do.
  if (twin) origin_text.erase(std::min(origin_text.find('@'), origin_text.size()));
  const auto origin = http::parse_origin(origin_text);
  if (!origin || !http::is_target(target)) return;
  require(is_clean(origin->host) && origin->port >= 0 && origin->port < 65536, "an origin is one");
  require(!is_adobe_host(*origin) || !is_loopback(*origin), "Adobe is not this machine");

  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> joined(curl_url(), curl_url_cleanup);
  if (curl_url_set(joined.get(), CURLUPART_URL, (parts[0] + target).c_str(), 0) != CURLUE_OK)
    return;
  const auto part = [&joined](CURLUPart which) {
    char* text = nullptr;
    const CURLUcode code = curl_url_get(joined.get(), which, &text, 0);
    const std::string result = code == CURLUE_OK ? text : "";
    curl_free(text);
    return result;
  };
  std::string host = http::lower_case(part(CURLUPART_HOST));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  require(part(CURLUPART_SCHEME) == origin->scheme, "libcurl reads the same scheme");
  require(plain_host(host) == plain_host(origin->host), "libcurl reads the same host: " + host);
  require(part(CURLUPART_PORT) == (origin->port == 0 ? "" : std::to_string(origin->port)),
          "libcurl reads the same port");
  require(part(CURLUPART_USER).empty(), "libcurl reads no user");
}

}  // namespace sluice::fuzz
