// Addresses that a spec has no longer: moved, let go, or perhaps renamed.

#include "core/moves.hpp"
#include "support/builders.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string ways(const State& state,
                 const std::vector<std::pair<std::string, std::string>>& moves) {
  Diagnostics diagnostics;
  std::string text;
  for (const Relocation& move : relocations(state, moves, diagnostics))
    text += move.from.text() + " -> " + move.to.text() + "\n";
  for (const Diagnostic& message : diagnostics.list())
    text += message.summary + "\n";
  return text;
}

}  // namespace

TEST_CASE("relocations: a whole pipeline, a part of it, or nothing that is left to move") {
  const State state = applied_pipeline().state;
  CHECK(ways(state, {{"pipelines.a", "pipelines.b"}}) ==
        "pipelines.a.flow -> pipelines.b.flow\n"
        "pipelines.a.mapping -> pipelines.b.mapping\n"
        "pipelines.a.source -> pipelines.b.source\n"
        "pipelines.a.target -> pipelines.b.target\n");
  CHECK(ways(state, {{"pipelines.a.flow", "pipelines.b[\"x\"].flow"}}) ==
        "pipelines.a.flow -> pipelines.b[\"x\"].flow\n");
  CHECK(ways(state, {{"pipelines.c", "pipelines.d"}}).empty());
}

TEST_CASE("relocations: all that belongs to a schema") {
  State state;
  for (const char* text : {"schemas.s", "schemas.s.fields", "schemas.s[\"a.b\"].identity",
                           "schemas.t", "datasets.s"}) {
    state.records[addr(text)].address = addr(text);
  }
  CHECK(ways(state, {{"schemas.s", "schemas.u"}, {"datasets.s", "datasets.u"}}) ==
        "schemas.s -> schemas.u\n"
        "schemas.s.fields -> schemas.u.fields\n"
        "schemas.s[\"a.b\"].identity -> schemas.u[\"a.b\"].identity\n"
        "datasets.s -> datasets.u\n");
}

TEST_CASE("relocations: nothing is moved onto another object") {
  const State state = applied_pair().state;
  CHECK(ways(state, {{"pipelines.a.flow", "pipelines.b.flow"}}) ==
        "The state has both pipelines.a.flow and pipelines.b.flow, so the one cannot become the "
        "other\n");
}

TEST_CASE("relocations: an address of which only replaced objects are left is free") {
  State state = applied_pair().state;
  state.records.at(addr("pipelines.b.flow")).id.clear();
  CHECK(ways(state, {{"pipelines.a.flow", "pipelines.b.flow"}}) ==
        "pipelines.a.flow -> pipelines.b.flow\n");
  CHECK(ways(state, {{"pipelines.b.flow", "pipelines.a.flow"}}) ==
        "pipelines.b.flow -> pipelines.a.flow\n");
}

TEST_CASE("make_plan: what is let go is forgotten and not deleted") {
  World world = applied_pair();
  world.drop("b");
  world.options.let_go = {addr("pipelines.b.flow"), addr("pipelines.b.mapping"),
                          addr("pipelines.b.source"), addr("pipelines.b.target")};
  CHECK(story(world.plan()) ==
        "forget pipelines.b.mapping: let_go\n"
        "forget pipelines.b.source: let_go\n"
        "forget pipelines.b.target: let_go\n"
        "forget pipelines.b.flow: let_go\n");
}

TEST_CASE("make_plan: a pipeline under a new key may be the old one, and is proposed once") {
  World world = applied_pipeline();
  world.desired = pipeline("b");
  for (Resource& resource : world.desired) {
    if (resource.kind == "flow") resource.fields["name"] = "a flow";
  }
  const Plan plan = world.plan();
  REQUIRE(plan.renames.size() == 1);
  CHECK(whole_of(plan.renames[0].from) == "pipelines.a");
  CHECK(whole_of(plan.renames[0].to) == "pipelines.b");
  world.want("pipelines.b.target").fields["dataset"] = "other";
  CHECK(world.plan().renames.empty());
}

TEST_CASE("make_plan: held back, what is replaced stays for the next plan to delete") {
  World world = applied_pipeline();
  world.want(kTarget).fields["dataset"] = "dataset-2";
  world.options.hold_old = true;
  const Plan plan = world.plan();
  CHECK(deletions(plan) == 0);
  CHECK(count(plan).replace == 3);
  CHECK(step_of(plan, kFlow).note.find("The old one stays until an apply without --hold-old.") !=
        std::string::npos);
}
