#include "simulation/story.hpp"

#include "laws/random_spec.hpp"
#include "support/sim_clock.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cerrno>

namespace sluice::simulation {

namespace {

using Kind = Trouble::Kind;
using test::below;
using test::one_in;

constexpr std::array<const char*, 11> kKindNames = {
    "kill", "lose_reply", "lose_request", "cut_reply", "refuse",    "late_error",
    "edit", "disk_kill",  "disk_fail",    "disk_full", "second_run"};
constexpr std::array<const char*, 5> kDamageNames = {"none", "gone", "empty", "cut", "edited"};
constexpr std::array<int, 5> kStatuses = {429, 500, 502, 503, 504};
constexpr std::array<int, 4> kErrors = {ENOSPC, EIO, EDQUOT, EROFS};

int number(Random& random, std::uint64_t limit) {
  return 1 + static_cast<int>(below(random, limit));
}

Trouble random_trouble(Random& random) {
  Trouble result;
  result.kind = static_cast<Kind>(below(random, kKindNames.size()));
  result.luck = random.next();
  switch (result.kind) {
    case Kind::refuse:
      result.at = number(random, 40);
      result.code = kStatuses[below(random, kStatuses.size())];
      break;
    case Kind::late_error:
      result.at = number(random, 12);
      result.code = kStatuses[1 + below(random, kStatuses.size() - 1)];
      break;
    case Kind::disk_kill:
    case Kind::disk_fail:
      result.at = number(random, 90);
      result.code = kErrors[below(random, kErrors.size())];
      break;
    case Kind::disk_full:
      result.at = number(random, 200'000);
      break;
    default:
      result.at = number(random, 12);
  }
  return result;
}

/// What a pipeline writes to and logs in with. The fields of the schema stay the same, since to
/// take one out would be refused.
std::string random_stores(Random& random) {
  const auto description = [&random](const char* of) {
    return fmt::format("description: {} {}", of, below(random, 3));
  };
  std::string text = "variables:\n  token: {sensitive: true}\nschemas:\n  s:\n    title: S\n    ";
  text += description("Schema") + "\n    fields:\n";
  text += "      id: {type: string, identity: {namespace: CIO, primary: true}}\n";
  text += one_in(random, 2) ? "      email: {type: string, identity: {namespace: Email}}\n"
                            : "      email: {type: string}\n";
  text += "      count: {type: integer}\ndatasets:\n  d: {name: D data, ";
  text += description("Dataset") + ", schema: \"${schemas.s}\"}\naccounts:\n  a:\n";
  text += "    connector: http-api\n    name: A\n    " + description("Account") + "\n";
  text +=
      "    auth: {spec: Streaming Connection, params: {dataType: raw, token: \"${var.token}\"}}\n  "
      "  secrets_version: 1\n";
  return text;
}

const std::string kStored =
    "  q:\n    source: {connector: http-api, account: \"${accounts.a}\"}\n"
    "    target: {dataset: \"${datasets.d}\"}\n"
    "    mapping: [{source: id, destination: _extconndev.id}]\n";

const std::vector<std::string> kSavePlan = {"plan", "--allow-data-loss", "--out", "p.plan"};

std::vector<std::string> random_arguments(Random& random) {
  switch (below(random, 18)) {
    case 0:
      return {"destroy", "--yes"};
    case 12:
      return {"destroy", "--yes", "--allow-data-loss"};
    case 1:
      return {"plan"};
    case 2:
      return {"drift"};
    case 3:
      return {"apply", "--yes", "--hold-old"};
    case 4:
      return {"apply", "--yes", "--replace", "pipelines.p0.target"};
    case 5:
      return {"apply", "--yes", "--parallelism", "1"};
    case 6:
      return {"apply", "--yes", "--refresh=false"};
    case 7:
      return {"apply", "--yes", "--target", "pipelines.p0"};
    case 8:
      return {"destroy", "--yes", "--target", "pipelines.p1"};
    case 9:
    case 10:
      return kSavePlan;
    default:
      return {"apply", "--yes"};
  }
}

Command random_command(Random& random) {
  Command result;
  result.arguments = random_arguments(random);
  result.spec = below(random, 1'000'000);
  const std::uint64_t troubles = below(random, 4);
  for (std::uint64_t i = 0; i < troubles; ++i)
    result.troubles.push_back(random_trouble(random));
  result.power_fails = one_in(random, 3);
  while (one_in(random, 4))
    result.edits.push_back(random.next());
  if (one_in(random, 8)) {
    result.damage = static_cast<Damage>(1 + below(random, kDamageNames.size() - 1));
  }
  return result;
}

}  // namespace

Story story_of(std::uint64_t seed) {
  test::SeededRandom random(seed);
  Story result;
  result.seed = seed;
  const std::uint64_t count = 1 + below(random, 4);
  for (std::uint64_t i = 0; i < count; ++i) {
    Command command = random_command(random);
    // Who saves a plan mostly applies it, whatever came between.
    const bool is_planned = i > 0 && result.commands.back().arguments == kSavePlan;
    if (is_planned && !one_in(random, 4)) {
      command.arguments = {"apply", "--yes", "p.plan"};
      command.spec = result.commands.back().spec;
    }
    result.commands.push_back(std::move(command));
  }
  // Now and then one spec is applied again and again, as people do until it works.
  if (one_in(random, 2)) {
    for (Command& command : result.commands)
      command.spec = result.commands.front().spec;
  }
  return result;
}

std::string spec_of(std::uint64_t number) {
  test::SeededRandom random(number);
  const std::string text = test::spec_text(test::random_pipelines(random));
  if (!one_in(random, 4)) return text;
  const std::size_t at = text.find("pipelines:\n");
  return text.substr(0, at) + random_stores(random) + text.substr(at) + kStored;
}

std::string text_of(const Story& story) {
  std::string text = fmt::format("seed {}\n", story.seed);
  for (const Command& command : story.commands) {
    text += fmt::format("  {} on spec {}", fmt::join(command.arguments, " "), command.spec);
    for (const std::uint64_t luck : command.edits)
      text += fmt::format(", after an edit {}", luck);
    for (const Trouble& trouble : command.troubles) {
      text +=
          fmt::format(", {} at {}", kKindNames[static_cast<std::size_t>(trouble.kind)], trouble.at);
      if (trouble.code != 0) text += fmt::format(" ({})", trouble.code);
    }
    if (command.damage != Damage::none) {
      text += fmt::format(", on a state that is {}",
                          kDamageNames[static_cast<std::size_t>(command.damage)]);
    }
    text += command.power_fails ? ", power\n" : "\n";
  }
  return text;
}

std::vector<Story> shorter(const Story& story) {
  std::vector<Story> result;
  for (std::size_t at = 0; at < story.commands.size(); ++at) {
    const auto without = [&](const auto& change) {
      result.push_back(story);
      change(result.back().commands[at]);
    };
    result.push_back(story);
    result.back().commands.erase(result.back().commands.begin() + std::ptrdiff_t(at));
    const Command& command = story.commands[at];
    for (std::size_t i = 0; i < command.troubles.size(); ++i) {
      without([i](Command& one) { one.troubles.erase(one.troubles.begin() + std::ptrdiff_t(i)); });
    }
    for (std::size_t i = 0; i < command.edits.size(); ++i) {
      without([i](Command& one) { one.edits.erase(one.edits.begin() + std::ptrdiff_t(i)); });
    }
    if (command.damage != Damage::none) {
      without([](Command& one) { one.damage = Damage::none; });
    }
    if (command.power_fails) without([](Command& one) { one.power_fails = false; });
    if (command.arguments.size() > 2) without([](Command& one) { one.arguments.resize(2); });
  }
  return result;
}

}  // namespace sluice::simulation
