#include "cli/option_flags.hpp"

#include "cli/durations.hpp"

#include <optional>

namespace sluice::cli {

namespace {

double checked_seconds(const std::string& text) {
  const std::optional<double> seconds = seconds_from(text);
  if (!seconds) throw CLI::ValidationError("`" + text + "` is not " + kTimeExamples);
  return *seconds;
}

void add_choices(const std::vector<std::string>& choices, std::map<Address, std::string>& into) {
  for (const std::string& text : choices) {
    const std::size_t equals = text.rfind('=');
    const auto address =
        equals == std::string::npos ? std::nullopt : Address::parse(text.substr(0, equals));
    if (!address || equals + 1 == text.size()) {
      throw CLI::ValidationError("`--adopt " + text +
                                 "` is not ADDR=ID, as in pipelines.events.source=8ac2f1");
    }
    const std::string id = text.substr(equals + 1);
    if (!into.emplace(*address, id).second) {
      throw CLI::ValidationError("--adopt names " + address->text() + " twice");
    }
  }
}

}  // namespace

CLI::Validator between(int least, int most) {
  CLI::Validator result = CLI::Range(least, most);
  return result.description("");
}

void add_seconds(CLI::App& app, const std::string& flag, double& into, const std::string& help) {
  app.add_option_function<std::string>(
         flag, [&into](const std::string& text) { into = checked_seconds(text); }, help)
      ->type_name("TIME");
}

void add_lock_timeout(CLI::App& app, CommonOptions& options) {
  add_seconds(app, "--lock-timeout", options.lock_timeout_seconds,
              "How long to wait for a locked state (default: 0s)");
}

void add_spec(CLI::App& app, CommonOptions& options) {
  app.add_option("--spec", options.spec, "Spec file or folder (default: the only *.yaml in specs/)")
      ->type_name("PATH");
  app.add_option("--var-file", options.var_files, "YAML file of variables' values (repeatable)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--var", options.variables, "Value of a variable of the spec")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_flag("--no-color", options.no_color, "No colours (or NO_COLOR)");
}

void add_place(CLI::App& app, CommonOptions& options) {
  add_spec(app, options);
  app.add_option("--state", options.state, "State file (default: state/<name>.json)")
      ->type_name("PATH");
  app.add_option("--sandbox", options.sandbox, "AEP sandbox (or AEP_SANDBOX)")->type_name("NAME");
  app.add_option("--env", options.environment, "Environment of the spec, with a state of its own")
      ->type_name("NAME");
  app.add_flag("--local", options.local,
               "Use the embedded platform, in this process, and a state of its own");
}

void add_network(CLI::App& app, CommonOptions& options) {
  app.add_option("--endpoint", options.endpoint, "The platform's URL (or AEP_ENDPOINT)")
      ->type_name("URL");
  app.add_option("--ims", options.ims, "The token service's URL (or AEP_IMS)")->type_name("URL");
  app.add_option("--ca-file", options.ca_file, "PEM file of trusted authorities (or SSL_CERT_FILE)")
      ->type_name("FILE");
  app.add_option("--trace", options.trace, "Write each HTTP exchange to a file, secrets taken out")
      ->type_name("FILE");
  app.add_option("--parallelism", options.parallelism,
                 "Calls in flight at once (default: 10, and up to 64 while the platform bears it)")
      ->type_name("N")
      ->check(between(1, 64));
  app.add_option("--timeout", options.timeout_seconds, "How long one call may take (default: 60)")
      ->type_name("SECONDS")
      ->check(between(1, 3600));
}

void add_json(CLI::App& app, CommonOptions& options) {
  app.add_flag("--json", options.json, "JSON on standard output");
}

void add_data_loss(CLI::App& app, PlanSelection& what) {
  app.add_flag("--allow-data-loss", what.allow_data_loss,
               "Delete datasets too, and the data with them");
}

void add_selection(CLI::App& app, PlanSelection& what) {
  app.add_flag("--refresh", what.refresh, "--refresh=false believes the state and reads nothing");
  app.add_flag("--refresh-only", what.refresh_only,
               "Only bring the state up to what the platform says");
  app.add_option("--target", what.targets, "Only this address and what it needs (repeatable)")
      ->type_name("ADDR")
      ->allow_extra_args(false);
  app.add_option("--replace", what.replace, "Make this address anew (repeatable)")
      ->type_name("ADDR")
      ->allow_extra_args(false);
  app.add_flag("--allow-breaking", what.allow_breaking,
               "Replace a schema whose change breaks what is built on it");
  app.add_flag(
      "--hold-old", what.hold_old,
      "Keep what is replaced until an apply without this, so that nothing is lost meanwhile");
  add_data_loss(app, what);
}

namespace {

void add_settle(CLI::App& app, CommonOptions& options) {
  add_seconds(app, "--settle", options.settle_seconds,
              "How long to look for what became of an earlier run's calls whose answers were lost "
              "(default: 45s, or SLUICE_SETTLE)");
}

}  // namespace

void add_writing(CLI::App& app, CommonOptions& options) {
  add_network(app, options);
  add_lock_timeout(app, options);
  add_settle(app, options);
}

void add_settling(CLI::App& app, CommonOptions& options, std::map<Address, std::string>& adopt) {
  add_settle(app, options);
  app.add_option_function<std::vector<std::string>>(
         "--adopt",
         [&adopt](const std::vector<std::string>& choices) { add_choices(choices, adopt); },
         "The object that a create made whose answer was lost (repeatable)")
      ->type_name("ADDR=ID")
      ->allow_extra_args(false);
}

void add_apply(CLI::App& app, ApplyCommand& command) {
  app.add_flag("-y,--yes", command.yes, "Do not ask");
  app.add_option("--max-deletes", command.max_deletes,
                 "Refuse a plan that deletes more objects (default: 10 when CI=true)")
      ->type_name("N")
      ->check(between(0, 1'000'000));
  app.add_flag("-q,--quiet", command.common.quiet, "No progress, only the result");
  add_lock_timeout(app, command.common);
  add_settling(app, command.common, command.adopt);
}

}  // namespace sluice::cli
