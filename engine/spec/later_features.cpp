#include "spec/later_features.hpp"

#include "spec/text_rules.hpp"

#include <algorithm>
#include <array>

namespace sluice::spec {

namespace {

struct Feature {
  std::string_view what;  // The map it stands in, as its `Shape` is called.
  std::string_view key;
  std::string_view instead;
};

constexpr std::string_view kSchemaById =
    "Make the schema by hand and give it by its id: `schema: {id: ..., version: 1}`.";
constexpr std::string_view kDatasetById =
    "Make the dataset by hand and give it by its id: `dataset: 63ec...`.";
constexpr std::string_view kNoAccounts =
    "Only sources that need no account can be described, such as `connector: customer.io`.";
constexpr std::string_view kWriteOut = "Write one entry of `pipelines` for each.";

constexpr std::array kFeatures = {
    Feature{"a spec", "schemas", kSchemaById},   Feature{"a spec", "datasets", kDatasetById},
    Feature{"a spec", "accounts", kNoAccounts},  Feature{"a spec", "for_each", kWriteOut},
    Feature{"a source", "account", kNoAccounts},
};

constexpr std::array kReferences = {
    Feature{"", "schemas", kSchemaById},
    Feature{"", "datasets", kDatasetById},
    Feature{"", "accounts", kNoAccounts},
};

std::optional<std::string> find(const auto& features, std::string_view what, std::string_view key) {
  const auto found = std::find_if(features.begin(), features.end(), [&](const Feature& feature) {
    return feature.what == what && feature.key == key;
  });
  if (found == features.end()) return std::nullopt;
  return std::string(found->instead);
}

}  // namespace

std::optional<std::string> instead_of_feature(std::string_view what, std::string_view key) {
  return find(kFeatures, what, key);
}

std::optional<std::string> instead_of_reference(std::string_view root) {
  return find(kReferences, "", root);
}

std::string not_in_this_version(std::string_view feature) {
  return shown(feature) + " is not in this version of sluice";
}

}  // namespace sluice::spec
