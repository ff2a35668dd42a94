#include "cli/commands.hpp"
#include "cli/outputs.hpp"
#include "cli/planning.hpp"
#include "core/diagnostics.hpp"
#include "report/json.hpp"

namespace sluice::cli {

namespace {

using SpecOutputs = std::map<std::string, spec::Output>;

SpecOutputs only(const SpecOutputs& outputs, const std::string& name) {
  const auto found = outputs.find(name);
  if (found != outputs.end()) return {*found};
  std::vector<std::string> known;
  for (const auto& [other, output] : outputs)
    known.push_back(other);
  const std::string guess = nearest(name, known);
  throw Fatal(
      ExitCode::usage, "The spec has no output `" + report::harmless(name) + "`",
      guess.empty() ? "`sluice output` shows what it has." : "Did you mean `" + guess + "`?");
}

Json document(const OutputValues& values) {
  Json outputs = Json::object();
  for (const auto& [name, output] : values) {
    outputs[name] = {{"sensitive", output.sensitive},
                     {"value", output.value ? *output.value : Json(nullptr)}};
  }
  return {{"format_version", 1}, {"outputs", std::move(outputs)}};
}

}  // namespace

ExitCode run_output(World& world, const OutputCommand& command) {
  Workspace workspace(world, command.common, SpecUse::required);
  SpecOutputs outputs = workspace.spec()->spec.outputs;
  if (!command.name.empty()) outputs = only(outputs, command.name);
  const State state = workspace.store().read();
  const auto connection = workspace.connect(workspace.place(state, {}));
  const OutputValues values = read_outputs(connection->remote(), state, outputs);
  for (const auto& [name, output] : values) {
    if (output.sensitive && output.value) world.redactor.learn(http::Secret(bare(*output.value)));
  }
  for (const auto& [name, output] : values) {
    if (output.suspect.empty()) continue;
    throw Fatal(ExitCode::failed,
                "The output `" + name + "` is not shown: the platform's value of " +
                    output.suspect + " holds a blank, a control character or a command to a log",
                "No address of the platform has any. Is this endpoint Adobe Experience Platform?");
  }
  // None of this passes the redactor, which would take an inlet URL for a secret: what the spec
  // calls sensitive is shown only when asked for by name or as JSON, and then it is what is wanted.
  if (command.common.json) {
    world.out << report::json_text(document(values)) << "\n";
    return ExitCode::done;
  }
  if (command.name.empty()) {
    world.out << (values.empty() ? "The spec has no outputs.\n" : outputs_text(values));
    return ExitCode::done;
  }
  const OutputValue& value = values.at(command.name);
  if (!value.value) {
    throw Fatal(
        ExitCode::failed,
        "The output `" + command.name + "` is not known: there is no " + value.missing + " yet",
        "Run `sluice apply` first.");
  }
  world.out << bare(*value.value) << "\n";
  return ExitCode::done;
}

}  // namespace sluice::cli
