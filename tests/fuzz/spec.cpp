// A spec's text, and on through all that follows from it when it is accepted: the plan and the
// requests that create what is in it. A form feed, which no spec may hold, ends the spec; behind it
// come a file of variables and, behind another one, a second file of the spec.

#include "spec/spec.hpp"

#include "core/planner.hpp"
#include "core/value.hpp"
#include "fuzz/targets.hpp"
#include "http/reply_reader.hpp"
#include "kinds/kind.hpp"
#include "report/text.hpp"

#include <algorithm>

namespace sluice::fuzz {

namespace {

using spec::Source;

// The value of a variable that is in no text. It may show only if the spec does not call it
// sensitive.
const std::string kCanary = "canary-5f1d";

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::string line_of(const Source& source, int line) {
  std::string text = source.text;
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  const std::vector<std::string> lines = split(text, '\n');
  require(static_cast<std::size_t>(line) <= lines.size(), "a message's line is in its file");
  std::string result = lines[static_cast<std::size_t>(line) - 1];
  if (result.ends_with('\r')) result.pop_back();
  return result;
}

void check_message(const Diagnostic& message, const std::vector<Source>& files, bool twin) {
  require(is_clean(report::harmless(message.summary)),
          "a message can be printed: " + message.summary);
  require(is_clean(report::harmless(message.detail)),
          "a message can be printed: " + message.detail);
  require(!message.summary.empty(), "a message says something");
  if (message.where.line == 0) return;
  const auto file = std::find_if(files.begin(), files.end(), [&message](const Source& source) {
    return source.name == message.where.file;
  });
  require(file != files.end(), "a message names one of the files");
  const std::string line = line_of(*file, message.where.line);
  const auto inside = std::count_if(line.begin(), line.end(), continues);
  // In very long lines bytes are counted, not characters; the twin does so in all.
  const auto width =
      static_cast<int>(line.size()) - (line.size() > 500 ? 0 : static_cast<int>(inside));
  const int column = message.where.column + (twin ? static_cast<int>(inside) : 0);
  // The carriage return of a line's end can have a place, too.
  require(column >= 1 && column <= width + 2, "a message's column is in its line");
  require(message.excerpt.empty() || message.excerpt == line, "an excerpt is the line");
  const bool is_private = file->name == "values.yaml";
  require(!is_private || message.excerpt.empty(), "no line of a file of variables is shown");
}

/// What a reference will stand for.
std::optional<Json> made_up(const Reference& reference) {
  return reference.attribute == "version" ? Json(1) : Json("made-up-" + reference.attribute);
}

void check_request(const Resource& resource, const spec::Spec& spec, const kinds::Kind& kind) {
  Fields inputs;
  for (const auto& [name, value] : resource.fields) {
    const std::optional<Json> known = resolve(value, made_up);
    require(known.has_value(), "a value is known when all that it refers to is");
    inputs[name] = with_secrets(*known, spec.secrets);
  }
  if (kind.needs_tenant) inputs["tenant"] = "acme";
  const http::Request request = kind.create(inputs);
  require(http::is_target(request.target), "a request's target can be sent: " + request.target);
  for (const auto& [name, value] : request.headers)
    require(http::is_header(name, value), "a request's header can be sent");
  require(Json::accept(request.body), "a request's body is JSON");
}

void check_resources(const spec::Spec& spec, const kinds::Registry& registry) {
  std::set<Address> known;
  for (const Resource& resource : spec.resources) {
    require(Address::parse(resource.address.text()) == resource.address, "an address is read back");
    require(known.empty() || *known.rbegin() < resource.address, "resources are in order");
    known.insert(resource.address);
  }
  for (const Resource& resource : spec.resources) {
    for (const Address& address : resource.needs())
      require(known.contains(address), "what is referred to is in the spec: " + address.text());
    const kinds::Kind& kind = registry.at(resource.kind);
    for (const auto& [name, value] : resource.fields)
      require(kind.rules.field(name) != nullptr, "a field is one of its kind's: " + name);
    check_request(resource, spec, kind);
  }
}

void check_plan(const spec::Spec& spec, const kinds::Registry& registry) {
  Diagnostics diagnostics;
  const auto plan =
      make_plan(spec.resources, State{}, ObservedWorld{}, registry.catalogue(), {}, diagnostics);
  require(plan.has_value() != diagnostics.has_errors(), "there is a plan or a reason why not");
  if (!plan) return;
  require(plan->steps.size() == spec.resources.size(), "each resource is a step");
  const auto again = plan_from_text(plan_to_json(*plan).dump(), diagnostics);
  require(again == plan, "a plan is read back");
}

void check_secrets(const spec::Spec& spec) {
  const auto variable = spec.variables.find("canary");
  if (variable == spec.variables.end() || !variable->second.sensitive) return;
  for (const Resource& resource : spec.resources) {
    require(Json(resource.fields).dump().find(kCanary) == std::string::npos,
            "no sensitive value is in a resource");
  }
}

void read(const std::vector<Source>& files, const spec::Options& options, bool twin) {
  static const kinds::Registry registry;
  Diagnostics diagnostics;
  const auto spec = read_spec(files, options, registry.catalogue(), diagnostics);
  require(spec.has_value() != diagnostics.has_errors(), "there is a spec or a reason why not");
  std::vector<Source> all = files;
  all.insert(all.end(), options.var_files.begin(), options.var_files.end());
  for (const Diagnostic& message : diagnostics.sorted())
    check_message(message, all, twin);
  if (!spec) return;
  check_resources(*spec, registry);
  check_plan(*spec, registry);
  check_secrets(*spec);
}

}  // namespace

void spec(std::string_view input, bool twin) {
  const std::vector<std::string> parts = split(input, '\f');
  std::vector<Source> files = {{"a.yaml", parts[0]}};
  if (parts.size() > 2) files.push_back({"b.yaml", parts[2]});
  spec::Options options;
  options.environment = {{"canary", kCanary}, {"tenant", "acme"}};
  if (parts.size() > 1) options.var_files = {{"values.yaml", parts[1]}};
  read(files, options, twin);
  if (input.find("environments:") == std::string_view::npos) return;
  options.environment_name = "prod";
  read(files, options, twin);
}

}  // namespace sluice::fuzz
