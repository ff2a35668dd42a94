#include "core/order.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace sluice;

namespace {

using Needs = std::map<std::string, std::set<std::string>>;

/// The order with blanks between, or the loop with arrows.
std::string told(const Needs& needs) {
  std::vector<Dependent> all;
  for (const auto& [key, need] : needs)
    all.push_back({key, {need.begin(), need.end()}});
  // Where something stands must not matter.
  std::reverse(all.begin(), all.end());
  const auto result = dependency_order(all);
  std::string text;
  if (const Cycle* cycle = std::get_if<Cycle>(&result)) {
    CHECK(all[cycle->first].key == cycle->path.front());
    for (const std::string& key : cycle->path)
      text += (text.empty() ? "" : ">") + key;
    return text;
  }
  for (const std::size_t position : std::get<std::vector<std::size_t>>(result))
    text += (text.empty() ? "" : " ") + std::string(all[position].key);
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
