// What became of addresses that a spec had.

#include "unit/spec/spec_fixture.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::spec;

namespace {

constexpr const char* kForm =
    "An address is `pipelines.KEY.PART`, `pipelines.KEY[\"INSTANCE\"].PART` or `SECTION.KEY`; that "
    "of a pipeline may leave the part out.\n";

std::string move_errors(const std::string& rest) {
  return read(spec_text({.rest = rest + "\n"})).text();
}

}  // namespace

TEST_CASE("moved and removed: are kept as addresses with their places") {
  const Reading reading =
      read(spec_text({.rest = "    for_each: [a, b]\n"
                              "moved:\n"
                              "  - {from: pipelines.old, to: 'pipelines.p[\"a\"]'}\n"
                              "  - {from: pipelines.other.flow, to: 'pipelines.p[\"b\"].flow'}\n"
                              "  - {from: pipelines.p.mapping, to: 'pipelines.p[\"b\"].mapping'}\n"
                              "removed:\n"
                              "  - {address: 'pipelines.p[\"c\"]', destroy: false}\n"}));
  CHECK(reading.text().empty());
  REQUIRE(reading.spec);
  const std::vector<Move>& moved = reading.spec->moved;
  REQUIRE(moved.size() == 3);
  CHECK(moved[0].from == "pipelines.old");
  CHECK(moved[0].to == "pipelines.p[\"a\"]");
  CHECK(moved[0].where == SourcePos{"a.yaml", 11, 5});
  CHECK(moved[1].to == "pipelines.p[\"b\"].flow");
  REQUIRE(reading.spec->removed.size() == 1);
  CHECK(reading.spec->removed[0].address == "pipelines.p[\"c\"]");
  CHECK_FALSE(reading.spec->removed[0].destroy);
}

TEST_CASE("moved: is held against the spec") {
  CHECK(move_errors("moved: [{from: pipelines.p, to: pipelines.p}]") ==
        "9:16 `pipelines.p` is still in the spec | Only an address that the spec has no longer may "
        "stand here.\n");
  CHECK(move_errors("moved: [{from: pipelines.a.flow, to: pipelines.p.flw}]") ==
        "9:38 `pipelines.p.flw` is not an address | " + std::string(kForm));
  CHECK(move_errors("moved: [{from: pipelines.a, to: pipelines.q}]") ==
        "9:33 `pipelines.q` is not in the spec | Did you mean `pipelines.p`? Expected one of "
        "`pipelines.p`, `pipelines.p.flow`, `pipelines.p.mapping`, `pipelines.p.source`, "
        "`pipelines.p.target`.\n");
  CHECK(move_errors("moved: [{from: pipelines.a.source, to: pipelines.p.flow}]") ==
        "9:40 `pipelines.a.source` cannot become `pipelines.p.flow` | A resource keeps its section "
        "and its part when it moves.\n");
  CHECK(move_errors("moved: [{from: pipelines.a, to: pipelines.p}, {from: pipelines.a, to: "
                    "pipelines.p}]") ==
        "9:54 `pipelines.a` is moved or removed twice | It is first at a.yaml:9:16.\n");
  CHECK(move_errors("moved: [{from: pipelines.a, to: pipelines.p}, {from: pipelines.b, to: "
                    "pipelines.p}]") ==
        "9:71 `pipelines.p` is moved or removed twice | It is first at a.yaml:9:33.\n");
  CHECK(move_errors("moved: [x, {from: pipelines.a}]") ==
        "9:9 This is not a move | Write `{from: ADDRESS, to: ADDRESS}`.\n"
        "9:12 `to` is missing here | " +
            std::string(kForm));
  CHECK(move_errors("moved: {from: a}") ==
        "9:8 `moved` must be a list of maps and is a map | Write one `- ` line for each.\n");
}

TEST_CASE("removed: lets go of what the spec has no longer, and destroys nothing") {
  CHECK(move_errors("removed: [{address: pipelines.a, destroy: true}]") ==
        "9:43 `destroy` is `true` | What is taken out of a spec is destroyed anyway; leave the "
        "entry out.\n");
  CHECK(move_errors("removed: [{address: pipelines.a}]") ==
        "9:11 A removal has no `destroy` | Write `{address: ADDRESS, destroy: false}`.\n");
  CHECK(move_errors("removed: [{address: pipelines.p.flow, destroy: false}]") ==
        "9:21 `pipelines.p.flow` is still in the spec | Only an address that the spec has no "
        "longer may stand here.\n");
  CHECK(move_errors("removed: [{adress: x, destroy: false}]") ==
        "9:11 `address` is missing here | " + std::string(kForm) +
            "9:12 `adress` is not a key of a removal | Did you mean `address`? Expected one of "
            "`address`, `destroy`.\n");
}

TEST_CASE("moved: what could not be read is not said to be missing") {
  CHECK(read(kHead + "pipelines: {p: {}}\nmoved: [{from: pipelines.a, to: pipelines.p}]\n")
            .text()
            .find("not in the spec") == std::string::npos);
}
