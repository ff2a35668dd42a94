#include "syscalls/applied.hpp"

#include "core/json.hpp"
#include "support/places.hpp"
#include "support/read_text.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>

namespace sluice::test {

namespace {

namespace fs = std::filesystem;

constexpr const char* kOldRow = "source: data.identifiers.email,";
constexpr const char* kNewRow = "source: data.identifiers.mail,";

const std::map<std::string, std::string>& environment() {
  // LeakSanitizer stops other threads with ptrace, and of that there can be only one.
  static const std::map<std::string, std::string> variables = {{"ASAN_OPTIONS", "detect_leaks=0"},
                                                               {"SLUICE_SETTLE", "0.2"}};
  return variables;
}

}  // namespace

std::vector<std::string> command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), sluice_binary());
  arguments.emplace_back("--local");
  return arguments;
}

Traced run(const std::string& folder, const std::vector<std::string>& arguments) {
  return run_untraced({command(arguments), environment(), folder});
}

std::string ended(const std::string& what, const Traced& traced) {
  return "`" + what + "` exits with " + std::to_string(traced.code) + ": " + traced.out +
         traced.err;
}

Held held(const std::string& folder) {
  const Traced list = run(folder, {"state", "list", "--json"});
  const Json document = Json::parse(list.out, nullptr, false);
  if (list.code != 0 || document.is_discarded()) return {{}, false, ended("state list", list)};
  Held result;
  for (const Json& resource : document.at("resources"))
    result.ids[resource.at("address")] = resource.at("id").get<std::string>();
  result.has_new_row = list.out.find("\"data.identifiers.mail\"") != std::string::npos;
  return result;
}

std::string text_of(const Held& found) {
  std::string text = found.problem.empty() ? "the state has" : found.problem;
  for (const auto& [address, id] : found.ids)
    text += " " + address + "=" + id;
  return text + (found.has_new_row ? " and the new row" : "");
}

Applied::Applied() {
  fs::create_directories(folder.path() / "specs");
  fs::copy(fs::path(source_dir()) / "specs/customerio.yaml", spec());
  must_run({"apply", "--yes"});
  ids = held(path()).ids;
  REQUIRE(ids.size() == 4);
}

void Applied::must_run(const std::vector<std::string>& arguments) const {
  const Traced traced = run(path(), arguments);
  REQUIRE_MESSAGE(traced.code == 0, ended(arguments[0], traced));
}

void Applied::change_row() const {
  std::string text = read_text(spec());
  const std::size_t at = text.find(kOldRow);
  REQUIRE(at != std::string::npos);
  std::ofstream(spec()) << text.replace(at, std::string(kOldRow).size(), kNewRow);
}

Saving saving_of(const std::string& name, const Applied& applied,
                 const std::vector<std::string>& arguments, const std::string& done_text) {
  Saving saving;
  saving.name = name;
  saving.command = command(arguments);
  saving.environment = environment();
  saving.pristine = applied.folder.path();
  saving.saved_file = kStateFile;
  saving.done_text = done_text;
  return saving;
}

void sweep(const Saving& saving, bool only_files, Figures& killed, Figures& failed) {
  const Traced reference = undisturbed(saving);
  CHECK_MESSAGE(missing_sync(saving, reference) == "", saving.name);
  killed.add(kill_sweep(saving, reference, only_files));
  failed.add(fault_sweep(saving, reference));
}

void print(const Figures& killed, const Figures& failed) {
  const auto count = [&](Wrong wrong) { return killed.count(wrong) + failed.count(wrong); };
  std::printf("kill points %zu/%zu, fault pairs %zu/%zu, torn %zu, lost %zu, mute %zu, stuck %zu\n",
              killed.good, killed.points, failed.good, failed.points, count(Wrong::torn),
              count(Wrong::lost), count(Wrong::mute), count(Wrong::stuck));
}

}  // namespace sluice::test
