#include "cli/file_guard.hpp"

#include "cli/spec_files.hpp"
#include "core/fatal.hpp"
#include "store/rescue.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace sluice::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kOldPlanBytesMax = 1U << 30U;

/// One spelling for a file, be it there yet or not, whatever links lead to where it is.
std::string spelling_of(World& world, const std::string& path) {
  const auto real = world.files.real_path(path);
  if (const auto* there = std::get_if<std::string>(&real)) return *there;
  const std::string folder = store::folder_of(path);
  if (folder == path) return path;
  const fs::path above = spelling_of(world, folder);
  return (above / fs::path(path).filename()).lexically_normal().string();
}

bool is_of_state(World& world, const std::string& path, const std::string& state_path) {
  const std::string file = spelling_of(world, path);
  const std::string state = spelling_of(world, state_path);
  if (file == state || file.starts_with(state + ".backup/")) return true;
  if (store::is_rescue_of(file, state)) return true;
  constexpr std::array<const char*, 7> kBeside = {".lock",   ".journal",  ".reserve",     ".tmp",
                                                  ".backup", ".platform", ".platform.new"};
  return std::any_of(kBeside.begin(), kBeside.end(),
                     [&](const char* end) { return file == state + end; });
}

/// Of whatever version; a plan of an earlier one may be replaced, though not be applied.
bool is_plan(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return false;
  constexpr std::array<const char*, 5> kKeys = {"format_version", "lineage", "serial", "state_path",
                                                "steps"};
  return std::all_of(kKeys.begin(), kKeys.end(),
                     [&json](const char* key) { return json.contains(key); });
}

[[noreturn]] void refuse_trace(const std::string& path, const std::string& what) {
  throw Fatal(ExitCode::usage, "--trace would write into " + what + ": " + report::harmless(path),
              "Nothing was done. Name another file, as in `--trace trace.jsonl`.");
}

}  // namespace

void refuse_state_file(World& world, const std::string& flag, const std::string& path,
                       const std::string& state_path) {
  if (!is_of_state(world, path, state_path)) return;
  throw Fatal(ExitCode::usage,
              flag + " names a file in which the state is kept: " + report::harmless(path),
              "Nothing was done. Name another file, whose name does not begin with that of the "
              "state, " +
                  report::harmless(state_path) + ".");
}

void refuse_plan_file(World& world, const std::string& path, const std::string& state_path) {
  refuse_state_file(world, "--out", path, state_path);
  const auto text = world.files.read(path, kOldPlanBytesMax);
  if (const auto* error = std::get_if<store::FileError>(&text)) {
    // A folder, a link, a device; and what is too large for a plan.
    constexpr std::array<int, 3> kNoPlan = {EINVAL, ELOOP, EFBIG};
    const bool is_none = std::find(kNoPlan.begin(), kNoPlan.end(), error->code) != kNoPlan.end();
    throw Fatal(is_none ? ExitCode::usage : ExitCode::failed,
                "--out names what may not be replaced: " + error->what,
                "Nothing was done. Name another file.");
  }
  const auto& there = std::get<std::optional<std::string>>(text);
  if (!there || there->empty() || is_plan(*there)) return;
  throw Fatal(ExitCode::usage,
              "--out would replace a file that is no plan: " + report::harmless(path),
              "Nothing was done. Name another file, as in `--out customerio.plan`; or remove that "
              "one, if nobody needs it.");
}

void refuse_trace_file(World& world, const CommonOptions& options, const std::string& state_path,
                       const std::string& spec_path) {
  const std::string& trace = options.trace;
  if (trace.empty()) return;
  if (!state_path.empty()) refuse_state_file(world, "--trace", trace, state_path);
  const std::string file = spelling_of(world, trace);
  const auto is_it = [&](const std::string& other) { return spelling_of(world, other) == file; };
  if (std::any_of(options.var_files.begin(), options.var_files.end(), is_it)) {
    refuse_trace(trace, "a file of variables' values");
  }
  if (spec_path.empty()) return;
  std::vector<std::string> specs = {spec_path};
  if (world.files.is_folder(spec_path)) specs = yaml_files(world, spec_path);
  if (std::any_of(specs.begin(), specs.end(), is_it)) refuse_trace(trace, "the spec");
}

}  // namespace sluice::cli
