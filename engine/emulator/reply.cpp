#include "emulator/reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace sluice::emulator {

namespace {

constexpr std::string_view kProblem = "application/problem+json";

http::Response problem(int status, const Json& body) {
  http::Response response = json_reply(status, body);
  response.headers["content-type"] = kProblem;
  return response;
}

int last_three_digits(std::string_view code) {
  return read_number(code.substr(code.size() - 3)).value_or(500);
}

std::string_view title_of(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 13> kTitles = {{
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {412, "Version not matching"},
      {413, "Payload Too Large"},
      {415, "Unsupported Media Type"},
      {429, "Too Many Requests"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  }};
  for (const auto& [known, title] : kTitles) {
    if (known == status) return title;
  }
  return "Error";
}

}  // namespace

http::Response json_reply(int status, const Json& body) {
  // What a request brought may be repeated in an error, be it UTF-8 or not.
  return {status,
          {{"content-type", "application/json"}},
          body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

http::Response no_content() {
  return {204, {}, ""};
}

http::Response gateway_error(std::string_view code, std::string_view message) {
  const int status = read_number(code.substr(0, 3)).value_or(500);
  return json_reply(status, {{"error_code", code}, {"message", message}});
}

http::Response flow_error(const Call& call, std::string_view code, std::string_view detail) {
  const int status = last_three_digits(code);
  Json report = {{"detailed-message", detail}, {"request-id", call.request_id}};
  if (call.segments.size() > 4) {
    report["id"] = call.segments[4];
    report["type"] = call.segments[3];
  }
  return problem(status, {{"type", fmt::format("https://ns.adobe.com/aep/errors/{}", code)},
                          {"title", title_of(status)},
                          {"status", status},
                          {"report", report},
                          {"errorMessage", detail},
                          {"errorDetails", detail}});
}

http::Response registry_error(const Call& call, std::string_view code, std::string_view detail) {
  const int status = last_three_digits(code);
  const Json report = {{"registryRequestId", call.request_id},
                       {"timestamp", http_date(call.now)},
                       {"detailed-message", detail},
                       {"sub-errors", Json::array()}};
  return problem(status, {{"type", fmt::format("http://ns.adobe.com/aep/errors/{}", code)},
                          {"title", title_of(status)},
                          {"status", status},
                          {"report", report},
                          {"detail", detail}});
}

http::Response inlet_error(int status, std::string_view detail) {
  return problem(status,
                 {{"type", "https://ns.adobe.com/adobecloud/problem/data-collection-service/inlet"},
                  {"status", status},
                  {"title", title_of(status)},
                  {"report", {{"message", detail}}}});
}

http::Response service_error(const Call& call, int status, std::string_view detail) {
  if (call.service == Service::flow_service) {
    return flow_error(call, fmt::format("FLOW-{}", status), detail);
  }
  if (call.service == Service::schema_registry) {
    return registry_error(call, fmt::format("XDM-{}", status), detail);
  }
  return json_reply(status, {{"type", "/placeholder/type/uri"},
                             {"status", status},
                             {"title", title_of(status)},
                             {"detail", detail}});
}

http::Response not_yet(const Call& call) {
  return service_error(call, 501,
                       fmt::format("This emulator does not do {} {} yet", call.method, call.path));
}

Refusal check_parameters(const Call& call, const std::vector<std::string_view>& allowed,
                         std::string_view repeatable) {
  const auto odd = call.odd_parameter(allowed, repeatable);
  if (!odd) return std::nullopt;
  const std::string detail = fmt::format("Unknown query parameter {}", *odd);
  if (call.service == Service::flow_service) return flow_error(call, "FLOW-1451-400", detail);
  return service_error(call, 400, detail);
}

Refusal check_keys(const Call& call, const Json& value, std::string_view where,
                   const std::vector<std::string_view>& allowed) {
  if (!value.is_object()) {
    return service_error(call, 400, fmt::format("{} must be a JSON object", where));
  }
  for (const auto& [key, unused] : value.items()) {
    if (std::find(allowed.begin(), allowed.end(), key) != allowed.end()) continue;
    return service_error(call, 400, fmt::format("{} has the unknown field {}", where, key));
  }
  return std::nullopt;
}

Refusal read_json(const Call& call, Json& body) {
  if (call.content_type() != "application/json") {
    return service_error(call, 415, "The body must be sent with Content-Type: application/json");
  }
  if (call.body.empty()) {
    const std::string_view detail = "The body of the request is empty";
    if (call.service == Service::flow_service) return flow_error(call, "FLOW-1405-400", detail);
    return service_error(call, 400, detail);
  }
  body = Json::parse(call.body, nullptr, false);
  if (body.is_discarded()) return service_error(call, 400, "The body is not JSON");
  return std::nullopt;
}

std::string http_date(Millis wall) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_time<Millis> time(wall);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays.at(std::chrono::weekday(day).c_encoding()),
      static_cast<unsigned>(date.day()), kMonths.at(static_cast<unsigned>(date.month()) - 1),
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

}  // namespace sluice::emulator
