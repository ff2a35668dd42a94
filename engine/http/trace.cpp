#include "http/trace.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <array>

namespace sluice::http {

namespace {

constexpr std::size_t kBodyBytesMax = 64U << 10U;

bool carries_credentials(std::string name) {
  static constexpr std::array<std::string_view, 5> kNames = {"authorization", "x-api-key", "cookie",
                                                             "set-cookie", "proxy-authorization"};
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

Json shown_headers(const std::map<std::string, std::string>& headers, const Redactor& redactor) {
  Json result = Json::object();
  for (const auto& [name, value] : headers)
    result[name] = carries_credentials(name) ? "***" : redactor.redact(value);
  return result;
}

// Cut after the secrets are out, so that none is cut in two and missed.
std::string shown_body(const std::string& body, const Redactor& redactor) {
  std::string text = redactor.redact(body);
  if (text.size() > kBodyBytesMax) text.resize(kBodyBytesMax);
  return text;
}

Json shown(const Outcome& outcome, const Redactor& redactor) {
  if (const auto* failure = std::get_if<Failure>(&outcome)) {
    return {{"failure", redactor.redact(failure->what)}, {"maybe_sent", failure->maybe_sent}};
  }
  const auto& response = std::get<Response>(outcome);
  return {{"status", response.status},
          {"headers", shown_headers(response.headers, redactor)},
          {"body", shown_body(response.body, redactor)}};
}

// A body need not be UTF-8, and a trace must not fail on it, nor a terminal that shows it obey it.
std::string line_of(const Json& line) {
  return line.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

TraceTransport::TraceTransport(Transport& inner, const Clock& clock, const Redactor& redactor,
                               std::function<void(const std::string&)> sink)
    : inner_(inner), clock_(clock), redactor_(redactor), sink_(std::move(sink)) {
}

void TraceTransport::start(Request request, Done done) {
  const int number = ++count_;
  const Millis begun = clock_.monotonic();
  sink_(line_of({{"exchange", number},
                 {"at_ms", clock_.wall().count()},
                 {"method", request.method},
                 {"url", redactor_.redact(request.origin + request.target)},
                 {"headers", shown_headers(request.headers, redactor_)},
                 {"body", shown_body(request.body, redactor_)}}));
  inner_.start(std::move(request), [this, number, begun, done = std::move(done)](Outcome outcome) {
    Json line = shown(outcome, redactor_);
    line["exchange"] = number;
    line["at_ms"] = clock_.wall().count();
    line["took_ms"] = (clock_.monotonic() - begun).count();
    sink_(line_of(line));
    done(std::move(outcome));
  });
}

}  // namespace sluice::http
