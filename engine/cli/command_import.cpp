#include "cli/commands.hpp"
#include "cli/settling.hpp"
#include "cli/takeover.hpp"
#include "cli/workspace.hpp"
#include "report/text.hpp"
#include "run/import.hpp"
#include "run/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::cli {

namespace {

/// The resource of the spec at this address, or Fatal with the nearest one that there is.
const Resource& resource_at(const std::vector<Resource>& resources, const std::string& text) {
  const auto address = Address::parse(text);
  std::vector<std::string> known;
  std::string parts;
  for (const Resource& resource : resources) {
    if (address && resource.address == *address) return resource;
    known.push_back(resource.address.text());
    if (known.back().starts_with(text + ".")) parts += (parts.empty() ? "" : ", ") + known.back();
  }
  if (!parts.empty()) {
    throw Fatal(ExitCode::usage, report::harmless(text) + " is several objects",
                "Name one of them: " + parts + ".");
  }
  const std::string guess = nearest(text, known);
  throw Fatal(ExitCode::usage, "The spec has no " + report::harmless(text),
              guess.empty() ? "Describe the object in the spec first; an address looks like "
                              "pipelines.events.flow."
                            : "Did you mean " + guess + "?");
}

/// What this state itself owns, but for the object at `address`.
run::Owners owners_in(const State& state, const Address& address) {
  run::Owners owners;
  for (const auto& [other, record] : state.records) {
    if (other != address && !record.id.empty()) owners[record.id] = other.text();
    for (const Deposed& deposed : record.deposed)
      owners[deposed.id] = "an object that " + other.text() + " had before, not deleted yet";
  }
  return owners;
}

void record_object(World& world, Workspace& workspace, Connection& connection, State state,
                   Record record) {
  const auto before = state.records.find(record.address);
  if (before != state.records.end()) record.deposed = before->second.deposed;
  workspace.store().begin(state, {}, state.applied_by);
  run::Ledger ledger(workspace.store(), std::move(state), connection.loop(), world.random);
  ledger.record({}, std::move(record));
  ledger.commit();
  workspace.store().save(ledger.state());
}

}  // namespace

ExitCode run_import(World& world, const ImportCommand& command) {
  Workspace workspace(world, command.common, SpecUse::required);
  const LoadedSpec& loaded = *workspace.spec();
  const Resource& resource = resource_at(loaded.spec.resources, command.address);
  const std::string address = resource.address.text();
  workspace.lock("import");
  State state = workspace.store().load();
  workspace.warn_of_left_behind(state);
  const http::SessionOptions session = workspace.place(state, {});
  const auto connection = workspace.connect(session);
  state = settle_open_calls(workspace, *connection, std::move(state));
  const auto recorded = state.records.find(resource.address);
  if (recorded != state.records.end() && !recorded->second.id.empty()) {
    if (recorded->second.id == command.id) {
      world.print(address + " is " + report::harmless(command.id) + " already.\n");
      return ExitCode::done;
    }
    throw Fatal(ExitCode::failed,
                fmt::format("{} is recorded already, as {}", address,
                            report::harmless(recorded->second.id)),
                fmt::format("If it is to be another object from now on, let go of that one first: "
                            "`sluice state rm {}`.",
                            address));
  }
  refuse_owned(owners_in(state, resource.address), command.id);
  const Place place = place_of(session);
  const run::Owners beside = owners_beside(world, workspace.store().path(), place);
  refuse_owned(beside, command.id);
  Record record =
      run::import_object(connection->remote(), workspace.registry(), resource, command.id);
  // It may have been named by another of its ids.
  refuse_owned(owners_in(state, resource.address), record.id);
  refuse_owned(beside, record.id);
  const std::string noun = workspace.registry().at(record.kind).noun;
  const std::string name = report::harmless(record.name);
  prepare_state(world, place, loaded.spec.name, loaded.spec.environment.name, state);
  record_object(world, workspace, *connection, std::move(state), std::move(record));
  world.outcome = address + " is recorded.";
  world.print(
      fmt::format("{} is now {} {} (\"{}\"). Nothing was changed on the platform; `sluice "
                  "plan` shows what differs from the spec.\n",
                  address, noun, report::harmless(command.id), name));
  return ExitCode::done;
}

}  // namespace sluice::cli
