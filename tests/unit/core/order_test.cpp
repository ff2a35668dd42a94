#include "core/order.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {

using Needs = std::map<std::string, std::set<std::string>>;

/// The order with blanks between, or the loop with arrows.
std::string told(const Needs& needs) {
  const auto result = dependency_order(needs);
  const Cycle* cycle = std::get_if<Cycle>(&result);
  const auto& list = cycle != nullptr ? cycle->path : std::get<std::vector<std::string>>(result);
  std::string text;
  for (const std::string& key : list)
    text += (text.empty() ? "" : cycle != nullptr ? ">" : " ") + key;
  return text;
}

}  // namespace

TEST_CASE("dependency_order: what is needed comes first, and ties are broken by key") {
  CHECK(told({}).empty());
  CHECK(told({{"c", {}}, {"a", {}}, {"b", {}}}) == "a b c");
  CHECK(told({{"a", {"z"}}, {"b", {}}, {"z", {}}}) == "b z a");
  CHECK(told({{"a", {"b", "c"}}, {"b", {"d"}}, {"c", {"d"}}, {"d", {}}}) == "d b c a");
}

TEST_CASE("dependency_order: a key whose turn has come does not wait for later letters") {
  // b is free as soon as a is done, before z is looked at.
  CHECK(told({{"a", {}}, {"b", {"a"}}, {"z", {}}}) == "a b z");
}

TEST_CASE("dependency_order: a need that is no key is ignored") {
  CHECK(told({{"a", {"elsewhere"}}, {"b", {"a", "nowhere"}}}) == "a b");
}

TEST_CASE("dependency_order: a loop is told in full, without what only leads to it") {
  CHECK(told({{"a", {"a"}}}) == "a>a");
  CHECK(told({{"a", {"b"}}, {"b", {"a"}}}) == "a>b>a");
  CHECK(told({{"a", {"b"}}, {"b", {"c"}}, {"c", {"d"}}, {"d", {"b"}}, {"free", {}}}) == "b>c>d>b");
}
