#pragma once

// What the tests of the kinds share: replies to give and requests to look at.

#include "core/compare.hpp"
#include "core/json.hpp"
#include "kinds/kind.hpp"

#include <string>

namespace sluice::test {

inline const std::string kFlows = "/data/foundation/flowservice/flows";
inline const std::string kSets = "/data/foundation/conversion/mappingSets";
inline const std::string kSchema =
    "https://ns.adobe.com/extconndev/schemas/"
    "945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a";

inline http::Response reply(const std::string& body) {
  return {200, {}, body};
}

/// Method, target and headers on one line; kinds leave the origin to others.
inline std::string head_of(const http::Request& request) {
  std::string text = request.method + " " + request.origin + request.target;
  for (const auto& [name, value] : request.headers)
    text += " " + name + ": " + value;
  return text;
}

inline Json body_of(const http::Request& request) {
  return Json::parse(request.body);
}

/// The names of the fields that differ after an object was made from `inputs` and read back as
/// `body`; phantom differences, when the body says the same in other words.
inline std::string differing(const kinds::Kind& kind, const std::string& body,
                             const Fields& inputs) {
  const auto observed = kind.parse(reply(body));
  if (!observed) return "not parsed";
  std::string names;
  for (const FieldDifference& difference : differences(kind.rules, observed->fields, inputs))
    names += difference.field + " ";
  return names;
}

}  // namespace sluice::test
