#pragma once

// A request taken apart, as every part of the platform reads it: decoded path and query, headers by
// lower-case names. It says nothing about whether the request is allowed.

#include "core/seams.hpp"
#include "http/message.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::emulator {

/// Whose error bodies a request gets.
enum class Service { flow_service, data_prep, schema_registry, catalog, sandboxes, other };

struct Call {
  std::string method;
  std::string path;                                        ///< As sent, without the query.
  std::vector<std::string> segments;                       ///< Of the path, decoded.
  std::vector<std::pair<std::string, std::string>> query;  ///< Decoded; `+` is a space.
  bool well_formed = true;  ///< False when an escape in path or query is none.
  std::map<std::string, std::string> headers;
  std::string body;
  Service service = Service::other;
  std::string sandbox;                ///< Once the gateway let it in.
  std::vector<std::string> captures;  ///< What the route's placeholders stand for.
  Millis now{0};                      ///< Wall time.
  std::string request_id;

  std::optional<std::string> header(const std::string& lower_case_name) const;
  /// The first of that name.
  std::optional<std::string> parameter(std::string_view name) const;
  /// The name of the first parameter that is not in `allowed`, or that is there twice and is not
  /// `repeatable`; nullopt when all is well.
  std::optional<std::string> odd_parameter(const std::vector<std::string_view>& allowed,
                                           std::string_view repeatable = {}) const;
  /// The media type of the body, without its parameters, in lower case; empty when none is named.
  std::string content_type() const;
};

Call read_call(const http::Request& request, Millis now);

/// Parts of `text` between the separators; at least one part.
std::vector<std::string> split(std::string_view text, char separator);

/// Names and values of a query or a form. Nullopt when an escape is none.
std::optional<std::vector<std::pair<std::string, std::string>>> decode_form(std::string_view text);

std::string percent_encode(std::string_view text);

/// The number that `text` is, digits only; nullopt for anything else.
std::optional<int> read_number(std::string_view text);

}  // namespace sluice::emulator
