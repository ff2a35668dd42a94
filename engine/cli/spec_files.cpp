#include "cli/spec_files.hpp"

#include "core/fatal.hpp"
#include "http/secret.hpp"
#include "spec/spec_writer.hpp"
#include "store/state_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace sluice::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kBytesMax = 64U << 20U;
constexpr std::string_view kVariablePrefix = "SLUICE_VAR_";

std::string find_spec(World& world) {
  const std::vector<std::string> found = yaml_files(world, "specs");
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    throw Fatal(ExitCode::usage, "No spec: there is no *.yaml in specs/",
                "Name one, as in `sluice plan path/to/spec.yaml`, or run in the folder that holds "
                "specs/.");
  }
  std::string names;
  for (const std::string& name : found)
    names += (names.empty() ? "" : ", ") + name;
  throw Fatal(ExitCode::usage, "Which spec? specs/ has " + names,
              "Name one, or the folder if they are one spec.");
}

std::vector<std::string> files_of(World& world, const std::string& path) {
  if (!world.files.is_folder(path)) return {path};
  const std::vector<std::string> files = yaml_files(world, path);
  if (files.empty()) {
    throw Fatal(ExitCode::usage, "No spec: there is no *.yaml in " + path);
  }
  return files;
}

/// Whether the file at `real_path` is outside of the folder that `path` names: a link led out of
/// it.
bool is_elsewhere(World& world, const std::string& path, const fs::path& real_path) {
  const auto folder = world.files.real_path(store::folder_of(path));
  const auto* real_folder = std::get_if<std::string>(&folder);
  return real_folder == nullptr || *real_path.lexically_relative(*real_folder).begin() == "..";
}

/// Takes what it reads off `bytes_left`, so that no more is read of many files than may be.
spec::Source read_file(World& world, const std::string& path, std::uint64_t& bytes_left) {
  // A spec may be a link, as configuration mounted into a container is.
  const auto real = world.files.real_path(path);
  if (const auto* failure = std::get_if<store::FileError>(&real)) {
    throw Fatal(ExitCode::invalid_spec,
                "Cannot read " + path + ": " + std::generic_category().message(failure->code));
  }
  const std::string& real_path = std::get<std::string>(real);
  auto text = world.files.read(real_path, bytes_left);
  if (const auto* failure = std::get_if<store::FileError>(&text)) {
    if (failure->code == EFBIG) {
      throw Fatal(ExitCode::invalid_spec,
                  fmt::format("With {}, the spec is larger than {} MiB", path, kBytesMax >> 20U),
                  "Split it into several specs.");
    }
    throw Fatal(ExitCode::invalid_spec, "Cannot read the spec: " + failure->what);
  }
  spec::Source result{path, std::get<std::optional<std::string>>(text).value_or("")};
  bytes_left -= result.text.size();
  result.is_private = is_elsewhere(world, path, real_path);
  return result;
}

std::vector<spec::Source> read_files(World& world, const std::vector<std::string>& paths) {
  std::uint64_t bytes_left = kBytesMax;
  std::vector<spec::Source> result;
  for (const std::string& path : paths)
    result.push_back(read_file(world, path, bytes_left));
  return result;
}

spec::Options spec_options(World& world, const CommonOptions& options) {
  spec::Options result;
  result.environment_name = options.environment;
  result.var_files = read_files(world, options.var_files);
  for (const std::string& text : options.variables) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Fatal(ExitCode::usage, "`--var " + text + "` is not NAME=VALUE");
    }
    result.flags[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : world.environment.all()) {
    if (name.starts_with(kVariablePrefix)) {
      result.environment[name.substr(kVariablePrefix.size())] = value;
    }
  }
  return result;
}

std::string hash_of(const std::vector<spec::Source>& sources, const spec::Spec& spec) {
  Json all = Json::array();
  for (const spec::Source& source : sources)
    all.push_back(store::sha256_hex(source.text));
  for (const auto& [name, value] : spec.variables)
    // Nothing that is derived from a secret may be kept, not even its hash.
    all.push_back({name, value.sensitive ? std::string() : value.text});
  return store::sha256_hex(all.dump());
}

}  // namespace

std::vector<std::string> yaml_files(World& world, const std::string& folder) {
  std::vector<std::string> result;
  const auto names = world.files.list(folder);
  if (const auto* failure = std::get_if<store::FileError>(&names)) {
    if (failure->code == ENOTDIR) return result;
    // Nobody knows which specs are in it.
    throw Fatal(ExitCode::invalid_spec, "Cannot look for specs: " + failure->what);
  }
  for (const std::string& name : std::get<std::vector<std::string>>(names)) {
    const fs::path path = fs::path(folder) / name;
    const fs::path end = path.extension();
    if (end == ".yaml" || end == ".yml") result.push_back(path.string());
  }
  return result;
}

bool is_clear_which_spec(World& world, const CommonOptions& options) {
  return !options.spec.empty() || yaml_files(world, "specs").size() == 1;
}

LoadedSpec load_spec(World& world, const CommonOptions& options, const Catalogue& catalogue) {
  LoadedSpec result;
  result.path = options.spec.empty() ? find_spec(world) : options.spec;
  const std::vector<spec::Source> sources = read_files(world, files_of(world, result.path));
  Diagnostics diagnostics;
  auto spec = spec::read_spec(sources, spec_options(world, options), catalogue, diagnostics);
  if (!spec) throw Fatal(ExitCode::invalid_spec, diagnostics.sorted());
  for (const Diagnostic& warning : diagnostics.sorted())
    world.say(warning, {});
  for (const auto& [name, value] : spec->variables) {
    if (value.sensitive) world.redactor.learn(http::Secret(value.text));
  }
  result.hash = hash_of(sources, *spec);
  result.spec = std::move(*spec);
  return result;
}

LoadedSpec name_spec(World& world, const CommonOptions& options) {
  LoadedSpec result;
  result.path = options.spec.empty() ? find_spec(world) : options.spec;
  const std::string& wanted = options.environment;
  std::vector<std::string> environments;
  for (const spec::Source& source : read_files(world, files_of(world, result.path))) {
    if (result.spec.name.empty()) result.spec.name = spec::name_in(source);
    if (wanted.empty()) continue;
    for (std::string& name : spec::environments_in(source))
      environments.push_back(std::move(name));
  }
  if (!is_key(result.spec.name)) {
    throw Fatal(ExitCode::invalid_spec, result.path + " does not say the name of a spec",
                "Its state is found by that name: put `name: ...` at its top, or give --state.");
  }
  const bool known =
      std::find(environments.begin(), environments.end(), wanted) != environments.end();
  if (!wanted.empty() && !known) {
    const std::string near = nearest(wanted, environments);
    throw Fatal(ExitCode::invalid_spec, "--env names no environment of the spec: " + wanted,
                near.empty() ? "" : "Did you mean " + near + "?");
  }
  result.spec.environment.name = wanted;
  return result;
}

std::string default_state_path(World& world, const LoadedSpec& loaded, bool local) {
  fs::path folder = fs::path(loaded.path).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  if (!world.files.is_folder(folder.string())) folder = folder.parent_path();
  if (folder.filename() == "specs") folder = folder.parent_path();
  std::string name = loaded.spec.name;
  if (!loaded.spec.environment.name.empty()) name += "." + loaded.spec.environment.name;
  if (local) name += ".local";
  return (folder / "state" / (name + ".json")).string();
}

}  // namespace sluice::cli
