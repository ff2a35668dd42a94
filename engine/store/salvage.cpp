#include "store/salvage.hpp"

#include "store/backups.hpp"
#include "store/history.hpp"
#include "store/journal.hpp"
#include "store/must.hpp"
#include "store/state_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace sluice::store {

namespace {

struct Copy {
  std::string path;
  State state;
};

struct Remains {
  std::vector<Copy> copies;  ///< The state's own file first, then the backups, newest first.
  std::vector<std::string> broken;
  std::vector<JournalRecord> records;
  bool is_state_good = false;
  bool is_journal_cut = false;
  std::int64_t newest_serial = 0;  ///< The highest that any file tells of, broken ones included.
};

std::optional<std::string> read_file(Files& files, const std::string& path, std::uint64_t max) {
  return must(files.read(path, max), "The state could not be read",
              "Make the file readable, and run the command again.");
}

/// The serial that a text names that is no state any more; 0 when it names none.
std::int64_t serial_in(std::string_view text) {
  constexpr std::string_view kName = "\"serial\":";
  const std::size_t at = text.find(kName);
  if (at == std::string_view::npos) return 0;
  const std::size_t digits = text.find_first_not_of(' ', at + kName.size());
  if (digits == std::string_view::npos) return 0;
  std::int64_t serial = 0;
  const auto [end, error] =
      std::from_chars(text.data() + digits, text.data() + text.size(), serial);
  // A number that is damaged itself must leave room for those to come.
  const bool is_likely =
      error == std::errc() && serial > 0 && serial < std::numeric_limits<std::int32_t>::max();
  return is_likely ? serial : 0;
}

[[noreturn]] void refuse(const std::string& path, const std::string& problem,
                         const std::string& advice) {
  throw Fatal(ExitCode::state_damaged,
              fmt::format("The state {} cannot be recovered: {}", path, problem), advice);
}

/// Where a newer program was at work, an older copy is no good one: it knows nothing of what that
/// did.
void refuse_newer(const std::string& path, const std::string& file, std::string_view text,
                  const std::string& problem) {
  if (!is_newer_state(text)) return;
  refuse(path, file + " is not damaged, " + problem,
         "Nothing was changed. Run this command with that version or a later one.");
}

void collect_state(Files& files, const std::string& path, Remains& remains) {
  const auto text = read_file(files, path, kStateSizeMax);
  if (!text) return;
  std::string problem;
  auto state = state_from_text(*text, problem);
  if (!state) refuse_newer(path, path, *text, problem);
  remains.newest_serial = std::max(remains.newest_serial, state ? state->serial : serial_in(*text));
  if (state) {
    remains.is_state_good = true;
    remains.copies.push_back({path, std::move(*state)});
  } else {
    remains.broken.push_back(path);
  }
}

void collect_backups(Files& files, const std::string& path, Remains& remains) {
  const std::string advice = "Make the folder readable, and run the command again.";
  for (const std::int64_t serial : backup_serials(files, path, advice)) {
    const std::string backup = backup_path(path, serial);
    const auto text = read_file(files, backup, kStateSizeMax);
    std::string problem;
    auto state = text ? state_from_text(*text, problem) : std::nullopt;
    if (!state && text && remains.copies.empty()) refuse_newer(path, backup, *text, problem);
    if (!state) continue;
    remains.newest_serial = std::max(remains.newest_serial, state->serial);
    remains.copies.push_back({backup, std::move(*state)});
  }
}

void collect_journal(Files& files, const std::string& path, Remains& remains) {
  const std::string journal = path + ".journal";
  const auto text = read_file(files, journal, kJournalSizeMax);
  if (!text) return;
  JournalText read = read_journal(*text);
  remains.is_journal_cut = !read.damage.empty();
  if (remains.is_journal_cut) remains.broken.push_back(journal);
  remains.records = remains.is_journal_cut ? whole_records(*text) : std::move(read.records);
}

Remains collect(Files& files, const std::string& path) {
  Remains remains;
  collect_state(files, path, remains);
  collect_backups(files, path, remains);
  collect_journal(files, path, remains);
  return remains;
}

const JournalRecord* begin_of(const Remains& remains) {
  if (remains.records.empty()) return nullptr;
  const JournalRecord& first = remains.records.front();
  return first.type == JournalRecord::Type::begin ? &first : nullptr;
}

/// The copy to build on; nullptr when nothing is left but the journal.
const Copy* base_for(const std::string& path, const Remains& remains) {
  const JournalRecord* begin = begin_of(remains);
  if (begin == nullptr) return remains.copies.empty() ? nullptr : &remains.copies.front();
  const auto with = [&](auto... wanted) -> const Copy* {
    for (const Copy& copy : remains.copies) {
      const Relation found = relation(copy.state, *begin);
      if (((found == wanted) || ...)) return &copy;
    }
    return nullptr;
  };
  if (!remains.copies.empty()) {
    const Copy& newest = remains.copies.front();
    const Relation found = relation(newest.state, *begin);
    if (found == Relation::foreign || found == Relation::apart) {
      refuse(path, fmt::format("{}.journal tells of another history than {}", path, newest.path),
             "Nothing was changed. Move one of the two away, and run the command again: the state, "
             "if the journal is right; the journal, if the state is.");
    }
  }
  if (const Copy* best = with(Relation::goes_on, Relation::holds)) return best;
  return with(Relation::older);
}

void note_gaps(const Remains& remains, const Copy* base, Salvage& result) {
  const JournalRecord* begin = begin_of(remains);
  const std::int64_t known = base == nullptr ? 0 : base->state.serial;
  // A journal whose run began on the base, or that the base holds, closes the gap.
  const std::int64_t wanted =
      begin != nullptr ? begin->serial : std::max(remains.newest_serial, known);
  if (known < wanted) {
    result.gaps.push_back(fmt::format(
        "Of the runs between serial {} and serial {} nothing is known.", known, wanted));
  }
  if (remains.is_journal_cut) {
    result.gaps.emplace_back("Some lines of the journal cannot be read.");
  }
}

}  // namespace

Salvage salvage(Files& files, const std::string& path) {
  Remains remains = collect(files, path);
  const Copy* base = base_for(path, remains);
  if (base == nullptr && remains.records.empty()) {
    refuse(path, "there is no backup of it that can be read, and no journal",
           "`sluice discover` shows what is on the platform, and `sluice adopt` and `sluice "
           "import` take it over into a new state.");
  }
  Salvage result;
  const JournalRecord* begin = begin_of(remains);
  if (base != nullptr) {
    result.state = base->state;
    result.source = base->path;
    result.source_serial = base->state.serial;
  }
  note_gaps(remains, base, result);
  const bool is_held =
      begin != nullptr && base != nullptr && relation(base->state, *begin) == Relation::holds;
  if (!is_held) {
    for (const JournalRecord& record : remains.records)
      fold(result.state, record);
  }
  result.aside = std::move(remains.broken);
  if (remains.is_state_good && result.source != path) result.aside.push_back(path);
  result.is_needed = result.source != path || !result.aside.empty();
  // A plan that was made on what is lost must not fit what takes its place.
  if (begin != nullptr) remains.newest_serial = std::max(remains.newest_serial, begin->serial);
  if (result.is_needed) result.state.serial = std::max(result.state.serial, remains.newest_serial);
  return result;
}

}  // namespace sluice::store
