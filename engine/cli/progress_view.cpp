#include "cli/progress_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::cli {

namespace {

constexpr Millis kRedraw{100};
constexpr std::size_t kLinesMax = 8;

using Kind = run::ApplyEvent::Kind;
using ReportKind = report::ProgressEvent::Kind;

ReportKind kind_of(Kind kind) {
  switch (kind) {
    case Kind::started:
      return ReportKind::started;
    case Kind::waiting:
      return ReportKind::waiting;
    case Kind::done:
      return ReportKind::done;
    case Kind::failed:
      return ReportKind::failed;
    case Kind::skipped:
      return ReportKind::skipped;
    case Kind::kept:
      return ReportKind::kept;
  }
  return ReportKind::started;
}

report::ProgressEvent to_report(const run::ApplyEvent& event) {
  report::ProgressEvent result;
  result.kind = kind_of(event.kind);
  result.address = event.address.text();
  result.action = action_name(event.action);
  const bool names_object = event.kind == Kind::done && !event.detail.empty();
  result.detail = names_object ? "id " + event.detail : event.detail;
  result.advice = event.advice;
  result.elapsed_ms = event.elapsed.count();
  return result;
}

}  // namespace

void ProgressView::on_event(const run::ApplyEvent& event) {
  const report::ProgressEvent shown = to_report(event);
  const std::string key = shown.address + (event.deposed ? "~" : "");
  const bool running = event.kind == Kind::started || event.kind == Kind::waiting;
  if (!running) ++finished_;
  if (mode_ == Mode::silent && event.kind != Kind::failed) return;
  if (mode_ == Mode::json) {
    world_.print(report::progress_json(shown) + "\n");
    world_.out.flush();
    return;
  }
  if (mode_ != Mode::live) {
    write_line(shown);
    return;
  }
  erase();
  if (running) {
    running_.try_emplace(key, Running{shown, world_.clock.monotonic()});
    running_[key].event = shown;
  } else {
    running_.erase(key);
    write_line(shown);
  }
  draw();
}

void ProgressView::on_turn() {
  if (mode_ != Mode::live || running_.empty()) return;
  if (world_.clock.monotonic() - drawn_at_ < kRedraw) return;
  erase();
  draw();
}

void ProgressView::end() {
  erase();
  running_.clear();
}

void ProgressView::write_line(const report::ProgressEvent& event) {
  world_.say(report::progress_line(event, style_) + "\n");
}

void ProgressView::erase() {
  if (drawn_lines_ == 0) return;
  world_.say(fmt::format("\x1b[{}A\x1b[J", drawn_lines_));
  drawn_lines_ = 0;
}

void ProgressView::draw() {
  drawn_at_ = world_.clock.monotonic();
  if (running_.empty()) return;
  std::string text;
  std::size_t lines = 0;
  for (const auto& [key, running] : running_) {
    if (lines == kLinesMax) break;
    report::ProgressEvent event = running.event;
    const Millis elapsed = drawn_at_ - running.since;
    std::string line = report::progress_line(event, {});
    if (elapsed >= Millis(1000)) line += fmt::format(" [{}s]", elapsed.count() / 1000);
    // A line that wraps would take two rows of the screen, and `erase` would miss one.
    text += line.substr(0, std::min(line.find('\n'), world_.columns - 1)) + "\n";
    ++lines;
  }
  text += fmt::format("  {} of {} done, {} running\n", finished_, total_, running_.size());
  world_.say(text);
  drawn_lines_ = static_cast<int>(lines) + 1;
}

}  // namespace sluice::cli
