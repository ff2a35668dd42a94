#include "spec/resources.hpp"

#include "spec/accounts.hpp"
#include "spec/checks.hpp"
#include "spec/datasets.hpp"
#include "spec/pipelines.hpp"
#include "spec/schemas.hpp"

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

void move_behind(std::vector<ReadPart>& parts, std::vector<ReadPart> more) {
  std::move(more.begin(), more.end(), std::back_inserter(parts));
}

}  // namespace

void read_resources(const Document& document, const InstancesOf& instances_of,
                    const PartTools& tools, Spec& spec) {
  std::vector<ReadPart> parts = read_accounts(document, spec, tools);
  std::vector<ReadPart> datasets = read_datasets(document, spec.name, tools);
  const DatasetSchemas schemas = schemas_of(datasets);
  std::vector<ReadPart> pipelines =
      read_pipelines(document, spec.name, schemas, instances_of, tools);
  // The sections in the order of their names, which is that of addresses.
  parts.reserve(parts.size() + datasets.size() + pipelines.size());
  move_behind(parts, std::move(datasets));
  move_behind(parts, std::move(pipelines));
  move_behind(parts, read_schemas(document, spec.name, tools));
  check_names(parts, tools.messages);
  check_order(parts, tools.messages);
  spec.resources.reserve(parts.size());
  for (ReadPart& part : parts)
    spec.resources.push_back(std::move(part.resource));
}

}  // namespace sluice::spec
