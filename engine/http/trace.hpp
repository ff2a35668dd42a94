#pragma once

// Writes down every exchange, secrets taken out: one JSON line for what was sent, one for what came
// back.

#include "http/redactor.hpp"
#include "http/transport.hpp"

#include <functional>
#include <string>

namespace sluice::http {

/// A transport that passes everything on to another one and tells `sink` about it, a line at a
/// time without the line's end. Headers that carry credentials appear by name only; bodies are
/// redacted and cut after 64 KiB.
class TraceTransport final : public Transport {
 public:
  TraceTransport(Transport& inner, const Clock& clock, const Redactor& redactor,
                 std::function<void(const std::string&)> sink);

  void start(Request request, Done done) override;
  void poll(Millis wait) override { inner_.poll(wait); }

 private:
  Transport& inner_;
  const Clock& clock_;
  const Redactor& redactor_;
  std::function<void(const std::string&)> sink_;
  int count_ = 0;
};

}  // namespace sluice::http
