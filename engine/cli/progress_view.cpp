#include "cli/progress_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::cli {

namespace {

constexpr Millis kRedraw{100};
// A job that is silent for longer looks dead in a log.
constexpr Millis kSignOfLifeEvery{30'000};
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
  erase();
  if (running) {
    running_.try_emplace(key, Running{shown, world_.clock.monotonic()});
    running_[key].event = shown;
  } else {
    running_.erase(key);
  }
  if (!running || mode_ == Mode::lines) write_line(shown);
  if (mode_ == Mode::live) draw();
}

void ProgressView::on_turn() {
  if (running_.empty()) return;
  const Millis now = world_.clock.monotonic();
  if (mode_ == Mode::live && now - drawn_at_ >= kRedraw) {
    erase();
    draw();
  }
  if (mode_ == Mode::lines && now - said_at_ >= kSignOfLifeEvery) {
    said_at_ = now;
    world_.say(running_lines(std::string::npos));
  }
}

void ProgressView::note(const std::string& line) {
  if (mode_ == Mode::silent || mode_ == Mode::json) return;
  erase();
  said_at_ = world_.clock.monotonic();
  world_.say(line + "\n");
  if (mode_ == Mode::live) draw();
}

void ProgressView::end() {
  erase();
  running_.clear();
}

void ProgressView::write_line(const report::ProgressEvent& event) {
  said_at_ = world_.clock.monotonic();
  world_.say(report::progress_line(event, style_) + "\n");
}

void ProgressView::erase() {
  if (drawn_lines_ == 0) return;
  world_.say(fmt::format("\x1b[{}A\x1b[J", drawn_lines_));
  drawn_lines_ = 0;
}

std::string ProgressView::running_lines(std::size_t columns) const {
  std::string text;
  std::size_t lines = 0;
  const Millis now = world_.clock.monotonic();
  for (const auto& [key, running] : running_) {
    if (++lines > kLinesMax) break;
    const Millis elapsed = now - running.since;
    std::string line = report::progress_line(running.event, {});
    line.resize(std::min(line.find('\n'), line.size()));
    if (elapsed >= Millis(1000)) line += fmt::format(" [{}s]", elapsed.count() / 1000);
    text += line.substr(0, columns) + "\n";
  }
  return text + fmt::format("  {} of {} done, {} running\n", finished_, total_, running_.size());
}

void ProgressView::draw() {
  drawn_at_ = world_.clock.monotonic();
  if (running_.empty()) return;
  // A line that wraps would take two rows of the screen, and `erase` would miss one.
  world_.say(running_lines(world_.columns - 1));
  drawn_lines_ = static_cast<int>(std::min(running_.size(), kLinesMax)) + 1;
}

}  // namespace sluice::cli
