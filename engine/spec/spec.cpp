#include "spec/spec.hpp"

#include "core/value.hpp"
#include "spec/environments.hpp"
#include "spec/moves.hpp"
#include "spec/platform.hpp"
#include "spec/resources.hpp"
#include "spec/variables.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::spec {

namespace {

constexpr std::size_t kNameMax = 63;

std::string read_name(const Document& document, const Interpolator& interpolator,
                      Messages& messages) {
  if (!document.name) return {};
  const std::optional<std::string> name = interpolator.known_text(document.name);
  if (!name) return {};
  if (is_key(*name) && name->find('_') == std::string::npos && name->size() <= kNameMax) {
    return *name;
  }
  messages.error(document.name.value->place,
                 fmt::format("{} cannot be the name of a spec", shown(*name)),
                 fmt::format("It names the state file: a small letter, then small letters, digits "
                             "and `-`, at most {} in all.",
                             kNameMax));
  return {};
}

std::optional<Output> read_output(const Entry& output, const Interpolator& interpolator,
                                  Messages& messages) {
  const std::string& name = output.key->text;
  if (output.value->kind == Node::Kind::text) {
    messages.error(output.value->place, fmt::format("Output `{}` is a text", name),
                   fmt::format("Write `{}: {{value: ...}}`.", name));
    return std::nullopt;
  }
  const Entries entries = entries_of(*output.value, shape_of("output"), messages);
  Output result;
  result.where = messages.position(output.key->place);
  result.sensitive = boolean(entry_of(entries, "sensitive"), false, messages);
  if (const Entry description = entry_of(entries, "description")) {
    result.description =
        interpolator.known_text(description, Breaks::allowed).value_or(std::string());
  }
  const Entry value = entry_of(entries, "value");
  if (value) {
    result.value = interpolator.output_value(value).value_or(Json());
  } else {
    messages.error(output.key->place, fmt::format("Output `{}` has no `value`", name),
                   fmt::format("Write `{}: {{value: ...}}`.", name));
  }
  return result;
}

/// Reports an output that asks a flow for an inlet which is its account's: no apply would ever know
/// it.
void check_inlets(const Output& output, const Place& place, const Spec& spec, Messages& messages) {
  for (const Reference& reference : references_in(output.value)) {
    const std::string& wanted = reference.attribute;
    if (wanted != "inlet_url" && wanted != "webhook_url") continue;
    Address source = reference.address;
    source.part = "source";
    const auto found =
        std::find_if(spec.resources.begin(), spec.resources.end(),
                     [&source](const Resource& resource) { return resource.address == source; });
    if (found == spec.resources.end() || !found->fields.contains("account")) continue;
    const auto account = as_reference(found->fields.at("account"));
    messages.error(
        place,
        fmt::format("{} has no inlet of its own, since its source logs in with an account",
                    shown(reference.address.text())),
        account
            ? fmt::format("The inlet is the account's. Write `${{{}.inlet_url}}`; whoever sends "
                          "to it adds `?x-adobe-flow-id=` and the id of the flow.",
                          account->address.text())
            : "The inlet is the account's. Put the account into the spec, and ask that one for "
              "its `inlet_url`.");
  }
}

}  // namespace

std::optional<Spec> read_spec(const std::vector<Source>& sources, const Options& options,
                              const Catalogue& catalogue, Diagnostics& diagnostics) {
  Messages messages(sources, options.var_files, diagnostics);
  if (sources.empty()) {
    messages.error_outside("There is no spec to read", "Name a file, or a folder of *.yaml files.");
    return std::nullopt;
  }
  const int count = static_cast<int>(sources.size());
  const std::vector<std::optional<Node>> roots = read_trees(0, count, messages);
  const std::vector<std::optional<Node>> value_files =
      read_trees(count, static_cast<int>(options.var_files.size()), messages);
  const Document document = merge(roots, messages);

  Spec spec;
  const ChosenEnvironment chosen = read_environments(document, options.environment_name, messages);
  spec.environment = chosen.environment;
  spec.variables = read_variables(document, {chosen.variables, value_files, options}, messages);
  const Interpolator variables_only(document, spec.variables, catalogue, messages);
  const InstancesOf instances = read_for_each(document, variables_only, messages);
  Interpolator interpolator = variables_only;
  interpolator.set_instances(instances);
  spec.name = read_name(document, interpolator, messages);
  spec.platform = read_platform(document, interpolator, messages);
  read_resources(document, instances, {interpolator, catalogue, messages}, spec);
  read_moves(document, !messages.failed(), spec, messages);
  for (const auto& [key, entry] : document.outputs) {
    if (auto output = read_output(entry, interpolator, messages)) {
      check_inlets(*output, entry.key->place, spec, messages);
      spec.outputs.emplace(key, std::move(*output));
    }
  }
  if (messages.failed()) return std::nullopt;
  return spec;
}

}  // namespace sluice::spec
