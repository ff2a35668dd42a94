#include "store/rescue.hpp"

#include "store/new_file.hpp"
#include "store/state_json.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace sluice::store {

namespace {

constexpr int kRescuesMax = 1000;
constexpr const char* kRescueStart = ".rescue";

/// True when the text is there under that name now, false when the name is another's.
FileResult<bool> put_rescue(Files& files, const std::string& to, std::string_view text) {
  // Who has made this file has the name: two runs without a lock may both be here.
  const std::string temporary = to + ".tmp";
  FileResult<Nothing> result = create_file(files, temporary, text);
  if (const auto* error = std::get_if<FileError>(&result)) {
    if (error->code == EEXIST) return false;
    files.remove(temporary);
    return *error;
  }
  FileResult<std::optional<std::string>> there = files.read(to, kStateSizeMax);
  const auto* error = std::get_if<FileError>(&there);
  const bool is_free = error == nullptr && !std::get<std::optional<std::string>>(there);
  if (!is_free) {
    files.remove(temporary);
    return error == nullptr && std::get<std::optional<std::string>>(there) == text;
  }
  result = files.rename(temporary, to);
  if (!is_error(result)) result = files.sync_folder(folder_of(to));
  if (auto* failure = std::get_if<FileError>(&result)) return std::move(*failure);
  return true;
}

}  // namespace

FileResult<std::string> write_rescue(Files& files, const std::string& state_path,
                                     std::string_view text) {
  for (int i = 1; i <= kRescuesMax; ++i) {
    const std::string number = i == 1 ? std::string() : fmt::format("-{}", i);
    const std::string path = state_path + kRescueStart + number + ".json";
    FileResult<bool> put = put_rescue(files, path, text);
    if (auto* error = std::get_if<FileError>(&put)) return std::move(*error);
    if (std::get<bool>(put)) return path;
  }
  return FileError{EEXIST, fmt::format("cannot make {}{}.json: there are {} such files already",
                                       state_path, kRescueStart, kRescuesMax)};
}

bool is_rescue(std::string_view path) {
  return path.find(std::string(".json") + kRescueStart) != std::string_view::npos &&
         path.ends_with(".json");
}

bool is_rescue_of(std::string_view path, const std::string& state_path) {
  return path.starts_with(state_path + kRescueStart);
}

}  // namespace sluice::store
