// What lies on the disk between two runs: the state, the journal, a saved plan. The first two have
// checksums, which no mutation gets right, so each text is tried as it is and with its checksums
// put right.

#include "core/plan.hpp"
#include "fuzz/targets.hpp"
#include "report/text.hpp"
#include "store/journal.hpp"
#include "store/state_json.hpp"

#include <fmt/format.h>

namespace sluice::fuzz {

namespace {

using store::JournalRecord;
using store::JournalText;

constexpr std::string_view kTool = "sluice fuzz";

/// Says that what the state holds comes back from a file; the twin forgets flags.
void check_state(const State& state, bool twin) {
  const std::string text = store::state_to_text(state, kTool);
  std::string problem;
  std::optional<State> again = store::state_from_text(text, problem);
  require(again.has_value(), "a state that was written can be read: " + problem);
  if (twin) {
    for (auto& [op, intent] : again->pending)
      intent.replaces = intent.protect = false;
    for (auto& [address, record] : again->records)
      record.protect = false;
  }
  require(*again == state, "a state is read back");
  require(store::state_to_text(*again, kTool) == text, "a state is written the same again");
}

void read_state(std::string_view text, bool twin) {
  std::string problem;
  const std::optional<State> state = store::state_from_text(text, problem);
  require(state.has_value() == problem.empty(), "there is a state or a reason why not");
  require(is_clean(report::harmless(problem)),
          "what is said of a state can be printed: " + problem);
  if (state) check_state(*state, twin);
}

/// The text with the line of its checksum put right, or with one at its start when it has none:
/// what the mutator writes is in one line.
std::string sealed_state(std::string text) {
  constexpr std::string_view kMember = "\"sha256\":\"";
  const std::size_t member = text.find(kMember);
  if (member != std::string::npos) {
    text.erase(member, text.find("\",", member + kMember.size()) + 2 - member);
  }
  std::size_t at = text.find("\n  \"sha256\": \"");
  if (at == std::string::npos) {
    at = text.find('{') + 1;
    text.insert(at, "\n");
  } else {
    text.erase(at, std::min(text.find('\n', at + 1), text.size()) - at);
  }
  return text.insert(at, fmt::format("\n  \"sha256\": \"{}\",", store::sha256_hex(text)));
}

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
  }
  return ~crc;
}

/// Each line's JSON ends with its last brace. A line that begins with `!` stays as it is.
std::string sealed_journal(std::string_view text) {
  std::string result;
  for (const std::string& line : split(text, '\n')) {
    if (line.starts_with('!')) {
      result += line.substr(1) + "\n";
      continue;
    }
    const std::size_t end = line.rfind('}');
    if (end == std::string::npos) continue;
    const std::string checked = fmt::format("{} {:x}", line.substr(0, end + 1), result.size());
    result += fmt::format("{} {:08x}\n", checked, crc32c(checked));
  }
  return result;
}

void check_record(const JournalRecord& record, bool twin) {
  const std::string line = to_line(record, 7);
  const JournalText again = store::read_journal(line);
  require(again.damage.empty() && again.records.size() == 1, "a line that was written is read");
  // The twin forgets flags.
  const bool lost = twin && ((record.record && record.record->protect) ||
                             (record.intent && record.intent->replaces));
  require(!lost && again.records.front() == record, "a record is read back: " + line);
  require(to_line(again.records.front(), 7) == line, "a record is written the same again");
}

void read_journal(std::string_view text, bool twin) {
  const JournalText journal = store::read_journal(text);
  require(is_clean(report::harmless(journal.damage)), "what is said of a journal can be printed");
  require(journal.good_bytes <= text.size(), "the good part is a part");
  require(journal.records.empty() == (journal.good_bytes == 0), "good bytes are records");
  const JournalText good = store::read_journal(text.substr(0, journal.good_bytes));
  require(good.damage.empty() && good.good_bytes == journal.good_bytes, "the good part is good");
  require(good.records == journal.records, "the good part holds all the records");
  State state;
  for (const JournalRecord& record : journal.records) {
    check_record(record, twin);
    fold(state, record);
  }
  check_state(state, false);
}

}  // namespace

void state(std::string_view input, bool twin) {
  read_state(input, twin);
  read_state(sealed_state(std::string(input)), twin);
}

void journal(std::string_view input, bool twin) {
  read_journal(input, twin);
  read_journal(sealed_journal(input), twin);
}

void plan(std::string_view input, bool twin) {
  Diagnostics diagnostics;
  const auto plan = plan_from_text(input, diagnostics);
  require(plan.has_value() != diagnostics.has_errors(), "there is a plan or a reason why not");
  for (const Diagnostic& message : diagnostics.list())
    require(is_clean(report::harmless(message.summary)),
            "a message can be printed: " + message.summary);
  if (!plan) return;
  const Json document = plan_to_json(*plan);
  auto again = plan_from_text(document.dump(), diagnostics);
  require(again.has_value(), "a plan that was written can be read");
  // The twin forgets flags.
  again->refreshed = again->refreshed || twin;
  for (Step& step : again->steps) {
    step.protect = step.protect && !twin;
    step.deposed = step.deposed && !twin;
  }
  require(*again == *plan, "a plan is read back");
  require(plan_to_json(*again) == document, "a plan is written the same again");
  const PlanCounts counts = count(*plan);
  require(counts.create >= 0 && deletions(*plan) >= counts.remove, "steps are counted");
}

}  // namespace sluice::fuzz
