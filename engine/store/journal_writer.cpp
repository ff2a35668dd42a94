#include "store/journal_writer.hpp"

#include "store/must.hpp"

#include <cassert>
#include <cerrno>

namespace sluice::store {

namespace {

constexpr std::uint64_t kReserveSize = 64ULL << 10U;
constexpr const char* kFailed = "The journal could not be written";

}  // namespace

JournalWriter::JournalWriter(Files& files, const std::string& state_path)
    : files_(files), path_(state_path + ".journal"), reserve_path_(state_path + ".reserve") {
}

void JournalWriter::open(const JournalRecord& begin) {
  assert(!file_);
  const std::string what = "The run cannot start";
  const std::string advice =
      "Nothing was changed. Free some space or mend the folder, and run the command again.";
  const auto reserve = must(files_.open(reserve_path_, OpenMode::read_and_write), what, advice);
  must(reserve->reserve(kReserveSize), what, advice);
  file_ = must(files_.open(path_, OpenMode::append), what, advice);
  failed_ = false;
  reserve_used_ = false;
  written_ = 0;
  synced_ = 0;
  append(begin);
  sync();
  must(files_.sync_folder(folder_of(path_)), what, advice);
}

void JournalWriter::append(const JournalRecord& record) {
  assert(file_);
  if (failed_) fail({0, "an earlier write to " + path_ + " failed"});
  const std::string line = to_line(record, synced_);
  while (true) {
    const FileResult<Nothing> result = file_->append(line);
    const auto* error = std::get_if<FileError>(&result);
    if (error == nullptr) break;
    // What was written of the line must go, or the next one would be glued to it.
    failed_ = is_error(file_->truncate(written_));
    if (failed_ || !is_full(*error) || !give_up_reserve(*error)) fail(*error);
  }
  written_ += line.size();
}

void JournalWriter::sync() {
  assert(file_);
  if (failed_) fail({0, "an earlier write to " + path_ + " failed"});
  const FileResult<Nothing> result = file_->sync();
  if (const auto* error = std::get_if<FileError>(&result)) fail(*error);
  synced_ = written_;
}

void JournalWriter::settle() {
  const std::string what = "The journal of an earlier run could not be put on the disk";
  const std::string advice = "Nothing was changed. Mend the disk, and run the command again.";
  const auto file = must(files_.open(path_, OpenMode::append), what, advice);
  must(file->sync(), what, advice);
  must(files_.sync_folder(folder_of(path_)), what, advice);
}

void JournalWriter::empty() {
  close();
  const std::string what = "The state is saved, but its journal could not be emptied";
  const std::string advice = "Nothing is lost. The next run will empty it.";
  const auto file = must(files_.open(path_, OpenMode::append), what, advice);
  must(file->truncate(0), what, advice);
  must(file->sync(), what, advice);
}

bool JournalWriter::give_up_reserve(const FileError& lack) {
  if (reserve_used_ || is_error(files_.remove(reserve_path_))) return false;
  reserve_used_ = true;
  lack_ = lack.what;
  // Some file systems give the space back only when the removal is on the disk. If this fails, the
  // write that needs the space will tell.
  files_.sync_folder(folder_of(reserve_path_));
  return true;
}

void JournalWriter::fail(const FileError& error) {
  failed_ = true;
  throw Fatal(ExitCode::state_damaged, std::string(kFailed) + ": " + error.what,
              "No further change was started. Free some space or mend the disk, and run the "
              "command again: it looks up what became of the changes that were under way.");
}

bool is_full(const FileError& error) {
  return error.code == ENOSPC || error.code == EDQUOT;
}

}  // namespace sluice::store
