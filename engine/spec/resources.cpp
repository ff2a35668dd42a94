#include "spec/resources.hpp"

#include "core/value.hpp"
#include "spec/accounts.hpp"
#include "spec/checks.hpp"
#include "spec/datasets.hpp"
#include "spec/pipelines.hpp"
#include "spec/schemas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice::spec {

namespace {

DatasetSchemas schemas_of(const std::vector<ReadPart>& datasets) {
  DatasetSchemas result;
  for (const ReadPart& part : datasets) {
    Fields& schema = result[part.resource.address.key];
    for (const char* field : {"schema.id", "schema.version"}) {
      const auto found = part.resource.fields.find(field);
      if (found != part.resource.fields.end()) schema.insert(*found);
    }
  }
  return result;
}

/// A dataset is of use to the profile only when its schema is there first.
void tie_to_profiles(std::vector<ReadPart>& datasets, const std::vector<ReadPart>& schemas,
                     Messages& messages) {
  for (ReadPart& part : datasets) {
    Fields& fields = part.resource.fields;
    const auto profile = fields.find("profile");
    const auto schema = fields.find("schema.id");
    if (profile == fields.end() || profile->second != true || schema == fields.end()) continue;
    const auto reference = as_reference(schema->second);
    if (!reference) continue;
    Address wanted = reference->address;
    wanted.part = "profile";
    const bool there =
        std::any_of(schemas.begin(), schemas.end(),
                    [&wanted](const ReadPart& other) { return other.resource.address == wanted; });
    if (there) {
      fields["schema.profile"] = reference_value({wanted, "id"});
    } else {
      messages.error(part.place,
                     fmt::format("{} has `profile: true`, and its schema has not",
                                 shown(part.resource.address.text())),
                     fmt::format("Set `profile: true` in {} too, for good, or take it out here.",
                                 shown(reference->address.text())));
    }
  }
}

bool are_too_many(const std::vector<ReadPart>& parts, Messages& messages) {
  if (parts.size() <= Limits::kObjects) return false;
  const ReadPart& first = parts[Limits::kObjects];
  messages.error(first.place,
                 fmt::format("With {}, the spec has more than {} objects",
                             shown(first.resource.address.text()), Limits::kObjects),
                 "Split it into several specs.");
  return true;
}

void move_behind(std::vector<ReadPart>& parts, std::vector<ReadPart> more) {
  std::move(more.begin(), more.end(), std::back_inserter(parts));
}

}  // namespace

void read_resources(const Document& document, const InstancesOf& instances_of,
                    const PartTools& tools, Spec& spec) {
  std::vector<ReadPart> parts = read_accounts(document, spec, tools);
  std::vector<ReadPart> datasets = read_datasets(document, spec.name, tools);
  std::vector<ReadPart> registry = read_schemas(document, spec.name, tools);
  tie_to_profiles(datasets, registry, tools.messages);
  const DatasetSchemas schemas = schemas_of(datasets);
  std::vector<ReadPart> pipelines =
      read_pipelines(document, spec.name, schemas, instances_of, tools);
  // The sections in the order of their names, which is that of addresses.
  parts.reserve(parts.size() + datasets.size() + pipelines.size());
  move_behind(parts, std::move(datasets));
  move_behind(parts, std::move(pipelines));
  move_behind(parts, std::move(registry));
  if (are_too_many(parts, tools.messages)) return;
  check_names(parts, tools.messages);
  check_order(parts, tools.messages);
  spec.resources.reserve(parts.size());
  for (ReadPart& part : parts)
    spec.resources.push_back(std::move(part.resource));
}

}  // namespace sluice::spec
