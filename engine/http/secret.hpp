#pragma once

// A value that must not be seen. It has no stream operator, no formatter and no conversion, so it
// cannot be printed by mistake; it is wiped when it dies.

#include <string>

namespace sluice::http {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// For the one place that puts it on the wire, and for the redactor.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  void wipe() noexcept;

  std::string value_;
};

}  // namespace sluice::http
