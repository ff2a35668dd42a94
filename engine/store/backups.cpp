#include "store/backups.hpp"

#include "store/must.hpp"
#include "store/new_file.hpp"
#include "store/state_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace sluice::store {

namespace {

constexpr std::size_t kSerialDigits = 10;
constexpr std::size_t kHashDigits = 8;
constexpr std::size_t kBackups = 10;
constexpr std::string_view kBackupEnd = ".json";

/// Under its own name a backup is there as a whole or not at all.
FileResult<Nothing> put_backup(Files& files, const std::string& to, std::string_view text) {
  FileResult<Nothing> written = replace_file(files, to + ".tmp", text);
  return is_error(written) ? written : files.rename(to + ".tmp", to);
}

/// `is_taken` tells whether there is a backup of that serial.
FileResult<Nothing> keep(Files& files, const std::string& state_path, const Version& version,
                         bool is_taken) {
  const std::string to = backup_path(state_path, version.serial);
  if (!is_taken) return put_backup(files, to, version.text);
  // What cannot be read is not known to be the same, and is no reason not to save.
  const FileResult<std::optional<std::string>> there = files.read(to, kStateSizeMax);
  const auto* text = std::get_if<std::optional<std::string>>(&there);
  if (text != nullptr && *text == version.text) return Nothing{};
  return put_backup(files, to + "." + sha256_hex(version.text).substr(0, kHashDigits),
                    version.text);
}

/// Of its objects, those that a newer one has taken the place of included.
std::map<std::string, Address> objects_of(const State& state) {
  std::map<std::string, Address> result;
  for (const auto& [address, record] : state.records) {
    if (!record.id.empty()) result.emplace(record.id, address);
    for (const Deposed& deposed : record.deposed)
      result.emplace(deposed.id, address);
  }
  return result;
}

}  // namespace

bool is_backup_name(const std::string& name) {
  return name.find_first_not_of("0123456789") == kSerialDigits && name.ends_with(kBackupEnd) &&
         name.size() == kSerialDigits + kBackupEnd.size();
}

std::string backup_path(const std::string& state_path, std::int64_t serial) {
  return fmt::format("{}.backup/{:0{}}{}", state_path, serial, kSerialDigits, kBackupEnd);
}

std::vector<std::int64_t> backup_serials(Files& files, const std::string& state_path,
                                         const std::string& advice) {
  const auto names =
      must(files.list(state_path + ".backup"), "The backups could not be listed", advice);
  std::vector<std::int64_t> serials;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (is_backup_name(*name)) serials.push_back(std::stoll(*name));
  }
  return serials;
}

FileResult<Nothing> back_up(Files& files, const std::string& state_path,
                            const std::optional<Version>& old, const Version& next) {
  const std::string folder = state_path + ".backup";
  FileResult<Nothing> result = files.make_folder(folder);
  if (is_error(result)) return result;
  FileResult<std::vector<std::string>> listed = files.list(folder);
  if (auto* error = std::get_if<FileError>(&listed)) return std::move(*error);
  std::vector<std::string> names = std::get<std::vector<std::string>>(std::move(listed));
  // Other people's files in there are not ours to remove.
  std::erase_if(names, [](const std::string& name) { return !is_backup_name(name); });
  const auto add = [&](const Version& version) {
    const std::string name = backup_path(state_path, version.serial).substr(folder.size() + 1);
    const bool is_taken = std::find(names.begin(), names.end(), name) != names.end();
    if (!is_taken) names.push_back(name);
    return keep(files, state_path, version, is_taken);
  };
  if (old) result = add(*old);
  if (!is_error(result)) result = add(next);
  std::sort(names.begin(), names.end());
  for (std::size_t i = 0; i + kBackups < names.size() && !is_error(result); ++i)
    result = files.remove(folder + "/" + names[i]);
  return is_error(result) ? result : files.sync_folder(folder);
}

std::optional<LeftBehind> newer_objects(Files& files, const std::string& state_path,
                                        const State& state) {
  const std::string advice = "Make the folder readable, and run the command again.";
  for (const std::int64_t serial : backup_serials(files, state_path, advice)) {
    if (serial <= state.serial) return std::nullopt;
    const std::string path = backup_path(state_path, serial);
    const FileResult<std::optional<std::string>> read = files.read(path, kStateSizeMax);
    const auto* text = std::get_if<std::optional<std::string>>(&read);
    std::string problem;
    const auto newer = text != nullptr && *text ? state_from_text(**text, problem) : std::nullopt;
    if (!newer || newer->lineage != state.lineage) continue;
    const std::map<std::string, Address> known = objects_of(state);
    LeftBehind result{path, serial, {}};
    for (const auto& [id, address] : objects_of(*newer)) {
      if (!known.contains(id)) result.objects.emplace_back(address, id);
    }
    std::sort(result.objects.begin(), result.objects.end());
    return result.objects.empty() ? std::nullopt : std::optional(std::move(result));
  }
  return std::nullopt;
}

}  // namespace sluice::store
