#include "cli/planning.hpp"

#include "cli/open_calls.hpp"
#include "cli/settling.hpp"
#include "core/fatal.hpp"
#include "core/planner.hpp"
#include "core/value.hpp"
#include "run/apply.hpp"
#include "run/namesakes.hpp"
#include "run/observe.hpp"
#include "store/journal.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sluice::cli {

namespace {

constexpr std::uint64_t kPlanBytesMax = 1U << 30U;
constexpr int kDeletesInCi = 10;

std::set<Address> known_addresses(const std::vector<Resource>& desired, const State& state) {
  std::set<Address> known;
  for (const Resource& resource : desired)
    known.insert(resource.address);
  for (const auto& [address, record] : state.records)
    known.insert(address);
  return known;
}

[[noreturn]] void refuse_address(const std::string& text, const char* flag,
                                 const std::set<Address>& known) {
  std::vector<std::string> texts;
  for (const Address& address : known)
    texts.push_back(address.text());
  const std::string guess = nearest(text, texts);
  throw Fatal(ExitCode::usage,
              std::string(flag) + " takes an address, and this is none: " + report::harmless(text),
              guess.empty()
                  ? "An address looks like pipelines.events.flow, or pipelines.events for all of "
                    "one; `sluice state list` shows some."
                  : "Did you mean " + guess + "?");
}

/// "pipelines.events" stands for all of that pipeline.
std::set<Address> addresses(const std::vector<std::string>& texts, const char* flag,
                            const std::set<Address>& known) {
  std::set<Address> result;
  for (const std::string& text : texts) {
    if (const auto address = Address::parse(text)) {
      result.insert(*address);
      continue;
    }
    const std::size_t before = result.size();
    for (const Address& address : known) {
      if (!address.part.empty() && address.text() == text + "." + address.part) {
        result.insert(address);
      }
    }
    if (result.size() == before) refuse_address(text, flag, known);
  }
  return result;
}

PlanOptions plan_options(const PlanSelection& what, const std::vector<Resource>& desired,
                         const State& state) {
  PlanOptions options;
  if (what.destroy) options.mode = PlanMode::destroy;
  if (what.refresh_only) options.mode = PlanMode::refresh_only;
  options.refreshed = what.refresh;
  options.allow_data_loss = what.allow_data_loss;
  options.allow_breaking = what.allow_breaking;
  options.hold_old = what.hold_old;
  if (what.targets.empty() && what.replace.empty()) return options;
  const std::set<Address> known = known_addresses(desired, state);
  options.targets = addresses(what.targets, "--target", known);
  options.replace = addresses(what.replace, "--replace", known);
  return options;
}

/// Where the spec says that recorded addresses went.
std::vector<Relocation> moves_of(const spec::Spec& spec, const State& state) {
  std::vector<std::pair<std::string, std::string>> moves;
  for (const spec::Move& move : spec.moved)
    moves.emplace_back(move.from, move.to);
  Diagnostics diagnostics;
  std::vector<Relocation> result = relocations(state, moves, diagnostics);
  if (diagnostics.has_errors()) throw Fatal(ExitCode::failed, diagnostics.sorted());
  return result;
}

State with_moves(State state, const std::vector<Relocation>& moves) {
  for (const Relocation& move : moves) {
    store::JournalRecord record;
    record.type = store::JournalRecord::Type::moved;
    record.address = move.from;
    record.to = move.to;
    store::fold(state, record);
  }
  return state;
}

std::set<Address> let_go_of(const spec::Spec& spec, const State& state) {
  std::set<Address> result;
  for (const spec::Removal& removal : spec.removed) {
    for (const auto& [address, record] : state.records) {
      if (names_address(removal.address, address)) result.insert(address);
    }
  }
  return result;
}

}  // namespace

Plan plan_for(Workspace& workspace, Connection* connection, const State& before, const Place& place,
              const PlanSelection& what) {
  static const std::vector<Resource> kNothing;
  const auto& loaded = workspace.spec();
  const std::vector<Resource>& desired = loaded ? loaded->spec.resources : kNothing;
  std::vector<Relocation> moves;
  if (loaded && !what.refresh_only) moves = moves_of(loaded->spec, before);
  const State moved = moves.empty() ? State() : with_moves(before, moves);
  const State& state = moves.empty() ? before : moved;
  PlanOptions options = plan_options(what, desired, state);
  if (loaded) options.let_go = let_go_of(loaded->spec, state);
  ObservedWorld observed;
  if (options.refreshed) {
    // What is only to be removed or refreshed needs no look for same-named objects.
    const bool makes = options.mode == PlanMode::normal;
    observed = run::observe(connection->remote(), makes ? desired : kNothing, state);
  }
  Diagnostics diagnostics;
  auto plan =
      make_plan(desired, state, observed, workspace.registry().catalogue(), options, diagnostics);
  if (!plan) throw Fatal(ExitCode::failed, diagnostics.sorted());
  if (options.refreshed) {
    const run::Making which = run::Making::replacements;
    for (NameClash& clash : run::find_namesakes(connection->remote(), state, *plan, which))
      plan->clashes.push_back(std::move(clash));
  }
  if (options.refreshed && options.mode == PlanMode::normal)
    plan->unready = run::unready_in(connection->remote(), desired, state, observed);
  run::mark_lost_creates(state, *plan);
  plan->id = make_uuid(workspace.world().random);
  plan->place = place;
  plan->moves = std::move(moves);
  if (plan->lineage.empty()) plan->lineage = make_uuid(workspace.world().random);
  plan->spec_name = loaded ? loaded->spec.name : state.spec_name;
  plan->environment = loaded ? loaded->spec.environment.name : state.environment;
  plan->state_path = workspace.store().path();
  if (loaded) {
    plan->ims = loaded->spec.platform.ims;
    plan->spec_hash = loaded->hash;
    for (const auto& [name, output] : loaded->spec.outputs)
      plan->outputs[name] = output.value;
  }
  return std::move(*plan);
}

State looked_up(Workspace& workspace, Connection& connection, State state) {
  if (state.pending.empty()) return state;
  say_open_calls(workspace, state);
  const run::ApplyOptions options = looking_options(workspace, connection, state.place);
  for (const std::string& line : run::recover_in_memory(state, connection.remote(), options)) {
    workspace.world().say(report::harmless(line) + "\n");
  }
  return state;
}

Plan read_plan_file(World& world, const std::string& path) {
  auto text = world.files.read(path, kPlanBytesMax);
  if (const auto* error = std::get_if<store::FileError>(&text)) {
    throw Fatal(ExitCode::usage, "Cannot read the plan: " + error->what);
  }
  const auto& content = std::get<std::optional<std::string>>(text);
  if (!content) {
    throw Fatal(ExitCode::usage, "There is no plan file " + report::harmless(path),
                "Make one with `sluice plan --out FILE`.");
  }
  Diagnostics diagnostics;
  auto plan = plan_from_text(*content, diagnostics);
  if (!plan) throw Fatal(ExitCode::usage, diagnostics.list());
  return std::move(*plan);
}

void refuse_clashes(const Plan& plan) {
  std::string text;
  std::string commands;
  for (const NameClash& clash : plan.clashes) {
    if (clash.lost_create) continue;
    text += fmt::format("{}{} ({} \"{}\": {})", text.empty() ? "" : ", ", clash.address.text(),
                        clash.kind, report::harmless(clash.name), fmt::join(clash.ids, ", "));
  }
  if (text.empty()) return;
  for (const NameClash* clash : report::importable(plan))
    commands += fmt::format("{}`{}`", commands.empty() ? "" : ", ", report::import_command(*clash));
  std::string advice;
  if (!commands.empty()) {
    advice =
        "If they are what the spec means, because the state was lost or they were made by hand, "
        "take them over: " +
        commands + ". ";
  }
  advice += advice.empty() ? "Delete them if nobody needs them" : "Else delete them";
  throw Fatal(ExitCode::conflict,
              "The platform has objects of the same names that this state does not own: " + text,
              advice +
                  ", or rename yours, or create yours beside them with "
                  "--allow-duplicate-names.");
}

std::map<std::string, std::string> secrets_for(World& world, const spec::Spec* spec,
                                               const Plan& plan) {
  std::map<std::string, std::string> secrets;
  for (const std::string& name : run::secrets_of(plan)) {
    if (spec != nullptr && spec->secrets.contains(name)) {
      secrets[name] = spec->secrets.at(name);
    } else {
      secrets[name] = world.environment.get("SLUICE_VAR_" + name);
    }
    if (secrets[name].empty()) {
      throw Fatal(ExitCode::failed,
                  "The plan sends the secret " + name + ", which is not known here",
                  "Give it as SLUICE_VAR_" + name + ". A plan file holds no secrets.");
    }
    if (secrets[name].size() < kSecretBytesMin) {
      throw Fatal(
          ExitCode::failed,
          fmt::format("The secret {} is shorter than {} bytes", name, kSecretBytesMin),
          "So short a one stands in ordinary words, and could not be taken out of messages. "
          "Nothing was changed; use a longer one.");
    }
    world.redactor.learn(http::Secret(secrets[name]));
  }
  return secrets;
}

void refuse_deletions(const Environment& environment, int ceiling, const Plan& plan) {
  const bool given = ceiling >= 0;
  if (!given && environment.get("CI") != "true") return;
  const int most = given ? ceiling : kDeletesInCi;
  const int wanted = deletions(plan);
  if (wanted <= most) return;
  throw Fatal(
      ExitCode::failed,
      fmt::format("The plan deletes {} object{}, and no more than {} may be deleted{}", wanted,
                  wanted == 1 ? "" : "s", most, given ? "" : " in CI unless --max-deletes says so"),
      fmt::format("Nothing was changed. If all of them are to go, give --max-deletes {}.", wanted));
}

}  // namespace sluice::cli
