#pragma once

// Takes secrets out of text on its way to a person, a log or a trace: every known secret value in
// every spelling it may come back in, and what is secret by its name whatever its value.

#include "http/secret.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::http {

class Redactor {
 public:
  /// From now on the value is replaced, as it is and as hex or base64 spell it, each of these as
  /// URLs, forms, JSON, programs and HTML escape it. Values of fewer than `kSecretBytesMin` bytes
  /// are ignored.
  void learn(const Secret& secret);

  /// Called with every value that is learned from now on, once each. For whoever else must know
  /// what to hide.
  void on_learn(std::function<void(const std::string&)> tell) { tell_ = std::move(tell); }

  /// `text` with every known secret replaced by "***", and with the values behind "access_token",
  /// "client_secret", "inletUrl" and the like, in JSON or in a form body, replaced too; and so is
  /// what stands between "://" and "@" in an address.
  std::string redact(std::string_view text) const;

 private:
  /// False when it was known.
  bool add(const std::string& needle);
  std::size_t secret_end(std::string_view text, std::size_t at) const;

  /// What to look for, by its first byte.
  std::array<std::vector<std::string>, 256> needles_;
  std::function<void(const std::string&)> tell_;
};

}  // namespace sluice::http
