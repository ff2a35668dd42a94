#include "report/environment_diff.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::report;

namespace {

Catalogue flows() {
  Catalogue catalogue;
  catalogue.kinds["flow"] = {"flow", "flow", {{"name"}, {"description"}, {"state"}}, {}, {}, {}};
  return catalogue;
}

spec::Spec environment(const std::string& name) {
  spec::Spec spec;
  spec.name = "shop";
  spec.environment.name = name;
  return spec;
}

Resource flow(const std::string& address, const Fields& fields) {
  Resource resource;
  resource.address = Address::parse(address).value();
  resource.kind = "flow";
  resource.fields = fields;
  return resource;
}

spec::Spec stage() {
  spec::Spec spec = environment("stage");
  spec.variables = {{"brand", {"Acme", spec::Origin::by_default}},
                    {"same", {"s", spec::Origin::by_default}}};
  spec.platform.sandbox = "stage";
  spec.resources = {flow("pipelines.a.flow", {{"name", "A"}, {"state", "disabled"}}),
                    flow("pipelines.old.flow", {{"name", "O"}})};
  return spec;
}

spec::Spec prod() {
  spec::Spec spec = environment("prod");
  spec.variables = {{"brand", {"Acme live", spec::Origin::spec_environment}},
                    {"same", {"s", spec::Origin::by_default}}};
  spec.platform.sandbox = "prod";
  spec.platform.ims = "https://ims-na1.adobelogin.com";
  spec.environment.protect = true;
  spec.resources = {flow("pipelines.a.flow", {{"name", "A"}, {"description", "d"}})};
  return spec;
}

}  // namespace

TEST_CASE("diff_text: variables first, then settings, then resources, and a count") {
  const spec::Spec left = stage();
  const spec::Spec right = prod();
  CHECK(diff_text(compare_environments(left, right, flows()), {}) ==
        "The environments stage and prod of spec shop differ:\n"
        "\n"
        "Variables:\n"
        "\n"
        "      ~ brand: \"Acme\" -> \"Acme live\"\n"
        "\n"
        "Settings:\n"
        "\n"
        "      + ims: \"https://ims-na1.adobelogin.com\"\n"
        "      ~ sandbox: \"stage\" -> \"prod\"\n"
        "      ~ protect: false -> true\n"
        "\n"
        "Symbols: - only in stage, ~ different\n"
        "\n"
        "  ~ pipelines.a.flow  flow\n"
        "      + description: \"d\"\n"
        "      - state: \"disabled\"\n"
        "\n"
        "  - pipelines.old.flow  flow\n"
        "        name: \"O\"\n"
        "\n"
        "Diff: 1 only in stage, 0 only in prod, 1 different.\n");
}

TEST_CASE("diff_text: environments that are alike are said to be so") {
  const spec::Spec left = environment("stage");
  const spec::Spec right = environment("prod");
  const EnvironmentDiff diff = compare_environments(left, right, flows());
  CHECK_FALSE(diff.differs());
  CHECK(diff_text(diff, {}) ==
        "No differences. The environments stage and prod of spec shop are alike.\n");
}

TEST_CASE("compare_environments: the value of a sensitive variable is nowhere in the result") {
  spec::Spec left = environment("stage");
  spec::Spec right = environment("prod");
  left.variables["token"] = {"hush", spec::Origin::environment, true};
  right.variables["token"] = {"hushhush", spec::Origin::var_file, true};
  CHECK_FALSE(compare_environments(left, right, flows()).differs());
}

TEST_CASE("compare_environments: each of the settings alone is a difference") {
  const spec::Spec left = environment("stage");
  for (const std::string setting : {"endpoint", "ims", "sandbox", "protect"}) {
    spec::Spec right = environment("prod");
    if (setting == "endpoint") right.platform.endpoint = "https://platform.adobe.io";
    if (setting == "ims") right.platform.ims = "https://ims-na1.adobelogin.com";
    if (setting == "sandbox") right.platform.sandbox = "prod";
    if (setting == "protect") right.environment.protect = true;
    const EnvironmentDiff diff = compare_environments(left, right, flows());
    REQUIRE(diff.settings.size() == 1);
    CHECK(diff.settings[0].field == setting);
    CHECK(diff.differs());
  }
}

TEST_CASE("diff_document: of a resource that one side has, every field is there") {
  const spec::Spec left = stage();
  const spec::Spec right = prod();
  const Json document = diff_document(compare_environments(left, right, flows()));
  const Json changed = {{{"field", "description"}, {"left", nullptr}, {"right", "d"}},
                        {{"field", "state"}, {"left", "disabled"}, {"right", nullptr}}};
  const Json gone = Json::array({{{"field", "name"}, {"left", "O"}, {"right", nullptr}}});
  CHECK(document.at("format_version") == 1);
  CHECK(document.at("spec") == "shop");
  CHECK(document.at("left") == "stage");
  CHECK(document.at("right") == "prod");
  CHECK(document.at("differs") == true);
  CHECK(document.at("variables") ==
        Json::array({{{"name", "brand"}, {"left", "Acme"}, {"right", "Acme live"}}}));
  CHECK(document.at("settings").size() == 3);
  CHECK(
      document.at("resources") ==
      Json::array(
          {{{"address", "pipelines.a.flow"}, {"kind", "flow"}, {"in", "both"}, {"fields", changed}},
           {{"address", "pipelines.old.flow"},
            {"kind", "flow"},
            {"in", "left"},
            {"fields", gone}}}));
}
