#include "cli/commands.hpp"
#include "cli/open_calls.hpp"
#include "cli/settling.hpp"
#include "cli/workspace.hpp"
#include "core/fatal.hpp"
#include "report/json.hpp"
#include "run/apply.hpp"

#include <fmt/format.h>

namespace sluice::cli {

namespace {

Address parse_address(const std::string& text) {
  const auto address = Address::parse(text);
  if (!address) {
    throw Fatal(ExitCode::usage, "This is no address: " + report::harmless(text),
                "An address looks like pipelines.events.flow; `sluice state list` shows them.");
  }
  return *address;
}

/// The record at an address, or Fatal with the nearest address that there is.
const Record& record_at(const State& state, const Address& address) {
  const auto found = state.records.find(address);
  if (found != state.records.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [other, record] : state.records)
    known.push_back(other.text());
  const std::string guess = nearest(address.text(), known);
  throw Fatal(
      ExitCode::failed, "The state has no " + address.text(),
      guess.empty() ? "`sluice state list` shows what it has." : "Did you mean " + guess + "?");
}

void list(World& world, Workspace& workspace) {
  const State state = workspace.store().read();
  say_open_calls(workspace, state);
  if (workspace.options().json) {
    world.print(report::json_text(report::state_document(state)) + "\n");
    return;
  }
  for (const auto& [address, record] : state.records)
    world.print(address.text() + "\n");
}

void show(World& world, Workspace& workspace, const Address& address) {
  const State state = workspace.store().read();
  const Record& record = record_at(state, address);
  if (workspace.options().json) {
    State one;
    one.records.emplace(address, record);
    world.print(report::json_text(report::state_document(one).at("resources").at(0)) + "\n");
    return;
  }
  world.print(report::record_text(record, workspace.style_out()));
}

/// A change of the state alone: journal first, then the state, like any other change.
void change(World& world, Workspace& workspace, const store::JournalRecord& record) {
  State state = workspace.store().load();
  workspace.warn_of_left_behind(state);
  const Record& from = record_at(state, record.address);
  if (!state.pending.empty()) {
    throw Fatal(ExitCode::failed, "An earlier run was cut off, and what it did is not known yet",
                "Run `sluice apply` first; it looks what became of its calls, and names those that "
                "people have to decide about.");
  }
  if (record.type == store::JournalRecord::Type::moved) {
    const auto there = state.records.find(record.to);
    if (there != state.records.end() && !there->second.id.empty() && !from.id.empty()) {
      throw Fatal(ExitCode::failed, "The state has a " + record.to.text() + " already");
    }
    if (record.to.section != record.address.section || record.to.part != record.address.part) {
      throw Fatal(ExitCode::failed, record.to.text() + " cannot hold a " + from.kind);
    }
  }
  workspace.store().begin(state, {}, who_runs(world));
  workspace.store().append(record);
  workspace.store().sync();
  store::fold(state, record);
  state.applied_by = who_runs(world);
  workspace.store().save(std::move(state));
}

void move(World& world, Workspace& workspace, const Address& from, const Address& to) {
  store::JournalRecord record;
  record.type = store::JournalRecord::Type::moved;
  record.address = from;
  record.to = to;
  change(world, workspace, record);
  world.outcome = "The state is saved.";
  world.print(from.text() + " is now " + to.text() + "\n");
}

void forget(World& world, Workspace& workspace, const Address& address) {
  const State state = workspace.store().read();
  const Record found = record_at(state, address);
  if (!found.deposed.empty()) {
    throw Fatal(ExitCode::failed, address.text() + " has replaced objects that are not deleted yet",
                "Run `sluice apply` first; it deletes them when nothing stands on them any more.");
  }
  store::JournalRecord record;
  record.type = store::JournalRecord::Type::removed;
  record.address = address;
  record.id = found.id;
  change(world, workspace, record);
  world.outcome = "The state is saved.";
  world.print("Forgot " + address.text() + "; " + found.kind + " " + report::harmless(found.id) +
              " stays on the platform.\n");
}

/// Brings the state back, and settles what calls are open in it then.
void recover(World& world, Workspace& workspace, const StateCommand& command) {
  store::StateStore::Recovered done = workspace.store().recover();
  const std::string& path = workspace.store().path();
  for (const std::string& file : done.aside)
    world.print("What was damaged is kept as " + file + ".\n");
  if (done.was_needed) {
    const std::size_t count = done.state.records.size();
    world.print(
        fmt::format("{} is back with {} object{}, {}.\n", path, count, count == 1 ? "" : "s",
                    done.source.empty() ? "from the journal alone" : "from " + done.source));
    for (const std::string& gap : done.gaps)
      world.print(gap + "\n");
    if (!done.gaps.empty()) {
      world.print(
          "Objects that are missing in it are not made twice: a plan names what is on the platform "
          "under their names, and `sluice import` takes it over.\n");
    }
  } else {
    world.print(path + " and its journal are in order.\n");
  }
  run::refuse_needless(done.state, command.adopt);
  if (done.state.pending.empty()) return;
  const auto connection = workspace.connect(workspace.place(done.state, {}));
  settle_open_calls(workspace, *connection, std::move(done.state), command.adopt);
}

}  // namespace

ExitCode run_state(World& world, const StateCommand& command) {
  std::vector<Address> addresses;
  for (const std::string& text : command.addresses)
    addresses.push_back(parse_address(text));
  Workspace workspace(world, command.common, SpecUse::named);
  switch (command.verb) {
    case StateCommand::Verb::list:
      list(world, workspace);
      break;
    case StateCommand::Verb::show:
      show(world, workspace, addresses.at(0));
      break;
    case StateCommand::Verb::move:
      workspace.lock("state mv");
      move(world, workspace, addresses.at(0), addresses.at(1));
      break;
    case StateCommand::Verb::remove:
      workspace.lock("state rm");
      forget(world, workspace, addresses.at(0));
      break;
    case StateCommand::Verb::recover:
      workspace.lock("state recover");
      recover(world, workspace, command);
      break;
  }
  return ExitCode::done;
}

}  // namespace sluice::cli
