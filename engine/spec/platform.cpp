#include "spec/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::spec {

namespace {

constexpr std::array<std::string_view, 2> kAdobeDomains = {".adobe.io", ".adobelogin.com"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.';
}

/// A number without leading zeros, as some readers take those for octal.
bool is_number_up_to(std::string_view text, int max) {
  if (text.empty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), is_digit)) {
    return false;
  }
  return (text.size() == 1 || text[0] != '0') && std::stoi(std::string(text)) <= max;
}

std::vector<std::string_view> labels_of(std::string_view host) {
  std::vector<std::string_view> labels;
  while (true) {
    const std::size_t dot = host.find('.');
    labels.push_back(host.substr(0, dot));
    if (dot == std::string_view::npos) return labels;
    host.remove_prefix(dot + 1);
  }
}

bool is_adobe(std::string_view host) {
  const std::vector<std::string_view> labels = labels_of(host);
  if (!std::all_of(host.begin(), host.end(), is_host_char) ||
      std::any_of(labels.begin(), labels.end(), [](auto label) { return label.empty(); })) {
    return false;
  }
  return std::any_of(kAdobeDomains.begin(), kAdobeDomains.end(),
                     [host](std::string_view domain) { return host.ends_with(domain); });
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  const std::vector<std::string_view> labels = labels_of(host);
  return labels.size() == 4 && labels[0] == "127" &&
         std::all_of(labels.begin(), labels.end(),
                     [](std::string_view label) { return is_number_up_to(label, 255); });
}

/// Takes `prefix` off the front of `text` if it stands there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

struct UrlRule {
  const char* key;
  const char* from_outside;
};
constexpr UrlRule kEndpoint = {"endpoint", "--endpoint or AEP_ENDPOINT"};
constexpr UrlRule kIms = {"ims", "--ims or AEP_IMS"};

std::string read_url(const Document& document, const UrlRule& rule,
                     const Interpolator& interpolator, Messages& messages) {
  const Entry entry = entry_of(document.platform, rule.key);
  if (!entry) return {};
  std::optional<std::string> url = interpolator.known_text(entry);
  if (!url) return {};
  if (url->ends_with('/')) url->pop_back();
  if (is_trusted_base(*url)) return *url;
  messages.error(entry.value->place,
                 fmt::format("`platform.{}` may not be {}", rule.key, shown(*url)),
                 fmt::format("A spec may name `https://` and a host of *.adobe.io or "
                             "*.adobelogin.com, or a loopback address, without a path or a user. "
                             "Any other host must come from outside: {}.",
                             rule.from_outside));
  return {};
}

}  // namespace

bool is_trusted_base(std::string_view url) {
  const bool is_https = take(url, "https://");
  if (!is_https && !take(url, "http://")) return false;
  const std::size_t bracket = url.find(']');
  const std::size_t colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = url.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view port = url.substr(colon + 1);
    if (!is_number_up_to(port, 65535) || port == "0") return false;
  }
  return is_loopback(host) || (is_https && is_adobe(host));
}

PlatformPart read_platform(const Document& document, const Interpolator& interpolator,
                           Messages& messages) {
  PlatformPart result;
  result.endpoint = read_url(document, kEndpoint, interpolator, messages);
  result.ims = read_url(document, kIms, interpolator, messages);
  const Entry sandbox = entry_of(document.platform, "sandbox");
  if (!sandbox) return result;
  const std::optional<std::string> name = interpolator.known_text(sandbox);
  if (name && name->empty()) {
    messages.error(sandbox.value->place, "`sandbox` is empty",
                   "Name a sandbox, or leave the line out and give it with `--sandbox` or "
                   "AEP_SANDBOX.");
  }
  result.sandbox = name.value_or("");
  return result;
}

}  // namespace sluice::spec
