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

/// What lies beside a state under its name.
constexpr std::array<const char*, 7> kBeside = {".lock",   ".journal",  ".reserve",     ".tmp",
                                                ".backup", ".platform", ".platform.new"};

bool is_of_state(World& world, const std::string& path, const std::string& state_path) {
  const std::string file = spelling_of(world, path);
  const std::string state = spelling_of(world, state_path);
  if (file == state || file.starts_with(state + ".backup/")) return true;
  if (store::is_rescue_of(file, state)) return true;
  return std::any_of(kBeside.begin(), kBeside.end(),
                     [&](const char* end) { return file == state + end; });
}

/// Of whatever version; a plan of an earlier one may be replaced, though not be applied. So may
/// what begins as one does: whoever was killed in the middle of saving it leaves no more.
bool is_plan(const std::string& text) {
  constexpr std::string_view kStart = "{\n \"clashes\":";
  if (kStart.starts_with(text) || text.starts_with(kStart)) return true;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return false;
  constexpr std::array<const char*, 5> kKeys = {"format_version", "lineage", "serial", "state_path",
                                                "steps"};
  return std::all_of(kKeys.begin(), kKeys.end(),
                     [&json](const char* key) { return json.contains(key); });
}

/// The state of which `file` is a part by its name; empty without one. A state that a run ever
/// wrote has a lock's file beside it. Its journal is empty most of the time, and does not tell by
/// what is in it that it is one.
std::string state_around(World& world, const std::string& file) {
  // In the folder of backups the names are any.
  if (const std::string folder = store::folder_of(file); folder.ends_with(".backup")) {
    const std::string state = state_around(world, folder);
    if (!state.empty()) return state;
  }
  for (const std::string_view end : kBeside) {
    if (!file.ends_with(end)) continue;
    std::string state = file.substr(0, file.size() - end.size());
    const auto lock = world.files.real_path(state + ".lock");
    if (std::holds_alternative<std::string>(lock)) return state;
  }
  return {};
}

/// Whether what is there may get more lines of a trace. What cannot be read cannot be opened
/// either, and who opens it tells why.
bool takes_trace(World& world, const std::string& path) {
  // How each line begins, since keys come in order.
  constexpr std::string_view kStart = R"({"at_ms":)";
  const auto start = world.files.read_start(path, kStart.size());
  const auto* text = std::get_if<std::optional<std::string>>(&start);
  // A full disk may have cut the first line.
  return text == nullptr || kStart.starts_with(text->value_or(""));
}

[[noreturn]] void refuse_trace(const std::string& path, const std::string& what) {
  throw Fatal(ExitCode::usage, "--trace would write into " + what + ": " + report::harmless(path),
              "Nothing was done. Name another file, as in `--trace trace.jsonl`.");
}

}  // namespace

std::string spelling_of(World& world, const std::string& path) {
  const auto real = world.files.real_path(path);
  if (const auto* there = std::get_if<std::string>(&real)) return *there;
  const std::string folder = store::folder_of(path);
  if (folder == path) return path;
  const fs::path above = spelling_of(world, folder);
  return (above / fs::path(path).filename()).lexically_normal().string();
}

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
  const std::string other = state_around(world, spelling_of(world, path));
  if (!other.empty()) {
    throw Fatal(ExitCode::usage,
                "--out names a file of the state " + report::harmless(other) + ": " +
                    report::harmless(path),
                "Nothing was done. Name another file, as in `--out customerio.plan`.");
  }
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
  if (!spec_path.empty()) {
    std::vector<std::string> specs = {spec_path};
    if (world.files.is_folder(spec_path)) specs = yaml_files(world, spec_path);
    if (std::any_of(specs.begin(), specs.end(), is_it)) refuse_trace(trace, "the spec");
  }
  const std::string other = state_around(world, file);
  if (!other.empty()) refuse_trace(trace, "what belongs to the state " + report::harmless(other));
  if (!takes_trace(world, trace)) refuse_trace(trace, "a file that is no trace");
}

}  // namespace sluice::cli
