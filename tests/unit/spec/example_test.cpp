// The example that newcomers copy, held against the values of Adobe's tutorial for Customer.io.

#include "support/places.hpp"
#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace sluice;
using namespace sluice::spec;

namespace {

std::string example() {
  std::ifstream in(test::source_dir() + "/specs/customerio.yaml");
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

constexpr const char* kSchema =
    "https://ns.adobe.com/extconndev/schemas/945546112b746524bfd9f1264b26c2b7d8e7f5b7fadb953a";

Json attribute_row(const char* source) {
  return {{"type", "attribute"}, {"source", source}};
}

}  // namespace

TEST_CASE("specs/customerio.yaml: holds the tutorial's values and nothing else") {
  const Reading reading = read(example());
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  CHECK(reading.spec->name == "customerio");
  CHECK(reading.spec->platform.endpoint.empty());
  CHECK(reading.spec->platform.ims.empty());
  CHECK(reading.spec->platform.sandbox == "dev");
  CHECK(reading.spec->resources.size() == 4);
  CHECK(reading.resource("pipelines.events.source").fields ==
        Fields{{"name", "Streaming Source Connection for Customer.io"},
               {"description", "Streaming Source Connection for customer.io"},
               {"format", "json"},
               {"connection_spec.id", "cio"},
               {"connection_spec.version", "1.0"},
               {"provider_id", "provider"}});
  CHECK(reading.resource("pipelines.events.target").fields ==
        Fields{{"name", "Streaming Target Connection for Customer.io"},
               {"description", "Streaming Target Connection for Customer.io"},
               {"format", "json"},
               {"connection_spec.id", "lake"},
               {"connection_spec.version", "1.0"},
               {"schema.id", kSchema},
               {"schema.version", "1"},
               {"dataset", "63ec807d3f5ce91bd2d06c65"}});
  CHECK(reading.resource("pipelines.events.mapping").fields ==
        Fields{{"name", "Customer.io mapping"},
               {"schema.id", kSchema},
               {"schema.version", "1"},
               {"rows",
                {{"_extconndev.cio_id", attribute_row("data.identifiers.cio_id")},
                 {"_extconndev.email", attribute_row("data.identifiers.email")},
                 {"_extconndev.event_id0", attribute_row("event_id")},
                 {"_extconndev.metricx", attribute_row("metric")},
                 {"_extconndev.object_type1", attribute_row("object_type")},
                 {"_extconndev.timestampx", attribute_row("timestamp")}}}});
  CHECK(reading.resource("pipelines.events.flow").fields ==
        Fields{{"name", "Streaming Dataflow for Customer.io"},
               {"description", "Streaming Dataflow for Customer.io"},
               {"state", "enabled"},
               {"flow_spec.id", "streaming"},
               {"flow_spec.version", "1.0"},
               {"source", {{"$ref", "pipelines.events.source.id"}}},
               {"target", {{"$ref", "pipelines.events.target.id"}}},
               {"mapping.id", {{"$ref", "pipelines.events.mapping.id"}}},
               {"mapping.version", {{"$ref", "pipelines.events.mapping.version"}}}});
}

TEST_CASE("specs/customerio.yaml: gives the two addresses away only when asked") {
  const Reading reading = read(example());
  REQUIRE(reading.spec);
  CHECK(reading.spec->outputs.size() == 2);
  for (const std::string name : {"inlet_url", "webhook_url"}) {
    const Output& output = reading.spec->outputs.at(name);
    CHECK(output.sensitive);
    CHECK(output.value == Json{{"$ref", "pipelines.events.flow." + name}});
  }
}
