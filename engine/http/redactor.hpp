#pragma once

// Takes secrets out of text on its way to a person, a log or a trace: every known secret value in
// every spelling it may come back in, and what is secret by its name whatever its value.

#include "http/secret.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::http {

class Redactor {
 public:
  /// From now on the value is replaced, as it is and as base64, URL, JSON and hex spell it.
  /// Values of fewer than 4 bytes are ignored: they would blot out ordinary text.
  void learn(const Secret& secret);

  /// Called with every value that is learned from now on, once each. For whoever else must know
  /// what to hide.
  void on_learn(std::function<void(const std::string&)> tell) { tell_ = std::move(tell); }

  /// `text` with every known secret replaced by "***", and with the values behind "access_token",
  /// "client_secret", "inletUrl" and the like, in JSON or in a form body, replaced too.
  std::string redact(std::string_view text) const;

 private:
  /// Longest first, so that a secret inside another one does not leave the rest behind.
  struct ByLength {
    bool operator()(const std::string& left, const std::string& right) const {
      return left.size() != right.size() ? left.size() > right.size() : left < right;
    }
  };
  std::set<std::string, ByLength> needles_;
  std::function<void(const std::string&)> tell_;
};

}  // namespace sluice::http
