#include "core/adoption.hpp"

#include <doctest/doctest.h>

using namespace sluice;

TEST_CASE("key_from: a name becomes small letters, digits and single hyphens") {
  CHECK(key_from("Streaming Dataflow for Customer.io", "flow") ==
        "streaming-dataflow-for-customer-io");
  CHECK(key_from("  -- A__b  (c) --", "flow") == "a-b-c");
  CHECK(key_from("events", "flow") == "events");
}

TEST_CASE("key_from: what has no letter in front gets one, and what has nothing at all a word") {
  CHECK(key_from("2024 events", "flow") == "flow-2024-events");
  CHECK(key_from("", "flow") == "flow");
  CHECK(key_from("...", "flow") == "flow");
  // Letters of other alphabets are no letters of a key, and leave no half characters behind.
  CHECK(key_from("\xC3\x89v\xC3\xA9nements", "flow") == "v-nements");
  CHECK(key_from("\xE6\xB5\x81", "sandbox") == "sandbox");
}

TEST_CASE("key_from: a long name is cut, and not behind a hyphen") {
  CHECK(key_from(std::string(100, 'a'), "flow") == std::string(40, 'a'));
  CHECK(key_from(std::string(39, 'a') + " b", "flow") == std::string(39, 'a'));
}

TEST_CASE("unique_keys: later ones of a kind are numbered, and the numbers avoid other names") {
  const std::vector<std::string> names = {"a", "A", "a!", "a 2", "b"};
  const std::vector<std::string> expected = {"a", "a-2", "a-3", "a-2-2", "b"};
  CHECK(unique_keys(names) == expected);
  for (const std::string& key : unique_keys({"", "9", "\n", std::string(80, 'x')}))
    CHECK(is_key(key));
}
