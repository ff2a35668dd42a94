#include "cli/takeover.hpp"

#include "cli/file_guard.hpp"
#include "cli/place.hpp"
#include "cli/spec_files.hpp"
#include "cli/workspace.hpp"
#include "core/fatal.hpp"
#include "store/rescue.hpp"
#include "store/state_json.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>

namespace sluice::cli {

namespace {

constexpr std::string_view kStateEnd = ".json";
constexpr const char* kJournal = ".journal";
constexpr std::string_view kJournalEnd = ".json.journal";
constexpr std::string_view kPlatformEnd = ".platform";
constexpr const char* kStateFolder = "state";

std::vector<std::string> names_in(World& world, const std::string& folder) {
  auto names = world.files.list(folder);
  if (const auto* error = std::get_if<store::FileError>(&names)) {
    throw Fatal(ExitCode::failed, "Cannot look for states: " + error->what);
  }
  return std::get<std::vector<std::string>>(std::move(names));
}

std::string in_folder(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).lexically_normal().string();
}

/// The state that the only embedded platform here belongs to, be it there or not.
std::string only_local_state(World& world) {
  std::string found;
  for (const std::string& name : names_in(world, kStateFolder)) {
    if (!name.ends_with(kPlatformEnd)) continue;
    if (!found.empty()) return {};
    found = in_folder(kStateFolder, name.substr(0, name.size() - kPlatformEnd.size()));
  }
  return found;
}

void add_owners(const State& state, const std::string& path, run::Owners& owners) {
  for (const auto& [address, record] : state.records) {
    const std::string owner = address.text() + " of " + path;
    if (!record.id.empty()) owners[record.id] = owner;
    for (const Deposed& deposed : record.deposed)
      owners[deposed.id] = owner + ", replaced and not deleted yet";
  }
}

/// Whether a file that cannot be read as a state is none: a saved plan, or what another program
/// keeps there.
bool is_no_state(World& world, const std::string& path) {
  const auto read = world.files.read(path, store::kStateSizeMax);
  const auto* text = std::get_if<std::optional<std::string>>(&read);
  if (text == nullptr) return world.files.is_folder(path);
  return *text && store::is_other_json(**text);
}

/// What is to be done about another state than the command's own: `advice` as the store gives it,
/// with the state's name in the command that would else mend the wrong one.
std::string advice_on_other(std::string advice, const std::string& path) {
  // Something may have been: a run may ask when it is half done.
  constexpr std::string_view kNothing = "Nothing was changed. ";
  if (advice.starts_with(kNothing)) advice.erase(0, kNothing.size());
  constexpr std::string_view kRecover = "`sluice state recover";
  const std::size_t at = advice.find(kRecover);
  if (at != std::string::npos) advice.insert(at + kRecover.size(), " --state " + path);
  return advice + (advice.empty() ? "" : " ") +
         "If it is no state, or nobody needs it, move it out of that folder, together with what "
         "lies beside it under its name.";
}

/// The state at `path`, which is another one than the command's own; nullopt when it is none. A
/// journal beside it tells that it is one.
std::optional<State> read_other(World& world, const std::string& path, bool has_journal) {
  try {
    return store::StateStore(world.files, world.clock, path, kTool).read();
  } catch (const Fatal& fatal) {
    if (!has_journal && is_no_state(world, path)) return std::nullopt;
    throw Fatal(fatal.code(),
                "It is not known what another state than this command's own has: " +
                    fatal.diagnostic().summary,
                advice_on_other(fatal.diagnostic().detail, path));
  }
}

/// The files of all states there but the one at `state_path`, and whether a journal lies beside
/// each. One whose first run was killed is a journal and nothing else.
std::map<std::string, bool> paths_beside(World& world, const std::string& state_path) {
  const std::string own = spelling_of(world, state_path);
  std::map<std::string, bool> paths;
  // Where --state has led somewhere else, the usual folder counts as well.
  for (const std::string& folder : {store::folder_of(state_path), std::string(kStateFolder)}) {
    for (const std::string& name : names_in(world, folder)) {
      const bool is_journal = name.ends_with(kJournalEnd);
      if (!is_journal && !name.ends_with(kStateEnd)) continue;
      const std::size_t end = is_journal ? std::string_view(kJournal).size() : 0;
      bool& has_journal = paths[in_folder(folder, name.substr(0, name.size() - end))];
      has_journal = has_journal || is_journal;
    }
  }
  // One file may be reached in several ways. What a run of this state rescued there is for people
  // to bring into it.
  std::set<std::string> seen = {own};
  std::erase_if(paths, [&](const auto& entry) {
    const std::string file = spelling_of(world, entry.first);
    return !seen.insert(file).second || store::is_rescue_of(file, own);
  });
  return paths;
}

/// Every state there but the one at `state_path`, with its path.
std::vector<std::pair<std::string, State>> states_beside(World& world,
                                                         const std::string& state_path,
                                                         const Place& place) {
  std::vector<std::pair<std::string, State>> result;
  for (const auto& [path, has_journal] : paths_beside(world, state_path)) {
    std::optional<State> state = read_other(world, path, has_journal);
    if (state && state->place == place) result.emplace_back(path, std::move(*state));
  }
  return result;
}

/// What all files of states beside this one hold, in few bytes.
std::string fingerprint(World& world, const std::string& state_path) {
  std::string all;
  for (const auto& [path, has_journal] : paths_beside(world, state_path)) {
    for (const std::string& file : {path, path + kJournal}) {
      const auto read = world.files.read(file, store::kStateSizeMax);
      const auto* text = std::get_if<std::optional<std::string>>(&read);
      all += file + (text == nullptr ? "?" : store::sha256_hex(text->value_or(""))) + "\n";
    }
  }
  return all;
}

/// What an earlier run of another state did is for a run of that one to find out. What was rescued
/// of a state has no runs.
void refuse_pending(const State& state, const std::string& path) {
  if (state.pending.empty()) return;
  throw Fatal(
      ExitCode::failed,
      "An earlier run on " + path + " was cut off, and what it did is not known yet",
      store::is_rescue(path)
          ? "It is what was rescued of a state. Put the two together, or move it away."
          : "Run `sluice apply` with its spec first; it looks what became of its calls, and "
            "names those that people have to decide about.");
}

}  // namespace

Surroundings surroundings(World& world, const CommonOptions& options, const Catalogue& catalogue) {
  Surroundings result;
  KnownPlace known;
  if (is_clear_which_spec(world, options)) {
    const LoadedSpec loaded = load_spec(world, options, catalogue);
    known.platform = loaded.spec.platform;
    result.state_path = default_state_path(world, loaded, options.local);
  } else if (options.local) {
    result.state_path = only_local_state(world);
  }
  if (!options.state.empty()) result.state_path = options.state;
  result.session = resolve_place(world, options, known);
  result.platform = std::move(known.platform);
  return result;
}

std::string state_path_for(World& world, const CommonOptions& options, const std::string& spec_name,
                           const std::string& spec_path) {
  if (!options.state.empty()) return options.state;
  LoadedSpec loaded;
  loaded.spec.name = spec_name;
  loaded.path = spec_path;
  return default_state_path(world, loaded, options.local);
}

run::Owners owners_beside(World& world, const std::string& state_path, const Place& place) {
  run::Owners owners;
  for (const auto& [path, state] : states_beside(world, state_path, place)) {
    refuse_pending(state, path);
    add_owners(state, path, owners);
  }
  return owners;
}

run::Owners owners_beside(World& world, const std::string& state_path, const Place& place,
                          std::vector<LostCreate>& lost) {
  run::Owners owners;
  for (const auto& [path, state] : states_beside(world, state_path, place)) {
    add_owners(state, path, owners);
    for (const auto& [op, intent] : state.pending) {
      if (intent.action == "create") lost.push_back({intent, path});
    }
  }
  return owners;
}

namespace {

run::Beside beside_now(World& world, const std::string& state_path, const Place& place) {
  run::Beside beside;
  std::vector<LostCreate> lost;
  beside.owners = owners_beside(world, state_path, place, lost);
  for (const LostCreate& create : lost)
    beside.creating[{create.intent.kind, create.intent.name}] = create.state_path;
  return beside;
}

}  // namespace

run::AskBeside ask_beside(World& world, std::string state_path, Place place) {
  // To read the files is fast and to parse them is not, and thousands of answers may be lost.
  struct Known {
    std::string fingerprint;
    std::variant<run::Beside, run::Trouble> answer;
  };
  return [&world, state_path = std::move(state_path), place = std::move(place),
          known = std::make_shared<std::optional<Known>>()] {
    try {
      const std::string now = fingerprint(world, state_path);
      if (!*known || (*known)->fingerprint != now) {
        *known = Known{now, beside_now(world, state_path, place)};
      }
    } catch (const Fatal& fatal) {
      return std::variant<run::Beside, run::Trouble>(
          run::Trouble{fatal.diagnostic().summary, fatal.diagnostic().detail, false, false});
    }
    return (*known)->answer;
  };
}

void refuse_owned(const run::Owners& owners, const std::string& id) {
  const auto owner = owners.find(id);
  if (owner == owners.end()) return;
  throw Fatal(ExitCode::failed, report::harmless(id) + " is " + owner->second + " already",
              "An object has one owner. `sluice state mv` gives it another address, and `sluice "
              "state rm` lets go of it.");
}

void prepare_state(const World& world, const Place& place, const std::string& spec_name,
                   const std::string& environment, State& state) {
  if (state.lineage.empty()) state.lineage = make_uuid(world.random);
  state.place = place;
  state.spec_name = spec_name;
  state.environment = environment;
  state.applied_by = who_runs(world);
}

}  // namespace sluice::cli
