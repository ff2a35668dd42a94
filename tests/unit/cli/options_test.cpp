#include "cli/options.hpp"

#include "core/fatal.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace sluice;
using namespace sluice::cli;

namespace {

/// What is said about a command line that is refused; empty when it is taken.
std::string refusal(const std::vector<std::string>& arguments) {
  try {
    (void)parse_command_line(arguments);
    return {};
  } catch (const Fatal& fatal) {
    CHECK(fatal.code() == ExitCode::usage);
    return fatal.diagnostic().summary;
  }
}

template <class T>
T parsed(const std::vector<std::string>& arguments) {
  return std::get<T>(parse_command_line(arguments));
}

}  // namespace

TEST_CASE("options: a plan takes its flags in any order") {
  const auto command =
      parsed<PlanCommand>({"plan", "--target", "pipelines.a.flow", "specs/x.yaml",
                           "--refresh=false", "--var", "a=b", "--var", "c=d", "--out", "p"});
  CHECK(command.common.spec == "specs/x.yaml");
  CHECK(command.common.variables == std::vector<std::string>{"a=b", "c=d"});
  CHECK(command.what.targets == std::vector<std::string>{"pipelines.a.flow"});
  CHECK_FALSE(command.what.refresh);
  CHECK(command.out == "p");
  CHECK(parsed<PlanCommand>({"plan"}).what.refresh);
}

TEST_CASE("options: apply tells a spec from a saved plan by its name") {
  CHECK(parsed<ApplyCommand>({"apply", "a.yaml"}).common.spec == "a.yaml");
  CHECK(parsed<ApplyCommand>({"apply", "specs/"}).common.spec == "specs/");
  CHECK(parsed<ApplyCommand>({"apply", "saved.plan"}).plan_file == "saved.plan");
  CHECK(parsed<ApplyCommand>({"destroy", "a.yaml"}).what.destroy);
}

TEST_CASE("options: times have units") {
  const auto seconds = [](const std::string& text) {
    return parsed<ApplyCommand>({"apply", "--lock-timeout", text}).common.lock_timeout_seconds;
  };
  CHECK(seconds("0s") == 0);
  CHECK(seconds("90") == 90);
  CHECK(seconds("2m") == 120);
  CHECK(seconds("500ms") == 0.5);
  CHECK(refusal({"apply", "--lock-timeout", "soon"}).find("soon") != std::string::npos);
  CHECK(refusal({"apply", "--settle", "-1"}).find("-1") != std::string::npos);
}

TEST_CASE("options: runs shows ten of each flow, and what excludes each other is refused") {
  const auto plain = parsed<RunsCommand>({"runs"});
  CHECK(plain.limit == 10);
  CHECK(plain.pipeline.empty());
  const auto command = parsed<RunsCommand>(
      {"runs", "events", "--watch", "--interval", "2", "--limit", "3", "--spec", "x.yaml"});
  CHECK(command.pipeline == "events");
  CHECK(command.watch);
  CHECK(command.interval_seconds == 2);
  CHECK(command.limit == 3);
  CHECK(command.common.spec == "x.yaml");
  CHECK(parsed<RunsCommand>({"runs", "--fail-on-errors"}).fail_on_errors);
  CHECK(parsed<StatusCommand>({"status", "x.yaml"}).common.spec == "x.yaml");
  CHECK_FALSE(refusal({"runs", "--watch", "--fail-on-errors"}).empty());
  CHECK(refusal({"runs", "--interval", "2"}).find("--watch") != std::string::npos);
  CHECK_FALSE(refusal({"runs", "--limit", "0"}).empty());
}

TEST_CASE("options: what is not there is refused by name, and a slip gets a guess") {
  CHECK(refusal({"doctor"}) == "`sluice doctor` is not in this version of sluice");
  CHECK(refusal({"state", "pull"}) == "`sluice state pull` is not in this version of sluice");
  CHECK(refusal({"plan", "--format=html"}) == "`--format` is not in this version of sluice");
  CHECK(refusal({"aply"}) == "There is no command `aply`; did you mean `apply`?");
  CHECK(refusal({"state", "recovr", "--local"}) ==
        "There is no command `state recovr`; did you mean `state recover`?");
  CHECK(refusal({"state", "nonsense"}) == "There is no command `state nonsense`");
  CHECK(refusal({"plan", "--nonsense"}) == "`sluice plan` has no flag --nonsense");
  CHECK(refusal({"plan", "--refesh=false"}) ==
        "`sluice plan` has no flag --refesh; did you mean --refresh?");
  CHECK(refusal({"state", "list", "--jsno"}) ==
        "`sluice state list` has no flag --jsno; did you mean --json?");
  CHECK(refusal({"destroy", "--allow-duplicate-names"}) ==
        "`sluice destroy` has no flag --allow-duplicate-names");
  CHECK(refusal({"--nonsense"}) == "`sluice` has no flag --nonsense");
  CHECK(refusal({"apply", "p.plan", "--target", "x"}) == "A saved plan is applied as it is");
  CHECK_FALSE(refusal({"plan", "--destroy", "--refresh-only"}).empty());
  CHECK_FALSE(refusal({"state", "mv", "one"}).empty());
}

TEST_CASE("options: help is a result, also of one command") {
  const std::string overview = parsed<Help>({}).text;
  CHECK(overview.find("apply") != std::string::npos);
  CHECK(parsed<Help>({"help"}).text == overview);
  CHECK(parsed<Help>({"help", "plan"}).text.find("Usage: sluice plan") != std::string::npos);
  CHECK(parsed<Help>({"help", "plan"}).text.find("--detailed-exitcode") != std::string::npos);
  CHECK(parsed<Help>({"plan", "--help"}).text == parsed<Help>({"help", "plan"}).text);
  CHECK(parsed<Help>({"state", "list", "--help"}).text.find("Usage: sluice state list") !=
        std::string::npos);
  CHECK(parsed<Help>({"help", "apply"}).text.find("--parallelism N ") != std::string::npos);
  CHECK(std::holds_alternative<VersionCommand>(parse_command_line({"--version"})));
}

TEST_CASE("options: help fits a terminal of 80 columns, and loses nothing to that") {
  const std::vector<std::string> commands = {
      "help", "validate", "vars",     "plan", "apply", "destroy", "diff",     "drift", "status",
      "runs", "adopt",    "discover", "show", "state", "import",  "emulator", "output"};
  for (const std::string& command : commands) {
    std::istringstream help(parsed<Help>({command, "--help"}).text);
    for (std::string line; std::getline(help, line);)
      CHECK_MESSAGE(line.size() <= 80, command, ": ", line);
  }
  std::istringstream help(parsed<Help>({"help", "apply"}).text);
  std::string words;
  for (std::string word; help >> word;)
    words += word + " ";
  CHECK(words.find(" --hold-old Keep what is replaced until an apply without this, so that nothing "
                   "is lost meanwhile --") != std::string::npos);
}

TEST_CASE("options: what excludes each other is refused") {
  CHECK(refusal({"plan", "--destroy", "--refresh-only"}) ==
        "--destroy and --refresh-only exclude each other");
  CHECK(refusal({"plan", "--refresh=false", "--refresh-only"}) == "--refresh-only has to refresh");
  CHECK(refusal({"plan", "--refresh-only", "--replace", "pipelines.a.flow"}) ==
        "--refresh-only replaces nothing");
  CHECK(refusal({"apply", "saved.plan", "--target", "pipelines.a.flow"}) ==
        "A saved plan is applied as it is");
}

TEST_CASE("options: a diff is of two environments, no more and no fewer") {
  const auto command = parsed<DiffCommand>({"diff", "--env", "stage", "s.yaml", "--env", "prod"});
  CHECK(command.left == "stage");
  CHECK(command.right == "prod");
  CHECK(command.common.spec == "s.yaml");
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"diff"},
                                             {"diff", "--env", "a"},
                                             {"diff", "--env", "a", "--env", "a"},
                                             {"diff", "--env", "a", "--env", "b", "--env", "c"}}) {
    CHECK(refusal(arguments) == "`sluice diff` compares two environments");
  }
}
