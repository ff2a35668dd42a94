#include "simulation/play.hpp"

#include "cli/program.hpp"
#include "core/fatal.hpp"
#include "store/state_json.hpp"
#include "support/secret_search.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <regex>
#include <set>
#include <sstream>

namespace sluice::simulation {

namespace {

constexpr const char* kSecret = "emulator-secret";
constexpr int kDied = -1;

std::map<std::string, std::string> environment() {
  return {{"AEP_ENDPOINT", "https://embedded.invalid"},
          {"AEP_IMS", "https://embedded.invalid"},
          {"AEP_CLIENT_ID", "emulator"},
          {"AEP_CLIENT_SECRET", kSecret},
          {"AEP_ORG_ID", "EMULATOR@AdobeOrg"},
          {"SLUICE_SETTLE", "5"},
          {"SLUICE_VAR_token", kToken}};
}

/// What `--adopt` can be given for: an address and the first object that may be its, each.
std::vector<std::string> choices_of(const std::string& output) {
  const std::regex lost(
      "The answer to the create of ([^ ]+) was lost, and [^\n]* may be it: ([^ ,;\n]+)");
  std::vector<std::string> result;
  for (std::sregex_iterator at(output.begin(), output.end(), lost), end; at != end; ++at)
    result.push_back(at->str(1) + "=" + at->str(2));
  return result;
}

class Play {
 public:
  Play(const Story& story, Twin twin) : story_(story), site_(story.seed, twin) {
    site_.second_run = [this](std::uint64_t luck) { run_beside(luck); };
  }

  Ending run() {
    for (const Command& command : story_.commands) {
      for (const std::uint64_t luck : command.edits)
        site_.meddle(luck);
      if (command.damage != Damage::none && site_.harm(command.damage)) bring_back(command.spec);
      run_command(command);
      if (!problem_.empty()) return ending();
    }
    check_end();
    return ending();
  }

 private:
  Ending ending() { return {std::move(problem_), std::move(site_.trace)}; }

  void find_secret(const std::string& text, const std::string& where) {
    for (const test::SecretSearch* search : {&secret_, &token_}) {
      const std::string form = search->found_in(text);
      if (!form.empty()) fail(fmt::format("a secret is in {}: {}", where, form));
    }
  }

  /// In all that is on the disk: states and their backups, journals, locks, saved plans, traces.
  void search_files() {
    std::map<std::string, std::string> content = site_.files.content();
    for (const auto& [path, text] : content) {
      const auto known = searched_.find(path);
      if (known == searched_.end() || known->second != text) find_secret(text, path);
    }
    searched_ = std::move(content);
  }

  void fail(const std::string& what) {
    if (problem_.empty()) problem_ = what;
  }

  /// The exit code, or kDied.
  int run_command(const Command& command) {
    site_.begin(command);
    site_.files.put(kSpecPath, spec_of(command.spec));
    site_.note("$ " + fmt::format("{}", fmt::join(command.arguments, " ")));
    const int code = run_process(command);
    site_.end(command, code == kDied);
    site_.note(fmt::format("[{}] {}", code, output_));
    search_files();
    check_edits();
    return code;
  }

  /// The exit code, or kDied. What it printed is in `output_`.
  int run_process(const Command& command, bool is_beside = false) {
    std::istringstream in;
    std::ostringstream out;
    int code = kDied;
    try {
      cli::World world{site_.clock, site_.random, site_.files, in, out, out};
      world.environment = cli::Environment(environment());
      world.user = "ana";
      world.host = "build-7";
      world.pid = 4711;
      world.network = [&](const http::CurlOptions&) {
        return std::make_unique<Network>(site_, command, is_beside);
      };
      code = static_cast<int>(cli::run_program(world, command.arguments));
    } catch (const test::ProcessDied&) {
    }
    output_ = out.str();
    find_secret(output_, "the output");
    if (output_.find("This should not happen") != std::string::npos) fail("a broken promise");
    return code;
  }

  /// Another process, while the present one holds the lock: it may look, and may not touch.
  void run_beside(std::uint64_t luck) {
    Command other;
    other.arguments = luck % 2 == 0 ? std::vector<std::string>{"plan", "--allow-data-loss"}
                                    : std::vector<std::string>{"apply", "--yes"};
    const int wanted = luck % 2 == 0 ? 0 : static_cast<int>(ExitCode::locked);
    const auto faults = site_.files.faults;
    site_.files.faults = {};
    const int code = run_process(other, true);
    site_.files.faults = faults;
    site_.note(fmt::format("beside it, {} [{}] {}", other.arguments[0], code, output_));
    if (code != wanted)
      fail(fmt::format("beside it, {} ended with {}: {}", other.arguments[0], code, output_));
  }

  /// As people do it: where only they can tell which object a lost create made, they choose the one
  /// that is named, and go on.
  int run_choosing(const Command& command) {
    std::set<std::string> chosen;
    int code = run_command(command);
    while (code == static_cast<int>(ExitCode::conflict)) {
      Command choosing = command;
      for (const std::string& choice : choices_of(output_)) {
        if (!chosen.insert(choice).second) fail("asked twice for " + choice);
        choosing.arguments.insert(choosing.arguments.end(), {"--adopt", choice});
      }
      if (choosing.arguments == command.arguments || !problem_.empty()) break;
      const int recorded = run_command(choosing);
      if (recorded != 0) fail(fmt::format("no choice was taken: {}: {}", recorded, output_));
      code = run_command(command);
    }
    return code;
  }

  /// A harmed state is refused, and then brought back whole.
  void bring_back(std::uint64_t spec) {
    Command command;
    command.spec = spec;
    command.arguments = {"plan"};
    const int refused = run_command(command);
    if (refused != static_cast<int>(ExitCode::state_damaged)) {
      fail(fmt::format("a harmed state was taken, with {}: {}", refused, output_));
    }
    command.arguments = {"state", "recover"};
    const int recovered = run_choosing(command);
    if (recovered != 0) fail(fmt::format("it was not brought back: {}: {}", recovered, output_));
  }

  /// What somebody did while the command ran is still there, unless the object is gone.
  void check_edits() {
    for (const Edit& edit : site_.edits) {
      const Json object = site_.platform.object(edit.collection, edit.id);
      if (object.is_null()) {
        fail(fmt::format("{} {} was deleted under an edit", edit.collection, edit.id));
      } else if (object.value("name", std::string()) != edit.name) {
        fail(fmt::format("an edit of {} {} was overwritten", edit.collection, edit.id));
      }
    }
  }

  void check_end() {
    Command last;
    last.arguments = {"apply", "--yes", "--allow-data-loss", "--trace", "trace.jsonl"};
    last.spec = story_.commands.empty() ? story_.seed : story_.commands.back().spec;
    const int applied = run_choosing(last);
    if (applied != 0) fail(fmt::format("the last apply ended with {}: {}", applied, output_));
    last.arguments = {"plan", "--detailed-exitcode"};
    const int planned = run_command(last);
    if (planned != 0) fail(fmt::format("a plan after it ended with {}: {}", planned, output_));
    check_state();
    check_others();
  }

  /// The state and the platform hold the same objects.
  void check_state() {
    const std::string* text = site_.files.bytes(kStatePath);
    if (text == nullptr) return fail("there is no state");
    std::string problem;
    const auto state = store::state_from_text(*text, problem);
    if (!state) return fail("the state cannot be read: " + problem);
    if (!state->pending.empty()) fail("an intent is still open");
    std::set<std::string> recorded;
    for (const auto& [address, record] : state->records) {
      recorded.insert(record.id);
      if (!record.deposed.empty()) fail(address.text() + " still has a replaced object");
    }
    std::set<std::string> there;
    for (const std::string& collection : collections()) {
      for (const std::string& id : site_.platform.ids("dev", collection)) {
        if (site_.others.contains({collection, id})) continue;
        // What the schema registry holds has two ids.
        there.insert(site_.platform.object(collection, id).value("$id", id));
      }
    }
    for (const std::string& id : there) {
      if (!recorded.contains(id)) fail("an orphan: " + id);
    }
    for (const std::string& id : recorded) {
      if (!there.contains(id)) fail("recorded, and not there: " + id);
    }
  }

  void check_others() {
    for (const auto& [at, object] : site_.others) {
      if (site_.platform.object(at.first, at.second) != object) {
        fail("somebody else's object was touched: " + at.second);
      }
    }
  }

  const Story& story_;
  Site site_;
  const test::SecretSearch secret_{kSecret};
  const test::SecretSearch token_{kToken};
  std::map<std::string, std::string> searched_;  // What was on the disk after the last command.
  std::string problem_;
  std::string output_;
};

}  // namespace

Ending play(const Story& story, Twin twin) {
  return Play(story, twin).run();
}

Story shrunk(Story story, Twin twin) {
  bool is_shorter = true;
  while (is_shorter) {
    is_shorter = false;
    for (const Story& candidate : shorter(story)) {
      if (play(candidate, twin).problem.empty()) continue;
      story = candidate;
      is_shorter = true;
      break;
    }
  }
  return story;
}

}  // namespace sluice::simulation
