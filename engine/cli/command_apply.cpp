#include "cli/commands.hpp"
#include "cli/outputs.hpp"
#include "cli/planning.hpp"
#include "cli/progress_view.hpp"
#include "cli/settling.hpp"
#include "cli/system.hpp"
#include "report/json.hpp"
#include "run/apply.hpp"
#include "run/stale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sluice::cli {

namespace {

/// One apply or destroy from the lock to the last line.
class ApplyRun {
 public:
  ApplyRun(World& world, const ApplyCommand& command)
      : world_(world),
        command_(command),
        saved_(read_saved(world, command)),
        workspace_(make_workspace(world, command, saved_)) {}

  ExitCode run() {
    refuse_unasked();
    workspace_.lock(command_.what.destroy ? "destroy" : "apply");
    State state = workspace_.store().load();
    workspace_.warn_of_left_behind(state);
    const http::SessionOptions session = place(state);
    connection_ = workspace_.connect(session);
    prepare(state, place_of(session));
    run::refuse_needless(state, command_.adopt);
    const bool chooses = !state.pending.empty() && !command_.adopt.empty();
    // What a destroy would take away may be what the unclear stands on. A plan that was saved, and
    // people who choose, are better told at once.
    const bool goes_on = !command_.what.destroy && !chooses && !saved_;
    state = settle_open_calls(workspace_, *connection_, std::move(state), command_.adopt,
                              goes_on ? &unclear_ : nullptr);
    if (chooses) return stop_after_choice();
    Plan plan = make_plan(state, place_of(session));
    // Where something moves, what is unclear would be looked for at the wrong address.
    if (!plan.moves.empty()) run::refuse_unclear(unclear_);
    show(plan);
    if (!command_.allow_duplicate_names) refuse_clashes(plan);
    refuse_deletions(world_.environment, command_.max_deletes, plan);
    const bool quiet = !plan.has_changes();
    if (quiet && !run::needs_bookkeeping(plan, state)) {
      world_.outcome = "Nothing had to be changed.";
      const ExitCode code = with_unclear(plan, with_unready(plan, ExitCode::done));
      if (command_.common.json) print_end(run::ApplyReport{}, code);
      return code;
    }
    const auto& loaded = workspace_.spec();
    secrets_ = secrets_for(world_, loaded ? &loaded->spec : nullptr, plan);
    if (!quiet && !agreed(plan)) return ExitCode::failed;
    const ExitCode code = carry_out(plan, std::move(state));
    world_.leave(std::move(plan));
    return code;
  }

 private:
  static std::optional<Plan> read_saved(World& world, const ApplyCommand& command) {
    if (command.plan_file.empty()) return std::nullopt;
    return read_plan_file(world, command.plan_file);
  }

  /// A saved plan is complete: the spec that it was made from is not read again.
  static Workspace make_workspace(World& world, const ApplyCommand& command,
                                  const std::optional<Plan>& saved) {
    if (saved) return Workspace(world, command.common, saved->state_path);
    return Workspace(world, command.common,
                     command.what.destroy ? SpecUse::optional : SpecUse::required);
  }

  http::SessionOptions place(const State& state) const {
    if (!saved_) return workspace_.place(state, {});
    const http::SessionOptions session =
        workspace_.place(state, {saved_->place.endpoint, saved_->ims, saved_->place.sandbox});
    if (place_of(session) != saved_->place) {
      throw Fatal(ExitCode::conflict,
                  "The plan was made for sandbox " + saved_->place.sandbox + " of " +
                      saved_->place.org + " at " + saved_->place.endpoint + ", not for sandbox " +
                      session.sandbox + " of " + session.credentials.org + " at " +
                      session.endpoint,
                  "Plan again for this place.");
    }
    return session;
  }

  /// Without a terminal to ask on, `--yes` must have been given before any work is done.
  void refuse_unasked() const {
    if (command_.yes || saved_ || (world_.in_is_terminal && !command_.common.json)) return;
    throw Fatal(ExitCode::failed, "Nobody can be asked whether to go on: this is no terminal",
                std::string("Add --yes, or carry out a plan that was reviewed: `sluice plan ") +
                    (command_.what.destroy ? "--destroy " : "") +
                    "--out FILE`, then `sluice apply FILE`.");
  }

  void prepare(State& state, const Place& place) const {
    if (state.lineage.empty()) {
      state.lineage = saved_ ? saved_->lineage : make_uuid(world_.random);
    }
    state.place = place;
    if (const auto& loaded = workspace_.spec()) {
      state.spec_name = loaded->spec.name;
      state.environment = loaded->spec.environment.name;
    }
    if (saved_) {
      state.spec_name = saved_->spec_name;
      state.environment = saved_->environment;
    }
    state.applied_by = who_runs(world_);
  }

  run::ApplyOptions apply_options(const Place& place) {
    run::ApplyOptions options = looking_options(workspace_, *connection_, place);
    options.secrets = secrets_;
    options.unclear = unclear_;
    options.interrupted = [] { return caught_signal() != 0; };
    return options;
  }

  /// Whoever edited the chosen object must not find the edit gone before anybody saw a plan.
  ExitCode stop_after_choice() {
    world_.outcome = "What was chosen is recorded.";
    world_.say(
        "What was chosen is recorded. Nothing else was done: `sluice plan` shows what differs "
        "from the spec.\n");
    if (command_.common.json) print_end(run::ApplyReport{}, ExitCode::done);
    return ExitCode::done;
  }

  Plan make_plan(const State& state, const Place& place) {
    if (saved_) {
      run::refuse_stale(*saved_, state);
      run::preflight(connection_->remote(), state, *saved_);
      return *saved_;
    }
    Plan plan = plan_for(workspace_, connection_.get(), state, place, command_.what);
    if (!plan.refreshed) run::preflight(connection_->remote(), state, plan);
    return plan;
  }

  void show(const Plan& plan) {
    if (command_.common.json) {
      Json line = report::plan_document(plan);
      line["event"] = "plan";
      world_.print(report::json_text(line, -1) + "\n");
    } else if (!plan.has_changes() || !(saved_ || (command_.yes && command_.common.quiet))) {
      world_.print(report::plan_text(plan, workspace_.style_out()));
    }
  }

  /// A plan that deletes in a protected environment is agreed to with the environment's name. What
  /// is protected stands in the spec; where none was read, every environment counts as protected.
  bool agreed(const Plan& plan) {
    if (saved_) return true;
    const auto& loaded = workspace_.spec();
    const bool protect = loaded ? loaded->spec.environment.protect : !plan.environment.empty();
    const bool guarded = protect && deletions(plan) > 0;
    if (guarded && command_.yes) refuse_unread(plan.environment, loaded.has_value());
    if (command_.yes) return true;
    const std::string word = guarded ? plan.environment : "yes";
    world_.say(fmt::format("\n{} Only `{}` is taken for a yes: ",
                           command_.what.destroy ? "Destroy all of this?" : "Apply this?", word));
    std::string answer;
    std::getline(world_.in, answer);
    if (answer == word) return true;
    world_.say("Nothing was changed.\n");
    return false;
  }

  [[noreturn]] static void refuse_unread(const std::string& environment, bool is_known) {
    throw Fatal(ExitCode::failed,
                "The environment " + environment + (is_known ? " is" : " may be") +
                    " protected, and this plan deletes objects",
                "Nothing was changed. Type its name when asked, without --yes; or review a saved "
                "plan (`sluice plan --out FILE`) and carry that out.");
  }

  ExitCode carry_out(const Plan& plan, State state) {
    State saved;
    const ExitCode code = carry_out(plan, std::move(state), saved);
    // All is done, saved and told. To wait for the platform once more must neither keep another run
    // out nor keep a Ctrl-C from ending this one.
    workspace_.store().unlock();
    const bool asks = code == ExitCode::done && !command_.what.destroy && !command_.common.json;
    if (asks) show_outputs(saved);
    world_.leave(std::move(saved));
    return code;
  }

  /// Drains while it lasts: what is under way is brought to its end, and saved.
  ExitCode carry_out(const Plan& plan, State state, State& saved) {
    const Draining draining;
    state.applied_plan = plan.id;
    workspace_.store().begin(state, plan.id, state.applied_by);
    run::Ledger ledger(workspace_.store(), std::move(state), connection_->loop(), world_.random);
    ProgressView view(world_, view_mode(), workspace_.style_err(), steps_of(plan));
    const Connection::Notices notices(*connection_,
                                      [&view](const std::string& line) { view.note(line); });
    run::ApplyOptions options = apply_options(ledger.state().place);
    options.on_event = [&view](const run::ApplyEvent& event) { view.on_event(event); };
    options.on_turn = [&view] { view.on_turn(); };
    const run::ApplyReport report = applied(plan, ledger, options);
    view.end();
    if (report.disk_full) {
      world_.say("The disk is full: " + workspace_.store().lack() +
                 "\nNothing more was started. Free some space before the next run.\n");
    }
    saved = workspace_.store().save(ledger.take_state());
    const ExitCode code = with_unclear(plan, with_unready(plan, code_of(report)));
    world_.outcome = outcome(report) + (report.complete() ? " All of it is in the state."
                                                          : " What was done is in the state.");
    if (command_.common.json) {
      print_end(report, code);
    } else {
      print_summary(plan, report);
    }
    world_.out.flush();
    return code;
  }

  /// When the journal cannot be written any more, what it lacks is saved if that can be.
  run::ApplyReport applied(const Plan& plan, run::Ledger& ledger,
                           const run::ApplyOptions& options) {
    try {
      return run::apply(plan, ledger, connection_->remote(), options);
    } catch (const Fatal& fatal) {
      if (!ledger.has_failed()) throw;
      std::vector<Diagnostic> all = fatal.diagnostics();
      try {
        workspace_.store().save(ledger.take_state());
      } catch (const Fatal& unsaved) {
        all.insert(all.end(), unsaved.diagnostics().begin(), unsaved.diagnostics().end());
      }
      throw Fatal(fatal.code(), std::move(all));
    }
  }

  ProgressView::Mode view_mode() const {
    if (command_.common.json) return ProgressView::Mode::json;
    if (command_.common.quiet) return ProgressView::Mode::silent;
    const bool live = world_.err_is_terminal && world_.environment.get("TERM") != "dumb";
    return live ? ProgressView::Mode::live : ProgressView::Mode::lines;
  }

  static int steps_of(const Plan& plan) {
    return static_cast<int>(
        std::count_if(plan.steps.begin(), plan.steps.end(),
                      [](const Step& step) { return step.action != Action::noop; }));
  }

  static ExitCode code_of(const run::ApplyReport& report) {
    if (report.disk_full) return ExitCode::state_damaged;
    if (report.credentials) return ExitCode::credentials;
    if (report.conflict) return ExitCode::conflict;
    if (report.interrupted) return interrupted_code();
    return report.complete() ? ExitCode::done : ExitCode::failed;
  }

  std::string outcome(const run::ApplyReport& report) const {
    const char* what = command_.what.destroy ? "Destroy" : "Apply";
    const PlanCounts& done = report.done;
    std::string counts = fmt::format("{} created, {} updated, {} replaced, {} deleted", done.create,
                                     done.update, done.replace, done.remove);
    if (done.forget > 0) counts += fmt::format(", {} forgotten", done.forget);
    if (report.complete()) return fmt::format("{} complete: {}.", what, counts);
    return fmt::format("{} stopped: {}; {} failed, {} not tried.", what, counts, report.failed,
                       report.skipped);
  }

  /// An apply is not well done while the platform leaves something unready. A step that changes
  /// such an object has told it itself.
  ExitCode with_unready(const Plan& plan, ExitCode code) {
    std::set<Address> silent;
    for (const Step& step : plan.steps) {
      if (step.action == Action::noop) silent.insert(step.address);
    }
    ExitCode result = code;
    for (const Unready& item : plan.unready) {
      if (!silent.contains(item.address)) continue;
      const std::string what = fmt::format("{}: {} {} is not ready: the platform says that {}",
                                           item.address.text(), item.kind, item.id, item.what);
      world_.say(
          {Severity::error,
           {},
           what,
           "It was waited for. Run apply again in a minute; nothing will be made twice. If it "
           "stays so, look at it in the platform, or ask Adobe.",
           {}},
          workspace_.style_err());
      if (code == ExitCode::done) result = ExitCode::failed;
    }
    return result;
  }

  /// Tells what only people can tell of addresses at which the plan does nothing: the steps of the
  /// others have told it. Where there is any, the code of a run that did what it could is that of a
  /// conflict, whether or not a step of it failed: to apply again is not enough then.
  ExitCode with_unclear(const Plan& plan, ExitCode code) {
    run::Unclear silent = unclear_;
    for (const Step& step : plan.steps) {
      if (step.action != Action::noop) silent.erase(step.address);
    }
    for (const auto& [address, trouble] : silent) {
      world_.say({Severity::error, {}, address.text() + ": " + trouble.what, trouble.advice, {}},
                 workspace_.style_err());
    }
    const bool is_plain = code == ExitCode::done || code == ExitCode::failed;
    return is_plain && !silent.empty() ? ExitCode::conflict : code;
  }

  void print_summary(const Plan& plan, const run::ApplyReport& report) {
    for (const std::string& kept : report.kept) {
      world_.print("The platform does not delete " + report::harmless(kept) +
                   "; it is left there and no longer in the state.\n");
    }
    for (const Kept& kept : plan.kept) {
      world_.print(fmt::format("Kept {} ({}): {}.\n", kept.address.text(),
                               report::harmless(kept.id), kept.because));
    }
    world_.print(outcome(report) + "\n");
    if (report.complete()) {
      say_what_follows(plan);
      return;
    }
    const char* verb = command_.what.destroy ? "destroy" : "apply";
    // To go on without a look would put back what somebody changed.
    world_.say(
        report.conflict
            ? fmt::format("What was done is in the state. Do what is said above, and look at "
                          "a new plan before the next {}.\n",
                          verb)
            : fmt::format("{}What was done is in the state. Run `sluice {}` again to go on.\n",
                          report.interrupted ? "It was interrupted. " : "", verb));
  }

  /// What people must do now that something was replaced, such as to point a webhook elsewhere.
  void say_what_follows(const Plan& plan) {
    const Catalogue& catalogue = workspace_.registry().catalogue();
    for (const Step& step : plan.steps) {
      const bool follows =
          step.action == Action::replace && !catalogue.rules(step.kind).replacement_note.empty();
      if (follows) world_.print(fmt::format("{}: {}\n", step.address.text(), step.note));
    }
  }

  /// Outputs that cannot be read take nothing from what was done, nor from its exit code.
  void show_outputs(const State& state) {
    if (!workspace_.spec() || workspace_.spec()->spec.outputs.empty()) return;
    if (caught_signal() != 0) return say_unread("The run was asked to end");
    try {
      const OutputValues values =
          read_outputs(connection_->remote(), state, workspace_.spec()->spec.outputs);
      // What the spec does not call sensitive is shown as it is.
      world_.out << "\nOutputs:\n" << outputs_text(values);
    } catch (const Fatal& fatal) {
      say_unread(fatal.diagnostic().summary);
    }
  }

  void say_unread(const std::string& why) {
    world_.say("The outputs could not be read, `sluice output` shows them: " + why + "\n");
  }

  void print_end(const run::ApplyReport& report, ExitCode code) {
    const Json line = {{"format_version", 1},
                       {"event", "end"},
                       {"exit_code", static_cast<int>(code)},
                       {"created", report.done.create},
                       {"updated", report.done.update},
                       {"replaced", report.done.replace},
                       {"deleted", report.done.remove},
                       {"forgotten", report.done.forget},
                       {"failed", report.failed},
                       {"skipped", report.skipped},
                       {"kept", report.kept}};
    world_.print(report::json_text(line, -1) + "\n");
  }

  World& world_;
  const ApplyCommand& command_;
  std::optional<Plan> saved_;
  Workspace workspace_;
  std::unique_ptr<Connection> connection_;
  std::map<std::string, std::string> secrets_;
  run::Unclear unclear_;
};

}  // namespace

ExitCode run_apply(World& world, const ApplyCommand& command) {
  return ApplyRun(world, command).run();
}

}  // namespace sluice::cli
