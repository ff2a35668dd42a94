#include "cli/options.hpp"

#include "cli/help_format.hpp"
#include "cli/option_flags.hpp"
#include "core/address.hpp"
#include "core/diagnostics.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

namespace sluice::cli {

namespace {

// Named in full, so that somebody who read of them elsewhere learns that they did not mistype.
constexpr std::array<std::string_view, 6> kLaterCommands = {"init",   "fmt",   "explain",
                                                            "doctor", "graph", "completion"};
constexpr std::array<std::string_view, 1> kLaterFlags = {"--format"};
constexpr std::size_t kSpecNameMax = 63;
constexpr std::array<std::string_view, 2> kLaterStateVerbs = {"pull", "push"};

bool holds(const auto& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

[[noreturn]] void refuse_later(const std::string& what) {
  throw Fatal(ExitCode::usage, "`" + what + "` is not in this version of sluice",
              "`sluice help` lists what is.");
}

/// Features that are described but not built are refused by name, before anything else is read.
void refuse_what_is_not_there(const std::vector<std::string>& words) {
  if (!words.empty() && holds(kLaterCommands, words[0])) refuse_later("sluice " + words[0]);
  if (words.size() > 1 && words[0] == "state" && holds(kLaterStateVerbs, words[1])) {
    refuse_later("sluice state " + words[1]);
  }
  for (const std::string& word : words) {
    if (word == "--") break;
    const std::string flag = word.substr(0, word.find('='));
    if (holds(kLaterFlags, flag)) refuse_later(flag);
  }
}

bool is_spec_path(const std::string& path) {
  return path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with('/') || path == "." ||
         path == ".." || path == "specs";
}

/// Everything that the parser fills in, and which command was named.
class Parser {
 public:
  /// To put all options together takes as long as a small command does its work, so that is left
  /// to those who name no command, or a wrong one.
  explicit Parser(const std::string& named)
      : app_("Sluice: pipelines into Adobe Experience Platform, from specs in git.", "sluice") {
    app_.require_subcommand(0, 1);
    app_.set_help_flag("-h,--help", "Show help");
    app_.formatter(std::make_shared<HelpFormat>());
    const auto has_named = [&named](const Group& group) {
      return !named.empty() && holds(group.names, named);
    };
    const bool is_known = std::any_of(kGroups.begin(), kGroups.end(), has_named);
    for (const Group& group : kGroups) {
      if (!is_known || has_named(group)) (this->*group.add)();
    }
  }

  Command parse(const std::vector<std::string>& arguments) {
    try {
      // CLI11 takes them off the end.
      app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
      return Help{help_of(app_)};
    } catch (const CLI::ParseError& error) {
      throw Fatal(ExitCode::usage, usage_message(error), usage_detail());
    }
    for (auto& [subcommand, make] : commands_) {
      if (subcommand->parsed()) return make();
    }
    return Help{overview()};
  }

 private:
  using Make = std::function<Command()>;

  /// Commands that are added together. `help` is in no list: it has to know all of them.
  struct Group {
    std::array<std::string_view, 4> names;
    void (Parser::*add)();
  };
  static const std::array<Group, 11> kGroups;

  CLI::App* add(const std::string& name, const std::string& help, Make make) {
    CLI::App* app = app_.add_subcommand(name, help);
    app->set_help_flag("-h,--help", "Show help");
    commands_.emplace_back(app, std::move(make));
    return app;
  }

  void add_spec_position(CLI::App& app, CommonOptions& options) {
    app.add_option("SPEC", options.spec, "Spec file or folder")->type_name("");
  }

  void add_validate() {
    CLI::App* app = add("validate", "Check a spec, offline", [this] { return validate_; });
    add_spec_position(*app, validate_.common);
    add_place(*app, validate_.common);
    add_json(*app, validate_.common);
  }

  void add_vars() {
    CLI::App* app = add("vars", "Show the value of each variable and where it comes from",
                        [this] { return vars_; });
    add_spec_position(*app, vars_.common);
    add_place(*app, vars_.common);
    add_json(*app, vars_.common);
  }

  void add_plan() {
    CLI::App* app = add("plan", "Show what apply would change", [this] { return checked_plan(); });
    add_spec_position(*app, plan_.common);
    add_place(*app, plan_.common);
    add_network(*app, plan_.common);
    add_json(*app, plan_.common);
    add_selection(*app, plan_.what);
    app->add_flag("--destroy", plan_.what.destroy, "Plan the removal of everything in the state");
    app->add_option("--out", plan_.out, "Save the plan for `apply`")->type_name("FILE");
    app->add_flag("--detailed-exitcode", plan_.detailed_exitcode,
                  "Exit with 2 when there are changes");
  }

  void add_applies() {
    CLI::App* app = add("apply", "Make the platform match the spec, or carry out a saved plan",
                        [this] { return checked_apply(); });
    app->add_option("PLANFILE|SPEC", apply_position_, "A saved plan, or a spec file or folder")
        ->type_name("");
    add_place(*app, apply_.common);
    add_network(*app, apply_.common);
    add_json(*app, apply_.common);
    add_selection(*app, apply_.what);
    add_apply(*app, apply_);
    app->add_flag("--allow-duplicate-names", apply_.allow_duplicate_names,
                  "Create even where objects that nobody here owns bear the same name");
    app = add("destroy", "Remove everything that the state holds", [this] {
      destroy_.what.destroy = true;
      return destroy_;
    });
    add_spec_position(*app, destroy_.common);
    add_place(*app, destroy_.common);
    add_network(*app, destroy_.common);
    add_json(*app, destroy_.common);
    app->add_option("--target", destroy_.what.targets, "Only this address and what needs it")
        ->type_name("ADDR")
        ->allow_extra_args(false);
    add_data_loss(*app, destroy_.what);
    add_apply(*app, destroy_);
  }

  void add_diff() {
    CLI::App* app = add("diff", "Show how two environments of a spec differ",
                        [this] { return checked_diff(); });
    add_spec_position(*app, diff_.common);
    app->add_option("--env", compared_, "One of the two environments (twice)")
        ->type_name("NAME")
        ->allow_extra_args(false);
    add_spec(*app, diff_.common);
    add_json(*app, diff_.common);
    app->add_flag("--detailed-exitcode", diff_.detailed_exitcode, "Exit with 2 when they differ");
  }

  void add_drift() {
    CLI::App* app =
        add("drift", "Show what changed outside of the spec; exits with 2 when anything did",
            [this] { return drift_; });
    add_spec_position(*app, drift_.common);
    add_place(*app, drift_.common);
    add_network(*app, drift_.common);
    add_json(*app, drift_.common);
  }

  void add_monitoring() {
    CLI::App* app = add("status", "Show in one line how each pipeline is: flow, last run, drift",
                        [this] { return status_; });
    add_spec_position(*app, status_.common);
    add_place(*app, status_.common);
    add_network(*app, status_.common);
    add_json(*app, status_.common);
    app = add("runs", "Show what the flows carried, and what failed",
              [this] { return checked_runs(); });
    app->add_option("PIPELINE", runs_.pipeline, "One pipeline, such as `events`")->type_name("");
    add_place(*app, runs_.common);
    add_network(*app, runs_.common);
    add_json(*app, runs_.common);
    app->add_option("--limit", runs_.limit, "Runs of a flow, the newest ones (default: 10)")
        ->type_name("N")
        ->check(between(1, 1000));
    app->add_flag("--fail-on-errors", runs_.fail_on_errors,
                  "Exit with 1 when a run that is shown failed or has failed records");
    CLI::Option* watch =
        app->add_flag("--watch", runs_.watch, "Read again and again until interrupted");
    app->add_option("--interval", runs_.interval_seconds,
                    "Seconds between two readings (default: 5)")
        ->type_name("SECONDS")
        ->check(between(1, 3600))
        ->needs(watch);
  }

  void add_takeover() {
    CLI::App* app = add("adopt", "Take over flows that exist, into a new spec and its state",
                        [this] { return checked_adopt(); });
    app->add_option("FLOW_ID", adopt_.flows, "Ids of flows")->type_name("");
    app->add_flag("--all", adopt_.all, "All flows of the sandbox that nobody here manages");
    app->add_option("--name", adopt_.name, "Name of the new spec")->type_name("NAME");
    app->add_option("--out", adopt_.out, "File of the new spec (default: specs/<name>.yaml)")
        ->type_name("FILE");
    app->add_flag("--with-dataset", adopt_.with_dataset,
                  "Manage their datasets, too, and not only name them by id");
    app->add_flag("--with-schema", adopt_.with_schema, "Manage their datasets and schemas, too");
    app->add_flag("-y,--yes", adopt_.yes, "Do not ask");
    add_place(*app, adopt_.common);
    add_writing(*app, adopt_.common);
    app = add("import", "Give an address of the spec an object that exists",
              [this] { return import_; });
    app->add_option("ADDR", import_.address, "An address of the spec")->type_name("")->required();
    app->add_option("ID", import_.id, "The object's id")->type_name("")->required();
    add_place(*app, import_.common);
    add_writing(*app, import_.common);
    app = add("discover", "Show what the sandbox has that nobody here manages",
              [this] { return discover_; });
    add_place(*app, discover_.common);
    add_network(*app, discover_.common);
    add_json(*app, discover_.common);
  }

  AdoptCommand checked_adopt() const {
    if (adopt_.flows.empty() != adopt_.all) {
      throw Fatal(ExitCode::usage, "`adopt` takes the ids of flows, or --all",
                  "`sluice discover` shows the flows that nobody here manages.");
    }
    const bool fits =
        adopt_.name.empty() || (is_key(adopt_.name) && adopt_.name.find('_') == std::string::npos &&
                                adopt_.name.size() <= kSpecNameMax);
    if (!fits) {
      throw Fatal(ExitCode::usage, "This cannot be the name of a spec: " + adopt_.name,
                  "It names the state file: a small letter, then small letters, digits and `-`, at "
                  "most 63 in all.");
    }
    return adopt_;
  }

  void add_show() {
    CLI::App* app = add("show", "Show a saved plan, or the state", [this] { return show_; });
    app->add_option("PLANFILE", show_.plan_file, "A saved plan")->type_name("");
    add_place(*app, show_.common);
    add_json(*app, show_.common);
  }

  void add_state() {
    CLI::App* app = app_.add_subcommand("state", "The state, by address");
    app->set_help_flag("-h,--help", "Show help");
    app->require_subcommand(1);
    add_state_verb(*app, "list", "List the addresses", StateCommand::Verb::list, 0);
    add_state_verb(*app, "show", "Show one object", StateCommand::Verb::show, 1);
    add_state_verb(*app, "mv", "Give an object another address", StateCommand::Verb::move, 2);
    add_state_verb(*app, "rm", "Forget an object; it stays on the platform",
                   StateCommand::Verb::remove, 1);
    CLI::App* recover = add_state_verb(
        *app, "recover", "Bring a lost or damaged state back from its backups and journal",
        StateCommand::Verb::recover, 0);
    add_network(*recover, state_.common);
    add_settling(*recover, state_.common, state_.adopt);
  }

  CLI::App* add_state_verb(CLI::App& parent, const std::string& name, const std::string& help,
                           StateCommand::Verb verb, int addresses) {
    CLI::App* app = parent.add_subcommand(name, help);
    app->set_help_flag("-h,--help", "Show help");
    commands_.emplace_back(app, [this, verb] {
      state_.verb = verb;
      return state_;
    });
    if (addresses > 0) {
      app->add_option(addresses == 1 ? "ADDR" : "FROM TO", state_.addresses)
          ->type_name("")
          ->required()
          ->expected(addresses);
    }
    add_place(*app, state_.common);
    if (verb == StateCommand::Verb::list || verb == StateCommand::Verb::show) {
      add_json(*app, state_.common);
    } else {
      add_lock_timeout(*app, state_.common);
    }
    return app;
  }

  void add_small() {
    CLI::App* app = add("output", "Show the outputs; a named one alone, ready for $(...)",
                        [this] { return output_; });
    app->add_option("NAME", output_.name, "One output")->type_name("");
    add_place(*app, output_.common);
    add_network(*app, output_.common);
    add_json(*app, output_.common);
    app = add("unlock", "Remove the lock of a run that is gone", [this] { return unlock_; });
    app->add_option("ID", unlock_.id, "The lock's id, as the message shows it")
        ->type_name("")
        ->required();
    add_place(*app, unlock_.common);
    app = add("emulator", "Serve the embedded platform on a loopback port",
              [this] { return emulator_; });
    app->add_option("--port", emulator_.port, "Port, 0 for any free one (default: 8080)")
        ->type_name("N")
        ->check(between(0, 65535));
    app->add_option("--latency", emulator_.latency_ms, "Milliseconds that each answer takes")
        ->type_name("MS")
        ->check(between(0, 60'000));
    app->add_flag("-q,--quiet", emulator_.quiet, "Do not log requests");
    add("version", "Show the version", [] { return VersionCommand{}; });
    app = add("help", "Show help of a command", [this] { return Help{help_for(help_of_)}; });
    app->add_option("COMMAND", help_of_)->type_name("");
  }

  Command checked_plan() {
    check_selection(plan_.what);
    return plan_;
  }

  Command checked_diff() {
    if (compared_.size() != 2 || compared_[0] == compared_[1]) {
      throw Fatal(ExitCode::usage, "`sluice diff` compares two environments",
                  "Name both, as in `sluice diff --env stage --env prod`.");
    }
    diff_.left = compared_[0];
    diff_.right = compared_[1];
    return diff_;
  }

  Command checked_apply() {
    if (is_spec_path(apply_position_)) {
      apply_.common.spec = apply_position_;
    } else {
      apply_.plan_file = apply_position_;
    }
    check_selection(apply_.what);
    const PlanSelection& what = apply_.what;
    const bool selects = !what.refresh || what.refresh_only || !what.targets.empty() ||
                         !what.replace.empty() || what.allow_data_loss || what.allow_breaking ||
                         what.hold_old || !apply_.adopt.empty();
    if (!apply_.plan_file.empty() && selects) {
      throw Fatal(
          ExitCode::usage, "A saved plan is applied as it is",
          "Give --target, --replace, --refresh, --refresh-only, --allow-data-loss, "
          "--allow-breaking and --hold-old to `plan`, and --adopt to an apply of the spec.");
    }
    return apply_;
  }

  Command checked_runs() {
    if (runs_.watch && runs_.fail_on_errors) {
      throw Fatal(ExitCode::usage, "--watch goes on whatever it sees, so it fails on no errors",
                  "Leave one of --watch and --fail-on-errors out.");
    }
    return runs_;
  }

  static void check_selection(const PlanSelection& what) {
    if (what.destroy && what.refresh_only) {
      throw Fatal(ExitCode::usage, "--destroy and --refresh-only exclude each other");
    }
    if (!what.refresh && what.refresh_only) {
      throw Fatal(ExitCode::usage, "--refresh-only has to refresh");
    }
    if (what.refresh_only && !what.replace.empty()) {
      throw Fatal(ExitCode::usage, "--refresh-only replaces nothing");
    }
  }

  /// The help of the innermost command that was named.
  static std::string help_of(const CLI::App& app, const std::string& before = {}) {
    const std::vector<CLI::App*> named = app.get_subcommands();
    if (named.empty()) return app.help(before);
    return help_of(*named.front(), before.empty() ? app.get_name() : before + " " + app.get_name());
  }

  /// All commands. CLI11's own `help()` shows the named command's, which here may be `help`.
  std::string overview() const {
    return app_.get_formatter()->make_help(&app_, app_.get_name(), CLI::AppFormatMode::Normal);
  }

  std::string help_for(const std::string& name) const {
    if (name.empty()) return overview();
    for (const CLI::App* app : app_.get_subcommands({})) {
      if (app->get_name() == name) return app->help(app_.get_name());
    }
    throw Fatal(ExitCode::usage, unknown_command(app_, name), "`sluice help` lists the commands.");
  }

  static std::string unknown_command(const CLI::App& app, const std::string& name) {
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({}))
      known.push_back(command->get_name());
    const std::string guess = nearest(name, known);
    const std::string of = app.get_parent() == nullptr ? "" : app.get_name() + " ";
    return "There is no command `" + of + name + "`" +
           (guess.empty() ? "" : "; did you mean `" + of + guess + "`?");
  }

  /// What was given to a command and is none of its flags; empty when there is no such word.
  static std::string unknown_flag(const CLI::App& app, const std::string& before = {}) {
    for (const CLI::App* named : app.get_subcommands()) {
      std::string below = unknown_flag(*named, before + app.get_name() + " ");
      if (!below.empty()) return below;
    }
    for (const std::string& word : app.remaining()) {
      if (!word.starts_with("--")) continue;
      std::vector<std::string> known;
      for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames())
          known.push_back("--" + name);
      }
      const std::string flag = word.substr(0, word.find('='));
      const std::string guess = nearest(flag, known);
      return "`" + before + app.get_name() + "` has no flag " + report::harmless(flag) +
             (guess.empty() ? "" : "; did you mean " + guess + "?");
    }
    return {};
  }

  std::string usage_detail() const {
    const std::vector<CLI::App*> named = app_.get_subcommands();
    if (named.empty()) return "`sluice help` lists the commands.";
    return "`sluice help " + named.front()->get_name() + "` shows how to call it.";
  }

  std::string usage_message(const CLI::ParseError& error) const {
    const CLI::App* at = &app_;
    while (!at->get_subcommands().empty())
      at = at->get_subcommands().front();
    const std::vector<std::string> rest = at->remaining();
    if (!at->get_subcommands({}).empty() && !rest.empty() && !rest.front().starts_with("-"))
      return unknown_command(*at, rest.front());
    if (std::string flag = unknown_flag(app_); !flag.empty()) return flag;
    std::string text = error.what();
    while (!text.empty() && (text.back() == '.' || text.back() == '\n'))
      text.pop_back();
    return text;
  }

  CLI::App app_;
  std::vector<std::pair<CLI::App*, Make>> commands_;
  ValidateCommand validate_;
  VarsCommand vars_;
  PlanCommand plan_;
  ApplyCommand apply_;
  ApplyCommand destroy_;
  std::string apply_position_;
  DiffCommand diff_;
  std::vector<std::string> compared_;
  DriftCommand drift_;
  RunsCommand runs_;
  StatusCommand status_;
  AdoptCommand adopt_;
  ImportCommand import_;
  DiscoverCommand discover_;
  ShowCommand show_;
  StateCommand state_;
  OutputCommand output_;
  UnlockCommand unlock_;
  EmulatorCommand emulator_;
  std::string help_of_;
};

const std::array<Parser::Group, 11> Parser::kGroups = {{
    {{"validate"}, &Parser::add_validate},
    {{"vars"}, &Parser::add_vars},
    {{"plan"}, &Parser::add_plan},
    {{"apply", "destroy"}, &Parser::add_applies},
    {{"diff"}, &Parser::add_diff},
    {{"drift"}, &Parser::add_drift},
    {{"status", "runs"}, &Parser::add_monitoring},
    {{"adopt", "import", "discover"}, &Parser::add_takeover},
    {{"show"}, &Parser::add_show},
    {{"state"}, &Parser::add_state},
    {{"output", "unlock", "emulator", "version"}, &Parser::add_small},
}};

}  // namespace

Command parse_command_line(const std::vector<std::string>& arguments) {
  refuse_what_is_not_there(arguments);
  // `sluice --version` is what everybody tries first.
  if (arguments == std::vector<std::string>{"--version"}) return VersionCommand{};
  return Parser(arguments.empty() ? "" : arguments[0]).parse(arguments);
}

}  // namespace sluice::cli
