// Datasets and schemas as text, and back through the reader.

#include "spec/store_writer.hpp"

#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

constexpr const char* kStores = R"(schemas:
  events:
    title: "Events: all"
    description: "a\nb ${x}"
    class: "https://ns.adobe.com/xdm/context/experienceevent"
    field_groups:
      - "https://g"
    profile: true
    fields:
      email: {type: string, title: "yes", identity: {namespace: Email, primary: true}}
      lines:
        type: array
        items:
          type: object
          properties:
            sku: {type: string, enum: ["1", b]}
            when: {type: string, format: date-time}
      person:
        type: object
        title: Who
        properties:
          age: {type: integer, minimum: 0, maximum: 1.5}

datasets:
  events:
    name: "${var.x}"
    schema: ${schemas.events}
    profile: true
  other:
    name: Other
    schema: {id: "https://s", version: 1}
    error_diagnostics: false

)";

}  // namespace

TEST_CASE("stores_text: what it wrote is read as the same resources, and written the same") {
  // The dollar signs of texts are doubled in the language.
  std::string text = kStores;
  for (const char* word : {"${x}", "${var.x}"})
    text.insert(text.find(word), "$");
  const Reading first = read_full(kHead + text);
  REQUIRE(first.text().empty());
  CHECK(first.resource("datasets.events").fields.at("name") == "${var.x}");
  const std::string written = stores_text(first.spec->resources);
  CHECK(written == text);
  const Reading second = read_full(kHead + written);
  REQUIRE(second.text().empty());
  REQUIRE(second.spec->resources.size() == first.spec->resources.size());
  for (std::size_t at = 0; at < first.spec->resources.size(); ++at) {
    CHECK(second.spec->resources[at].address == first.spec->resources[at].address);
    CHECK(second.spec->resources[at].fields == first.spec->resources[at].fields);
  }
  CHECK(stores_text({}).empty());
}

TEST_CASE("can_be_written: fields of the language's types, with what belongs below them") {
  const Json text = {{"type", "string"}};
  const Json list = {{"type", "array"}};
  const Json object = {{"type", "object"}};
  CHECK(can_be_written({{"a", text}}));
  CHECK(can_be_written({{"a", list}, {"a[]", text}}));
  CHECK(can_be_written({{"a", object}, {"a.b", text}}));
  CHECK_FALSE(can_be_written(Json::object()));
  CHECK_FALSE(can_be_written({{"a", Json::object()}}));
  CHECK_FALSE(can_be_written({{"a", {{"type", "map"}}}}));
  CHECK_FALSE(can_be_written({{"a", list}}));
  CHECK_FALSE(can_be_written({{"a", object}, {"ab", text}}));
  CHECK_FALSE(can_be_written({{"a", {{"type", "string"}, {"title", 5}}}}));
}
