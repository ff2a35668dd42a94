#include "http/secret.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <new>
#include <string>
#include <type_traits>

using namespace sluice::http;

static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST_CASE("secret: copies and moves like a value") {
  Secret first("hunter2");
  Secret copy = first;
  CHECK(copy.reveal() == "hunter2");
  const Secret moved = std::move(first);
  CHECK(moved.reveal() == "hunter2");
  copy = Secret("a longer value than fits into a short string");
  const Secret& same = copy;
  copy = same;
  CHECK(copy.reveal() == "a longer value than fits into a short string");
  copy = moved;
  CHECK(copy.reveal() == "hunter2");
  CHECK(Secret().empty());
}

TEST_CASE("secret: a short value is wiped when it is moved away and when it dies") {
  // A short string keeps its bytes inside itself, so they can be looked for afterwards.
  alignas(Secret) unsigned char room[sizeof(Secret)];
  const auto holds_it = [&room] {
    return std::string(reinterpret_cast<const char*>(room), sizeof(room)).find("unter2") !=
           std::string::npos;
  };
  Secret* secret = new (room) Secret("hunter2");
  CHECK(holds_it());
  const Secret elsewhere = std::move(*secret);
  CHECK(!holds_it());
  *secret = elsewhere;
  CHECK(holds_it());
  std::destroy_at(secret);
  CHECK(!holds_it());
}
