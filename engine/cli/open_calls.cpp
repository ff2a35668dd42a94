#include "cli/open_calls.hpp"

#include "core/fatal.hpp"
#include "store/history.hpp"
#include "store/state_json.hpp"

#include <fmt/format.h>

namespace sluice::cli {

namespace {

std::string counted_calls(std::size_t count) {
  return fmt::format("{} call{} of an earlier run {} open", count, count == 1 ? "" : "s",
                     count == 1 ? "is" : "are");
}

/// The run that holds the lock, in words; empty where there is none, and where the lock's file
/// cannot be asked, as where only others may write.
std::string at_work(Workspace& workspace) {
  std::optional<store::LockHolder> holder;
  try {
    holder = workspace.store().holder();
  } catch (const Fatal&) {
    return {};
  }
  if (!holder) return {};
  if (holder->id.empty()) return "another run is at work";
  return fmt::format("`{}` of {} is at work (process {} on {}, since {})",
                     report::harmless(holder->command), report::harmless(holder->who), holder->pid,
                     report::harmless(holder->host), report::harmless(holder->created));
}

/// Whether the journal holds what the state's file does not. Who reads the state next says what is
/// wrong with a file that cannot be read.
bool is_unsaved(World& world, const std::string& path) {
  const auto journal = world.files.read(path + ".journal", store::kJournalSizeMax);
  const auto file = world.files.read(path, store::kStateSizeMax);
  const auto* journal_text = std::get_if<std::optional<std::string>>(&journal);
  const auto* text = std::get_if<std::optional<std::string>>(&file);
  if (journal_text == nullptr || text == nullptr) return false;
  const store::JournalText records = store::read_journal(journal_text->value_or(""));
  if (records.records.empty()) return false;
  std::string problem;
  const auto state = store::state_from_text(text->value_or(""), problem);
  return !state || store::relation(*state, records.records.front()) == store::Relation::goes_on;
}

}  // namespace

void say_open_calls(Workspace& workspace, const State& state) {
  const std::size_t count = state.pending.size();
  if (count == 0) return;
  const std::string run = at_work(workspace);
  const std::string settles = count == 1 ? "settles it" : "settles them";
  workspace.world().say(
      run.empty() ? fmt::format("{}; the next apply {}.\n", counted_calls(count), settles)
                  : fmt::format("{} call{} open, and {}: they may be its own. If it does not end "
                                "well, the next apply {}.\n",
                                count, count == 1 ? " is" : "s are", run, settles));
}

void refuse_saving(Workspace& workspace, const State& state) {
  if (state.pending.empty() && !is_unsaved(workspace.world(), workspace.store().path())) return;
  const std::string run = at_work(workspace);
  std::string why = state.pending.empty() ? "an earlier run has not saved what it did"
                                          : counted_calls(state.pending.size());
  if (!run.empty()) why = run;
  throw Fatal(ExitCode::failed,
              "The plan cannot be saved: " + why + ", so that apply would refuse it as stale",
              run.empty()
                  ? "Nothing was saved. `sluice apply` looks first what became of that, and "
                    "so does `sluice state recover`, which changes nothing on the platform. "
                    "Then plan again."
                  : "Nothing was saved. Wait for it to end, and plan again.");
}

}  // namespace sluice::cli
