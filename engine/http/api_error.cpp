#include "http/api_error.hpp"

#include "http/json_body.hpp"
#include "http/printable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace sluice::http {

namespace {

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number_integer()) return found->dump();
  return {};
}

// "FLOW-1404-412" out of "https://ns.adobe.com/aep/errors/FLOW-1404-412". The scheme and the host
// differ between services, and a placeholder's last part is no code.
std::string code_of_type(const std::string& type) {
  const std::string segment = type.substr(type.rfind('/') + 1);
  const bool is_code = !segment.empty() && segment[0] >= 'A' && segment[0] <= 'Z' &&
                       segment.find_first_of("0123456789") != std::string::npos;
  return is_code ? segment : std::string();
}

std::string code_in(const Json& body) {
  const std::string code = code_of_type(text_of(body, "type"));
  if (!code.empty()) return code;
  const std::string gateway = text_of(body, "error_code");
  return gateway.empty() ? text_of(body, "error") : gateway;
}

std::string message_in(const Json& body) {
  const Json report = body.value("report", Json());
  const auto in_report = [&report](const char* key) {
    return report.is_object() ? text_of(report, key) : std::string();
  };
  for (const std::string& text :
       {text_of(body, "errorMessage"), text_of(body, "detail"), in_report("detailed-message"),
        text_of(body, "message"), in_report("message"), text_of(body, "error_description"),
        text_of(body, "title")}) {
    if (!text.empty()) return text;
  }
  return {};
}

// The number behind `prefix`, such as 1404 in "FLOW-1404-412"; 0 for a code of another service.
int number_after(std::string_view prefix, std::string_view code) {
  if (!code.starts_with(prefix)) return 0;
  code.remove_prefix(prefix.size());
  int number = 0;
  std::from_chars(code.data(), code.data() + code.size(), number);
  return number;
}

template <std::size_t size>
bool is_one_of(int number, const std::array<int, size>& numbers) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

// What the gateway answers before any service sees the call.
bool is_gateway_rejection(const std::string& code) {
  static constexpr std::array<std::string_view, 6> kCodes = {"403010", "401013", "403000",
                                                             "403003", "400003", "403025"};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

void classify(ApiError& error) {
  const int flow = number_after("FLOW-", error.code);
  const int xdm = number_after("XDM-", error.code);
  error.sandbox_unknown = is_one_of(flow, std::array{2100, 2101, 2103});
  // Not all codes are documented, but all of a service have four digits and the status.
  const bool is_coded = (flow >= 1000 || xdm >= 1000) && error.code.ends_with("-404");
  error.gone_by_code =
      is_one_of(flow, std::array{1430, 1439}) || (is_coded && !error.sandbox_unknown);
  error.gone = error.gone_by_code || (error.status == 404 && !error.sandbox_unknown);
  error.rejected_credentials = error.status == 401 || is_gateway_rejection(error.code) ||
                               is_one_of(flow, std::array{2000, 2001, 2002});
  error.in_use = is_one_of(flow, std::array{1418, 1447});
  error.in_transition = is_one_of(flow, std::array{1416, 1420, 1421, 1422, 1457, 1458});
}

}  // namespace

ApiError read_api_error(const Response& response, const Redactor& redactor) {
  ApiError error;
  error.status = response.status;
  const std::optional<Json> body = parse_json(response.body);
  std::string message = response.body;
  if (body && body->is_object()) {
    error.code = printable(redactor.redact(code_in(*body)), kMessageBytesMax);
    const std::string told = message_in(*body);
    if (!told.empty()) message = told;
  }
  error.message = printable(redactor.redact(message), kMessageBytesMax);
  if (error.message.empty()) error.message = "the reply gives no reason";
  classify(error);
  return error;
}

}  // namespace sluice::http
