#include "core/address.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace sluice;

TEST_CASE("Address: what is parsed is written back as it was") {
  for (const std::string text :
       {"schemas.events", "datasets.e-1", "accounts.main_2", "pipelines.events.source",
        "pipelines.events.target", "pipelines.events.mapping", "pipelines.events.flow",
        "pipelines.events[\"brand-a\"].flow", "pipelines.e[\"a.b]c\"].mapping",
        "datasets.events[\"x\"]", "schemas.events.fields", "schemas.events.profile",
        "schemas.e[\"person.email\"].identity"}) {
    const auto address = Address::parse(text);
    REQUIRE_MESSAGE(address, text);
    CHECK(address->text() == text);
  }
}

TEST_CASE("Address: the parts go where they belong") {
  const auto address = Address::parse("pipelines.events[\"brand.a\"].flow");
  REQUIRE(address);
  CHECK(address->section == "pipelines");
  CHECK(address->key == "events");
  CHECK(address->instance == "brand.a");
  CHECK(address->part == "flow");
}

TEST_CASE("Address: what is no address is refused") {
  for (const std::string text : {"",
                                 ".",
                                 "pipelines",
                                 "pipelines.",
                                 "pipelines.events",
                                 "pipelines.events.",
                                 "flow",
                                 "pipelines..flow",
                                 "pipelines.events.flow.id",
                                 "pipelines.events.sink",
                                 "pipelines.Events.flow",
                                 "pipelines.1.flow",
                                 "pipelines.-a.flow",
                                 "queues.events",
                                 "schemas.events.flow",
                                 "schemas.",
                                 "schemas.events.fields.id",
                                 "schemas.events.identity",
                                 "schemas.events[\"x\"].fields",
                                 "schemas.events[\"x\"].profile",
                                 "datasets.events.fields",
                                 "accounts.a.profile",
                                 "pipelines.events.identity",
                                 "pipelines.e[\"\"].flow",
                                 "pipelines.e[\"x\".flow",
                                 "pipelines.e[\"x\"]flow",
                                 "pipelines.e[x].flow",
                                 "pipelines.e[\"x\"]",
                                 "pipelines.e[\"x",
                                 " pipelines.e.flow",
                                 "pipelines.e.flow ",
                                 "pipelines.e.FLOW",
                                 "schemas.events[\"x\"]y"}) {
    CHECK_MESSAGE(!Address::parse(text), text);
  }
}

TEST_CASE("Address: the parts of a pipeline stand together, whatever other keys begin alike") {
  std::vector<Address> list;
  for (const std::string text : {"pipelines.a-b.flow", "pipelines.a.source", "pipelines.ab.flow",
                                 "datasets.z", "pipelines.a.flow", "pipelines.a[\"x\"].flow"}) {
    list.push_back(*Address::parse(text));
  }
  std::sort(list.begin(), list.end());
  std::string order;
  for (const Address& address : list)
    order += address.text() + "\n";
  CHECK(order ==
        "datasets.z\npipelines.a.flow\npipelines.a.source\npipelines.a[\"x\"].flow\n"
        "pipelines.a-b.flow\npipelines.ab.flow\n");
}

TEST_CASE("is_key: a small letter first, then small letters, digits, _ and -") {
  for (const std::string good : {"a", "events", "a1", "a-b_c"})
    CHECK_MESSAGE(is_key(good), good);
  for (const std::string bad : {"", "A", "1a", "_a", "-a", "a.b", "a b", "aB", "\xC3\xA9"})
    CHECK_MESSAGE(!is_key(bad), bad);
}
