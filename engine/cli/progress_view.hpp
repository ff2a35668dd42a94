#pragma once

// Shows an apply as it happens. On a terminal the steps that run are lines that change; in a pipe
// there is one line for each event, and a sign of life now and then; with --json the events are
// JSON lines on standard output.

#include "cli/world.hpp"
#include "report/progress.hpp"
#include "run/apply.hpp"

#include <map>
#include <string>

namespace sluice::cli {

class ProgressView {
 public:
  enum class Mode { live, lines, json, silent };

  /// `total` is the number of steps that do something.
  ProgressView(World& world, Mode mode, report::Style style, int total)
      : world_(world), mode_(mode), style_(style), total_(total) {}

  void on_event(const run::ApplyEvent& event);
  /// Redraws what runs; called often, does its work ten times a second at most. In a pipe it tells
  /// what runs when nothing was told for half a minute.
  void on_turn();
  /// A line that belongs to no step.
  void note(const std::string& line);
  /// Takes the changing lines off the screen.
  void end();

 private:
  struct Running {
    report::ProgressEvent event;
    Millis since{0};
  };

  void write_line(const report::ProgressEvent& event);
  void erase();
  void draw();
  /// A line for each step that runs, of `columns` bytes at most, and one that counts.
  std::string running_lines(std::size_t columns) const;

  World& world_;
  Mode mode_;
  report::Style style_;
  int total_;
  int finished_ = 0;
  int drawn_lines_ = 0;
  Millis drawn_at_{0};
  Millis said_at_{0};
  std::map<std::string, Running> running_;  ///< By step.
};

}  // namespace sluice::cli
