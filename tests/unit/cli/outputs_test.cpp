// Outputs whose values a platform makes up.

#include "cli/outputs.hpp"

#include "support/engine.hpp"
#include "support/memory_files.hpp"
#include "support/places.hpp"
#include "support/read_text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("outputs: an inlet that a terminal or a log would obey is suspect") {
  SimClock clock;
  SeededRandom random{5};
  emulator::Platform platform(clock, random);
  emulator::EmulatorTransport transport(platform, clock);
  MemoryFiles files;
  Engine engine(transport, clock, random, files);
  const std::string text = read_text(source_dir() + "/specs/customerio.yaml");
  REQUIRE(engine.apply(read_resources(text)).complete());
  const kinds::Registry registry;
  Diagnostics diagnostics;
  const auto spec = spec::read_spec({{"a.yaml", text}}, {}, registry.catalogue(), diagnostics);
  REQUIRE(spec);
  const auto suspect = [&] {
    const State state = engine.store().read();
    const cli::OutputValues values = cli::read_outputs(engine.remote(), state, spec->outputs);
    return values.at("webhook_url").suspect;
  };
  CHECK(suspect().empty());
  const std::string flow = platform.ids("dev", "flows").back();
  for (const char* inlet :
       {"https://e.x/\x1b]0;owned\x07", "https://e.x/\n::set-output name=a::b", "https://e.x/a b",
        "https://e.x/##vso[task.setvariable]y", "https://e.x/\u202e", "::set-output"}) {
    REQUIRE(platform.edit("flows", flow, "options", {{"inletUrl", inlet}}));
    CHECK_MESSAGE(suspect() == "pipelines.events.flow.webhook_url", inlet);
  }
}
